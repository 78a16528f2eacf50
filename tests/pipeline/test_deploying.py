"""
`deploy` against the local org: what arrives, what is refused, and in whose words.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from lxml import etree

from migrator.emulator.server import OrgSettings, RunningOrg, start_org
from migrator.errors import DecisionNeeded, DeploymentRefused
from migrator.model.consent import Consent
from migrator.model.mapping import Mapping, ParentLink, Status
from migrator.model.migration import Migration
from migrator.model.progress import Silent
from migrator.model.treatment import Treatment
from migrator.org.session import Org, open_org
from migrator.rules.target.objects import build_target
from migrator.rundir.layout import RunDirectory, shipped_folder
from migrator.steps.deploy.deploy import (
    DeployOutcome,
    deploy,
    require_arrived,
)
from migrator.steps.generate import generate
from migrator.steps.workspace import Workspace
from tests.builders.mappings import (
    a_field,
    a_key,
    a_mapped_object,
    a_mapping,
    a_name,
    a_parent,
)
from tests.builders.workspaces import a_workspace, signed
from tests.golden.cases import CASES

OURS, THEIRS = Migration(id="0a1b2c3d"), Migration(id="ffffffff")
MAPPING = a_mapping(
    a_mapped_object(a_key(), a_name(), a_field()),
    a_mapped_object(a_key(), a_name(), a_parent(), name="Line", label="Invoice Line"),
)


def _served(settings: OrgSettings) -> Iterator[tuple[RunningOrg, Org]]:
    with start_org(settings) as running:
        environ = {"SF_ACCESS_TOKEN": running.token}
        with open_org(running.url, environ=environ, ceiling="66.0") as org:
            yield running, org


@pytest.fixture(scope="module")
def describes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample describes, and those of source objects that only these tests have."""
    folder = tmp_path_factory.mktemp("described") / "describes"
    shutil.copytree(shipped_folder("sample_describes"), folder)
    known = json.loads((folder / "ONB2__TaxDetail__c.json").read_text("utf-8"))
    for name, prefix in (("ONB2__Line__c", "a9Y"), ("ONB2__Bill__c", "a9Z")):
        made = {"name": name, "keyPrefix": prefix, "fields": known["fields"][:9]}
        (folder / f"{name}.json").write_text(json.dumps(known | made), "utf-8")
    return folder


@pytest.fixture
def served(describes: Path) -> Iterator[tuple[RunningOrg, Org]]:
    """A small developer org."""
    yield from _served(OrgSettings(invoices=2, describes=describes))


@pytest.fixture
def org(served: tuple[RunningOrg, Org]) -> Org:
    """The same, signed in."""
    return served[1]


@pytest.fixture(scope="module")
def untouched_org(describes: Path) -> Iterator[Org]:
    """One org for all tests that only validate."""
    for _, signed_in in _served(OrgSettings(invoices=2, describes=describes)):
        yield signed_in


def _opened(
    folder: Path, mapping: Mapping = MAPPING, migration: Migration = OURS
) -> Workspace:
    run = RunDirectory(folder)
    listed = tuple(each.source for each in mapping.objects)
    migration = replace(migration, objects=listed)
    return a_workspace(run, signed(mapping, run), migration=migration)


def _deployed(
    org: Org,
    folder: Path,
    mapping: Mapping = MAPPING,
    *,
    migration: Migration = OURS,
    execute: bool = True,
    junit: Path | None = None,
    **allowed: object,
) -> DeployOutcome:
    return deploy(
        _opened(folder, mapping, migration),
        org=org,
        consent=Consent(
            execute=execute,
            **allowed,  # type: ignore[arg-type]
        ),
        progress=Silent(),
        junit=junit,
    )


def test_validation_puts_nothing_into_the_org(org: Org, tmp_path: Path) -> None:
    """Without execute the org only checks, approved or not."""
    waiting = a_field(status=Status.PROPOSED)
    mapping = a_mapping(a_mapped_object(a_key(), a_name(), waiting))
    outcome = _deployed(org, tmp_path, mapping, execute=False)
    assert outcome.report.success
    assert not outcome.executed
    assert outcome.report.components > 0
    assert "Invoice__c" not in org.tooling.custom_object_names()


