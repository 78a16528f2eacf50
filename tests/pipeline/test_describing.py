"""
Step `describe` against a local org: what is kept, what is hidden, what has changed.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from migrator.documents.describe.describe import parse_describe
from migrator.documents.describe.object import parse_definitions
from migrator.documents.describe.org_facts import parse_org_facts
from migrator.documents.metadata.bundle import make_bundle
from migrator.emulator.server import OrgSettings, RunningOrg, start_org
from migrator.model.finding import Finding, Level
from migrator.model.migration import Migration, Naming
from migrator.model.names import ApiName
from migrator.model.progress import Silent
from migrator.rules.target.permission_sets import SOURCE_READER
from migrator.rundir.layout import RunDirectory
from migrator.steps.describe.describe import DescribeOutcome, describe
from tests.builders.workspaces import a_workspace
from tests.conftest import Invoke
from tests.metadata_schema import installed_schema, violations
from tests.pipeline.conftest import Client
from tests.pipeline.signed_in import sign_in, with_archive

INVOICE = ApiName("ONB2__Invoice__c")
MIGRATION = Migration(id="0a1b2c3d")
LAYOUT = "layouts/ONB2__Invoice__c-ONB2__Invoice Layout.layout"
VALUE_SET = "globalValueSets/ONB2__PaymentMethods.globalValueSet"
CHANGES = {"describe-changed", "layout-changed"}


def described(
    running: RunningOrg, root: Path, migration: Migration = MIGRATION
) -> DescribeOutcome:
    """
    The outcome of `describe` into *root*.
    """
    with sign_in(running) as org:
        return describe(
            a_workspace(RunDirectory(root), migration=migration),
            org=org,
            progress=Silent(),
        )


def files(root: Path) -> dict[str, bytes]:
    """
    Every describe file with its bytes.
    """
    folder = root / "describes"
    return {path.name: path.read_bytes() for path in folder.glob("*.json")}


def definitions(root: Path) -> dict[str, bytes]:
    """
    Every metadata file with its bytes.
    """
    folder = root / "describes" / "metadata"
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*.*")
    }


def client(running: RunningOrg) -> Client:
    """
    Plain REST, for tampering.
    """
    return Client(running.url, running.token)


def hide(running: RunningOrg, field: str) -> None:
    """
    Take field-level security for *field* away from every permission set.
    """
    rest = client(running)
    rows = rest.query(f"SELECT Id FROM FieldPermissions WHERE Field = '{field}'")  # noqa: S608
    assert rows
    for row in rows:
        rest.request("DELETE", f"/sobjects/FieldPermissions/{row['Id']}")


def test_migrated_objects_and_their_neighbours_are_kept(
    local_org: RunningOrg, tmp_path: Path
) -> None:
    """One file each, as received, and the facts of the org."""
    outcome = described(local_org, tmp_path)
    assert outcome.hidden == ()
    assert outcome.objects[:4] == MIGRATION.objects
    assert {"Account", "User", "ONB2__InvoiceRun__c"} <= set(outcome.objects)
    assert set(files(tmp_path)) == {f"{n}.json" for n in outcome.objects} | {"org.json"}
    kept = json.loads(files(tmp_path)[f"{INVOICE}.json"])
    with sign_in(local_org) as org:
        assert kept == org.describe(INVOICE)
    parsed, _ = parse_describe(json.dumps(kept), file=f"{INVOICE}.json")
    assert parsed.name == INVOICE


def test_the_facts_of_the_org_are_kept(local_org: RunningOrg, tmp_path: Path) -> None:
    """Written and read back alike."""
    outcome = described(local_org, tmp_path)
    text = (tmp_path / "describes" / "org.json").read_text(encoding="utf-8")
    assert parse_org_facts(text, file="org.json") == outcome.facts
    assert outcome.facts.org_id == local_org.org.id
    assert outcome.facts.api_version == "66.0"
    assert "EUR" in outcome.facts.currencies
    assert outcome.facts.taken_names == ()


def test_the_same_org_gives_the_same_bytes(
    local_org: RunningOrg, tmp_path: Path
) -> None:
    """Describing twice changes nothing and says so."""
    described(local_org, tmp_path)
    before = files(tmp_path)
    again = described(local_org, tmp_path)
    assert files(tmp_path) == before
    assert again.findings == ()


def test_a_hidden_field_is_a_blocker(local_org: RunningOrg, tmp_path: Path) -> None:
    """Named with object, field and remedy; everything else is written all the same."""
    hide(local_org, "ONB2__Invoice__c.ONB2__AccountName__c")
    outcome = described(local_org, tmp_path)
    (found,) = outcome.hidden
    assert found.level is Level.BLOCKER
    assert found.where == "ONB2__Invoice__c.ONB2__AccountName__c"
    assert "permission set" in found.remedy
    assert "ONB2__AccountName__c" not in files(tmp_path)[f"{INVOICE}.json"].decode()


def test_a_field_hidden_since_is_not_called_gone(
    local_org: RunningOrg, tmp_path: Path
) -> None:
    """The change names it as hidden, beside the blocker."""
    described(local_org, tmp_path)
    hide(local_org, "ONB2__Invoice__c.ONB2__AccountName__c")
    outcome = described(local_org, tmp_path)
    assert len(outcome.hidden) == 1
    (change,) = [e for e in outcome.findings if e.code == "describe-changed"]
    assert change.field == "ONB2__AccountName__c"
    assert change.message.endswith("it is hidden")


def test_an_object_out_of_sight_is_a_blocker(
    local_org: RunningOrg, tmp_path: Path
) -> None:
    """It exists, says Tooling; the user may not see it, says the describe."""
    rest = client(local_org)
    rows = rest.query(
        "SELECT Id FROM ObjectPermissions WHERE SobjectType = 'ONB2__TaxDetail__c'"
    )
    for row in rows:
        rest.request("DELETE", f"/sobjects/ObjectPermissions/{row['Id']}")
    outcome = described(local_org, tmp_path)
    (found,) = outcome.hidden
    assert found.object == "ONB2__TaxDetail__c"
    assert "exists in the org" in found.message
    assert "ONB2__TaxDetail__c.json" not in files(tmp_path)


def test_an_object_that_is_nowhere_is_a_blocker(
    local_org: RunningOrg, tmp_path: Path
) -> None:
    """Told apart from one that is only hidden."""
    migration = Migration(id="1", objects=(INVOICE, ApiName("ONB2__Nothing__c")))
    (found,) = described(local_org, tmp_path, migration).hidden
    assert "does not exist" in found.message


def test_changes_since_the_last_describe_are_told(
    local_org: RunningOrg, tmp_path: Path
) -> None:
    """New, gone and changed fields, each by name."""
    described(local_org, tmp_path)
    path = tmp_path / "describes" / f"{INVOICE}.json"
    kept = json.loads(path.read_text(encoding="utf-8"))
    gone, changed, new = kept["fields"][3:6]
    kept["fields"].remove(new)
    changed["length"] += 1
    kept["fields"].append(gone | {"name": "Old__c"})
    path.write_text(json.dumps(kept), encoding="utf-8")
    told = {
        each.field: each.message for each in described(local_org, tmp_path).findings
    }
    assert set(told) == {"Old__c", changed["name"], new["name"]}
    assert "gone" in told[ApiName("Old__c")]
    assert "length" in told[changed["name"]]
    assert "new" in told[new["name"]]


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"fields": [1]}', "\x00"])
def test_a_file_that_is_no_describe_is_replaced(
    local_org: RunningOrg, tmp_path: Path, content: str
) -> None:
    """Whatever stood there before."""
    path = tmp_path / "describes" / f"{INVOICE}.json"
    path.parent.mkdir()
    path.write_text(content, encoding="utf-8")
    findings: tuple[Finding, ...] = described(local_org, tmp_path).findings
    assert findings == ()
    assert json.loads(path.read_text(encoding="utf-8"))["name"] == INVOICE


def test_names_that_others_carry_are_taken(tmp_path: Path) -> None:
    """The customer's own Invoice__c is; our own from an earlier run is not."""
    with start_org(OrgSettings(own_objects=True, invoices=1)) as running:
        assert described(running, tmp_path).facts.taken_names == ("Invoice__c",)