def test_execution_puts_every_component_there(org: Org, tmp_path: Path) -> None:
    """Objects, fields and permission sets are in the org, with our mark."""
    outcome = _deployed(org, tmp_path)
    assert outcome.executed
    for mapped in MAPPING.objects:
        made = set(org.tooling.custom_fields(mapped.target))
        assert made >= set(mapped.made_fields)
    names = ["Invoice_Archive_Reader", "Invoice_Archive_Loader"]
    found = org.deployment.read_components("PermissionSet", names)
    assert sorted(found) == sorted(names)
    assert all(each.description.endswith(OURS.marker) for each in found.values())


def test_deploying_twice_is_fine(org: Org, tmp_path: Path) -> None:
    """The same mapping again creates nothing new and refuses nothing."""
    first = _deployed(org, tmp_path)
    again = _deployed(org, tmp_path)
    assert first.report.created
    assert again.report.success
    assert not again.report.created


@pytest.mark.parametrize("case", CASES)
def test_the_org_takes_every_golden_case(
    untouched_org: Org, tmp_path: Path, case: str
) -> None:
    """What the golden folders show is what an org accepts."""
    outcome = _deployed(untouched_org, tmp_path, CASES[case], execute=False)
    assert outcome.report.success


def test_a_master_detail_can_be_deployed(org: Org, tmp_path: Path) -> None:
    """The other kind of parent link arrives as well."""
    line = a_mapped_object(
        a_key(), a_name(), a_parent(link=ParentLink.MASTER_DETAIL), name="Line"
    )
    mapping = a_mapping(a_mapped_object(a_key(), a_name()), line)
    assert _deployed(org, tmp_path, mapping).report.success


def test_success_is_not_believed_without_looking(
    untouched_org: Org,
) -> None:
    """Fields that the Tooling API does not show after a success are named."""
    target = build_target(MAPPING, OURS)
    with pytest.raises(DeploymentRefused, match=r"Invoice__c\.Note__c"):
        require_arrived(untouched_org, target)


def test_files_that_differ_from_what_is_sent_are_a_finding(
    untouched_org: Org, tmp_path: Path
) -> None:
    """People review force-app/, the org gets the mapping: both ought to be the same."""
    outcome = _deployed(untouched_org, tmp_path, execute=False)
    assert [each.code for each in outcome.findings] == ["generated-files-outdated"]
    generate(_opened(tmp_path), check=False)
    assert _deployed(untouched_org, tmp_path, execute=False).findings == ()


class _Heard:
    """A listener that remembers."""

    def __init__(self) -> None:
        self.titles: list[str] = []
        self.total = self.done = 0

    @contextmanager
    def task(self, title: str, total: int | None = None) -> Iterator[_Heard]:
        """One task at a time."""
        self.titles.append(title)
        self.total, self.done = total or 0, 0
        yield self

    def advance(self, count: int) -> None:
        """Counted."""
        self.done += count

    def refuse(self, count: int) -> None:
        """Dropped."""
        del count

    def expect(self, total: int) -> None:
        """Kept."""
        self.total = total

    def note(self, text: str) -> None:
        """Dropped."""
        del text


def test_progress_ends_at_the_last_component(org: Org, tmp_path: Path) -> None:
    """Both rounds are announced, and each counts up to its total."""
    heard = _Heard()
    deploy(_opened(tmp_path), org=org, consent=Consent(execute=True), progress=heard)
    assert heard.titles == ["validating", "deploying"]
    assert heard.done == heard.total > 0


def _clashing() -> Mapping:
    """A related list that Account has already, from another migration."""
    account = a_field(
        "Account__c",
        "Lookup(Account)",
        treatment=Treatment.LOOKUP,
        label="Account",
        relationship="Archived_Bills",
    )
    return a_mapping(a_mapped_object(a_key(), a_name(), account))


def _with_a_clash(org: Org, folder: Path) -> Mapping:
    theirs = _clashing().objects[0]
    other = a_mapped_object(*theirs.fields, name="Bill", label="Bill")
    _deployed(org, folder, a_mapping(other), migration=THEIRS)
    return _clashing()