def test_our_own_objects_are_not_taken(local_org: RunningOrg, tmp_path: Path) -> None:
    """Until another migration, with another marker, asks."""
    with_archive(sign_in(local_org)).close()
    assert described(local_org, tmp_path).facts.taken_names == ()
    other = Migration(id="ffffffff", naming=Naming(prefix="X"))
    assert described(local_org, tmp_path, other).facts.taken_names == ("Invoice__c",)


def test_what_describe_hides_is_kept_beside_it(
    local_org: RunningOrg, tmp_path: Path
) -> None:
    """
    One file for each migrated object: roll-ups, hidden formulas, child relationship
    names, values nobody can choose; the same bytes when nothing has changed.
    """
    described(local_org, tmp_path)
    first = definitions(tmp_path)
    assert set(first) == {f"{name}.object" for name in MIGRATION.objects} | {
        LAYOUT,
        VALUE_SET,
    }
    invoice = first[f"{INVOICE}.object"]
    assert invoice.startswith(b'<?xml version="1.0" encoding="UTF-8"?>\n<CustomObject')
    assert b"<isActive>false</isActive>" in invoice
    assert b"<relationshipName>Invoices</relationshipName>" in invoice
    fields = parse_definitions(invoice, file="invoice")
    known = {each.name: each for each in fields}
    assert len(known) > 100
    assert known[ApiName("ONB2__BuyerReference__c")].help_text
    assert known[ApiName("ONB2__DaysOverdue__c")].formula
    assert {v.active for v in known[ApiName("ONB2__Type__c")].values} == {True, False}
    again = described(local_org, tmp_path)
    assert definitions(tmp_path) == first
    assert [each for each in again.findings if each.code in CHANGES] == []