def test_a_refusal_names_place_component_words_and_entry(
    org: Org, tmp_path: Path
) -> None:
    """Whoever reads the message knows which entry of the mapping to mend."""
    mapping = _with_a_clash(org, tmp_path)
    with pytest.raises(DeploymentRefused) as caught:
        _deployed(org, tmp_path, mapping)
    message = caught.value.message
    assert "objects/Invoice__c.object:" in message
    assert "CustomField Invoice__c.Account__c: " in message
    assert "There is already a Child Relationship named Archived_Bills" in message
    assert "(mapping.yaml: ONB2__Invoice__c.ONB2__Account__c)" in message
    assert "Invoice__c" not in org.tooling.custom_object_names()


def test_the_result_is_written_for_ci(org: Org, tmp_path: Path) -> None:
    """One test case per component; the refused one carries the org's words."""
    junit = tmp_path / "report" / "deploy.junit.xml"
    _deployed(org, tmp_path, junit=junit)
    suite = etree.fromstring(junit.read_bytes())[0]
    assert suite.get("name") == "deploy"
    assert suite.get("failures") == "0"
    names = [case.get("name") for case in suite]
    assert "Line__c.Invoice__c" in names
    assert "Invoice_Archive_Reader" in names


def test_a_refusal_is_written_for_ci(org: Org, tmp_path: Path) -> None:
    """The file is there although the verb failed."""
    mapping = _with_a_clash(org, tmp_path)
    junit = tmp_path / "out.xml"
    with pytest.raises(DeploymentRefused):
        _deployed(org, tmp_path, mapping, junit=junit)
    root = etree.fromstring(junit.read_bytes())
    failed = root.findall(".//testcase[failure]")
    assert "Invoice__c.Account__c" in [case.get("name") for case in failed]
    assert root[0].get("name") == "validate"


def test_unapproved_entries_wait_for_a_person(org: Org, tmp_path: Path) -> None:
    """Counted, with the way out for a rehearsal; changed counts as unapproved."""
    fields = (
        a_key(),
        a_name(),
        a_field("A__c", status=Status.PROPOSED),
        a_field("B__c", status=Status.CHANGED),
    )
    mapping = a_mapping(a_mapped_object(*fields))
    with pytest.raises(DecisionNeeded) as caught:
        _deployed(org, tmp_path, mapping)
    assert caught.value.message.startswith("2 of 4 mapping entries are not approved")
    assert "--allow-unreviewed" in caught.value.hint
    assert "Invoice__c" not in org.tooling.custom_object_names()
    outcome = _deployed(org, tmp_path, mapping, allow_unreviewed=True)
    assert outcome.executed
    (finding,) = (each for each in outcome.findings if each.code == "unreviewed")
    assert finding.message == caught.value.message


def test_a_component_of_somebody_else_is_not_touched(org: Org, tmp_path: Path) -> None:
    """Another migration's object stays as it is, and is named."""
    _deployed(org, tmp_path, migration=THEIRS)
    for execute in (False, True):
        with pytest.raises(DecisionNeeded) as caught:
            _deployed(org, tmp_path, execute=execute)
        assert "Invoice__c" in caught.value.message
    found = org.deployment.read_components("CustomObject", ["Invoice__c"])
    assert found["Invoice__c"].description.endswith(THEIRS.marker)


def test_a_production_org_wants_its_name(describes: Path, tmp_path: Path) -> None:
    """Validation is free, the first write needs the name."""
    settings = OrgSettings(
        invoices=2,
        describes=describes,
        organization_type="Enterprise Edition",
        organization_name="Acme",
    )
    for _, production in _served(settings):
        assert _deployed(production, tmp_path, execute=False).report.success
        for name in (None, "Acne"):
            with pytest.raises(DecisionNeeded):
                _deployed(production, tmp_path, yes_production=name)
        assert "Invoice__c" not in production.tooling.custom_object_names()
        assert _deployed(production, tmp_path, yes_production="Acme").executed


def test_an_older_org_is_spoken_to_in_its_own_version(
    describes: Path, tmp_path: Path
) -> None:
    """The manifest never asks for a version that the org does not know."""
    settings = OrgSettings(invoices=2, describes=describes, max_version=63)
    for _, old in _served(settings):
        assert old.facts.api_version == "63.0"
        assert _deployed(old, tmp_path).report.success