def test_a_change_of_the_metadata_is_said(
    local_org: RunningOrg, tmp_path: Path
) -> None:
    """The field is named; `plan` is the next step."""
    described(local_org, tmp_path)
    path = tmp_path / "describes" / "metadata" / f"{INVOICE}.object"
    text = path.read_text("utf-8")
    assert "Leitweg-ID" in text
    path.write_text(text.replace("Leitweg-ID", "Routing id"), "utf-8")
    changed = [
        each.field
        for each in described(local_org, tmp_path).findings
        if each.code == "describe-changed"
    ]
    assert changed == ["ONB2__BuyerReference__c"]


def test_a_change_of_layout_list_or_value_set_is_said(
    local_org: RunningOrg, tmp_path: Path
) -> None:
    """Changed, new and gone, each by name; the files are then the org's again."""
    described(local_org, tmp_path)
    first = definitions(tmp_path)
    folder = tmp_path / "describes" / "metadata"
    changed = folder / LAYOUT
    changed.write_text(changed.read_text("utf-8").replace("Amounts", "Sums"), "utf-8")
    (folder / "layouts" / "ONB2__Invoice__c-Old.layout").write_bytes(first[LAYOUT])
    (folder / VALUE_SET).unlink()
    invoice = folder / f"{INVOICE}.object"
    text = invoice.read_text("utf-8")
    invoice.write_text(text.replace("<label>Overdue<", "<label>Late<"), "utf-8")
    said = sorted(
        each.message
        for each in described(local_org, tmp_path).findings
        if each.code in CHANGES
    )
    assert [each.replace("at the last describe", "before") for each in said] == [
        "the layout ONB2__Invoice__c-ONB2__Invoice Layout is other than before",
        "the layout ONB2__Invoice__c-Old was there before and is gone",
        "the list view ONB2__Invoice__c.ONB2__Overdue has other metadata than before",
        "the value set ONB2__PaymentMethods is new since the last describe",
    ]
    assert definitions(tmp_path) == first


def test_without_the_right_to_read_metadata_the_loss_is_said(
    local_org: RunningOrg, tmp_path: Path
) -> None:
    """Describes are kept, nothing ends; the finding says what is not known."""
    rest = client(local_org)
    (row,) = rest.query(
        "SELECT Id FROM PermissionSet WHERE PermissionsModifyMetadata = true"
    )
    rest.request(
        "PATCH",
        f"/sobjects/PermissionSet/{row['Id']}",
        {"PermissionsModifyMetadata": False},
    )
    outcome = described(local_org, tmp_path)
    (finding,) = [e for e in outcome.findings if e.code == "definitions-unread"]
    assert "roll-ups" in finding.message
    assert "Modify Metadata" in finding.remedy
    assert not (tmp_path / "describes" / "metadata").exists()
    assert files(tmp_path)


def test_what_hangs_on_the_objects_is_described_when_asked_for(
    local_org: RunningOrg, tmp_path: Path, invoke: Invoke
) -> None:
    """From the invoice alone to its statements; `plan --related` takes them all."""
    environ = {"SF_ACCESS_TOKEN": local_org.token}
    invoke("-C", tmp_path, "init")
    file = tmp_path / "migration.yaml"
    text = file.read_text("utf-8")
    for name in MIGRATION.objects[1:]:
        text = text.replace(f"  - {name}\n", "")
    file.write_text(text, "utf-8")
    words = ("describe", "--org", local_org.url, "--related")
    assert invoke("-C", tmp_path, *words, env=environ).code == 0
    assert {"ONB2__DunningDetail__c.json", "ONB2__Dunning__c.json"} <= set(
        files(tmp_path)
    )
    assert "ONB2__Dunning__c.object" in definitions(tmp_path)
    planned = invoke("-C", tmp_path, "plan", "--related")
    assert planned.code == 0, planned.text
    mapping = (tmp_path / "mapping.yaml").read_text("utf-8")
    for short in ("Balance", "TaxDetail", "DunningDetail", "Dunning"):
        assert f"source: ONB2__{short}__c\n" in mapping
    assert invoke("-C", tmp_path, "generate").code == 0


def test_a_permission_set_that_sees_everything_is_offered(
    local_org: RunningOrg, tmp_path: Path
) -> None:
    """Deployed and assigned as it lies there, it brings the hidden field to light."""
    hide(local_org, f"{INVOICE}.ONB2__UUID__c")
    (blocker,) = described(local_org, tmp_path).hidden
    assert "setup/" in blocker.remedy
    folder = tmp_path / "setup"
    sent = {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }
    assert violations(sent, installed_schema()) == []
    with sign_in(local_org) as org:
        report = org.deployment.deploy(make_bundle(sent), check_only=False)
        assert report.success, report.errors
        assert org.access.assign(SOURCE_READER, org.facts.user_id)
    assert described(local_org, tmp_path).hidden == ()
