"""
`reconcile` against the local org: a copy made by other means, then damaged.
"""

from __future__ import annotations

import csv
import json
import stat
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from migrator.documents.describe.describe import parse_describe
from migrator.emulator.server import OrgSettings, RunningOrg, start_org
from migrator.errors import DecisionNeeded
from migrator.model.consent import Consent
from migrator.model.describe import ObjectDescribe
from migrator.model.field_type import FieldType
from migrator.model.finding import Level
from migrator.model.kinds.table import Kind
from migrator.model.mapping import ORIGIN_ID, MappedObject, Mapping
from migrator.model.migration import Migration
from migrator.model.names import ApiName
from migrator.model.progress import Silent
from migrator.model.treatment import Treatment
from migrator.model.verdict import Damage, Loss, Result
from migrator.org.session import Org, open_org
from migrator.org.soql import literal
from migrator.rules.plan.proposal import plan
from migrator.rules.reconcile import one_frame, source_columns
from migrator.rules.target.permission_sets import permission_set_names
from migrator.rundir.layout import RunDirectory, shipped_folder
from migrator.steps.deploy.deploy import deploy
from migrator.steps.extract import extract
from migrator.steps.reconcile.reconcile import ReconcileOutcome, reconcile
from tests.builders.workspaces import a_workspace

MIGRATION = Migration(id="0a1b2c3d")
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
Row = dict[str, str | None]


@dataclass(frozen=True)
class Copied:
    """
    An org whose records were copied without the program's own copy.
    """

    org: Org
    running: RunningOrg
    run: RunDirectory
    mapping: Mapping

    def reconciled(self, mapping: Mapping | None = None) -> ReconcileOutcome:
        """
        The verdict now.
        """
        return reconcile(
            a_workspace(self.run, mapping or self.mapping, migration=MIGRATION),
            org=self.org,
            progress=Silent(),
            allow_unreviewed=True,
            now=lambda: NOON,
        )

    def report(self) -> dict[str, Any]:
        """
        What `report/reconciliation.json` says.
        """
        text = (self.run.report / "reconciliation.json").read_text("utf-8")
        content: dict[str, Any] = json.loads(text)
        return content

    def one(self, object_: str, *fields: str) -> dict[str, Any]:
        """
        The first copied record of *object_* in the order of its origin.
        """
        wanted = ", ".join(["Id", ORIGIN_ID, *fields])
        soql = f"SELECT {wanted} FROM {object_} ORDER BY {ORIGIN_ID} LIMIT 1"  # noqa: S608
        return self.org.soql.query(soql)[0]

    def write(self, object_: str, record: dict[str, Any], **values: Any) -> None:
        """
        Other *values* in one copied record, as somebody with a mouse might do it.
        """
        row = {str(ORIGIN_ID): record[ORIGIN_ID], **values}
        failed = self.org.collections.upsert_rows(ApiName(object_), ORIGIN_ID, [row])
        assert not failed


DESCRIBED_TOO_SMALL = ApiName("ONB2__PosTotalNet__c")
"""A formula whose values have more places than its describe says."""


def planned(scale: int = 5) -> Mapping:
    """
    The proposal for the sample describes, one formula with *scale* places.
    """
    proposal = plan(described(), MIGRATION)
    objects = [
        replace(
            mapped,
            fields=tuple(
                replace(entry, type=FieldType.parse(f"Currency(18, {scale})"))
                if entry.source == DESCRIBED_TOO_SMALL
                else entry
                for entry in mapped.fields
            ),
        )
        for mapped in proposal.objects
    ]
    return replace(proposal, objects=tuple(objects))


def described() -> dict[ApiName, ObjectDescribe]:
    """
    The sample describes by object.
    """
    objects = {}
    for file in sorted(shipped_folder("sample_describes").glob("*.json")):
        found, _ = parse_describe(file.read_text("utf-8"), file=file.name)
        objects[found.name] = found
    return objects


def copy_records(org: Org, mapping: Mapping) -> None:
    """
    Every record inserted over REST, parents first, references to the own object last.
    """
    for mapped in mapping.objects:
        columns = source_columns(mapped)
        soql = f"SELECT {', '.join(columns)} FROM {mapped.source}"  # noqa: S608
        pages = (page.frame for page in org.bulk.query_frames(soql, columns))
        rows = list(one_frame(pages, columns).iter_rows(named=True))
        own = [
            link_column(entry.target)
            for entry in mapped.self_references
            if entry.target
        ]
        made = [copied_row(mapped, row) for row in rows]
        first = [{k: v for k, v in row.items() if k not in own} for row in made]
        for start in range(0, len(rows), 200):
            part = first[start : start + 200]
            assert not org.collections.insert_rows(mapped.target, part)
        linked = [
            {key: row[key] for key in (str(ORIGIN_ID), *own) if row[key]}
            for row in made
            if any(row[key] for key in own)
        ]
        if linked:
            failed = org.collections.upsert_rows(mapped.target, ORIGIN_ID, linked)
            assert not failed


def copied_row(mapped: MappedObject, row: Row) -> Row:
    """
    The target record of one source record, as text.
    """
    made: Row = {}
    for entry in mapped.fields:
        is_whole = entry.type is not None and entry.type.kind is Kind.LOCATION
        if entry.target and not is_whole:
            is_link = entry.treatment is Treatment.PARENT
            column = link_column(entry.target) if is_link else str(entry.target)
            made[column] = row[entry.source]
        if entry.id_target:
            made[entry.id_target] = row[entry.source]
        if entry.name_target:
            made[entry.name_target] = row[entry.name_source]
        if entry.original_target:
            made[entry.original_target] = row[entry.source]
    return made


def link_column(reference: str) -> str:
    """
    Where a record's parent goes by its origin id.
    """
    return reference.replace("__c", "__r.Origin_Id__c")


def served(folder: Path, mapping: Mapping, invoices: int = 12) -> Iterator[Copied]:
    """
    A local org with *invoices* and all that hangs on them, deployed to and copied.
    """
    with start_org(OrgSettings(invoices=invoices)) as running:
        environ = {"SF_ACCESS_TOKEN": running.token}
        with open_org(running.url, environ=environ, ceiling="66.0") as org:
            run = RunDirectory(folder)
            deploy(
                a_workspace(run, mapping, migration=MIGRATION),
                org=org,
                consent=Consent(execute=True, allow_unreviewed=True),
                progress=Silent(),
            )
            names = permission_set_names(mapping, MIGRATION)
            org.access.assign(names.loader, org.facts.user_id)
            run.org_state(org.facts.org_id).make()
            extract(
                a_workspace(run, migration=MIGRATION, describes=described()),
                org=org,
                progress=Silent(),
            )
            copy_records(org, mapping)
            yield Copied(org, running, run, mapping)


@pytest.fixture
def copied(tmp_path: Path) -> Iterator[Copied]:
    """A dozen invoices, copied."""
    yield from served(tmp_path, planned())


def test_a_clean_copy_reconciles_and_leaves_its_files(copied: Copied) -> None:
    """Every object has records on both sides, every cell is equal, totals agree."""
    outcome = copied.reconciled()
    verdict = outcome.verdict
    assert verdict.examples == ()
    assert verdict.differences == 0
    for each in verdict.objects:
        assert each.source_records == each.target_records > 0
        assert each.cells_compared > 10 * each.source_records
    totals = [total for each in verdict.objects for total in each.totals]
    assert len({total.currency for total in totals}) > 1
    assert all(total.source == total.target for total in totals)
    told = {f.code for f in outcome.findings if f.level is not Level.INFO}
    assert told == {"unreviewed"}
    page = (copied.run.report / "reconciliation.html").read_text("utf-8")
    assert "0 differences" in page
    assert copied.report()["made_at"] == "2026-11-22T12:00:00+00:00"
    assert copied.report()["unreviewed"] > 0
    private = copied.run.private_report / "differences.csv"
    assert stat.S_IMODE(private.stat().st_mode) == 0o600


def test_the_stored_records_have_digests_that_only_a_change_changes(
    copied: Copied,
) -> None:
    """Two readings give the same bytes; another word another digest, of one record."""
    before = _digest_files(copied)
    assert set(before) == {each.target for each in copied.mapping.objects}
    for each in copied.report()["objects"]:
        content = before[each["target"]]
        assert sha256(content).hexdigest() == each["digests_sha256"]
        assert content.count(b"\n") == each["target_records"] + 1
    page = (copied.run.report / "reconciliation.html").read_text("utf-8")
    assert sha256(before["Invoice__c"]).hexdigest() in page
    assert _digest_files(copied) == before
    invoice = copied.one("Invoice__c", "Name")
    copied.write("Invoice__c", invoice, Name="another")
    after = _digest_files(copied)
    assert {name for name in before if before[name] != after[name]} == {"Invoice__c"}
    gone = {*before["Invoice__c"].splitlines()} - {*after["Invoice__c"].splitlines()}
    assert [line[:18].decode() for line in gone] == [invoice[ORIGIN_ID]]


def _digest_files(copied: Copied) -> dict[str, bytes]:
    """
    What a comparison just made lists, by target object.
    """
    copied.reconciled()
    files = sorted(copied.run.private_report.glob("digests-*.csv"))
    assert {stat.S_IMODE(each.stat().st_mode) for each in files} == {0o600}
    return {each.stem.removeprefix("digests-"): each.read_bytes() for each in files}


def test_damage_is_named_in_the_reports_and_shown_only_in_the_private_one(
    copied: Copied,
) -> None:
    """A cent, a parent, a text: three differences, three names, values in one file."""
    invoice = copied.one("Invoice__c", "GrandTotal__c")
    cent = Decimal(str(invoice["GrandTotal__c"])) + Decimal("0.01")
    copied.write("Invoice__c", invoice, GrandTotal__c=str(cent))
    line = copied.one("InvoiceLineItem__c", "Invoice__r.Origin_Id__c")
    (stranger, *_) = copied.org.soql.query(
        "SELECT Origin_Id__c FROM Invoice__c ORDER BY Origin_Id__c DESC LIMIT 1"
    )
    moved = {"Invoice__r.Origin_Id__c": stranger[ORIGIN_ID]}
    assert line["Invoice__r"][ORIGIN_ID] != stranger[ORIGIN_ID]
    copied.write("InvoiceLineItem__c", line, **moved)
    copied.write("InvoiceLineItem__c", line, Name="@PLANTED")
    verdict = copied.reconciled().verdict
    assert {
        (each.origin_id, each.source_field, each.damage) for each in verdict.examples
    } == {
        (invoice[ORIGIN_ID], "ONB2__GrandTotal__c", Damage.VALUE),
        (line[ORIGIN_ID], "ONB2__Invoice__c", Damage.PARENT),
        (line[ORIGIN_ID], "Name", Damage.VALUE),
    }
    report = copied.report()
    assert report["differences"] == verdict.differences == 3
    assert {each["record"] for each in report["named_differences"]} == {
        invoice[ORIGIN_ID],
        line[ORIGIN_ID],
    }
    for public in ("reconciliation.html", "reconciliation.json"):
        assert "PLANTED" not in (copied.run.report / public).read_text("utf-8")
    private = copied.run.private_report / "differences.csv"
    with private.open(encoding="utf-8", newline="") as file:
        values = [row[-1] for row in csv.reader(file)]
    assert "'@PLANTED" in values


def test_lost_and_surplus_records_are_named(copied: Copied) -> None:
    """The counts may be equal: one gone, one that nobody copied."""
    tax = copied.one("TaxDetail__c")
    stranger = "a99000000000001AAA"
    copied.org.rest.patch(
        f"sobjects/TaxDetail__c/{tax['Id']}", {str(ORIGIN_ID): stranger}
    )
    verdict = copied.reconciled().verdict
    assert [(each.damage, each.origin_id) for each in verdict.examples] == [
        (Damage.MISSING, tax[ORIGIN_ID]),
        (Damage.SURPLUS, stranger),
    ]


def test_digits_lost_by_a_small_scale_are_found_or_counted_when_agreed(
    tmp_path: Path,
) -> None:
    """The same copy: damage without an agreement, a number in the report with one."""
    mapping = planned(scale=2)
    for copied in served(tmp_path, mapping, invoices=6):
        verdict = copied.reconciled().verdict
        ((field, cells),) = verdict.objects[1].by_field
        assert field == DESCRIBED_TOO_SMALL
        assert cells == verdict.differences > 0
        agreed = with_loss(mapping, "digits after the second")
        verdict = copied.reconciled(agreed).verdict
        assert verdict.differences == 0
        assert verdict.objects[1].losses == (
            Loss(
                field=DESCRIBED_TOO_SMALL,
                agreed="digits after the second",
                cells=cells,
            ),
        )


def with_loss(mapping: Mapping, loses: str) -> Mapping:
    """
    *mapping* with an agreed loss on the formula.
    """
    return replace(
        mapping,
        objects=tuple(
            replace(
                mapped,
                fields=tuple(
                    replace(entry, loses=loses)
                    if entry.source == DESCRIBED_TOO_SMALL
                    else entry
                    for entry in mapped.fields
                ),
            )
            for mapped in mapping.objects
        ),
    )


def test_without_the_extract_clock_formulas_are_said_to_be_unchecked(
    copied: Copied,
) -> None:
    """A line of the verdict instead of silence or of a false alarm."""
    with_extract = copied.reconciled().verdict
    assert sum(each.snapshot_cells for each in with_extract.objects) > 0
    folder = copied.run.org_state(copied.org.facts.org_id).extract
    for file in folder.glob("ONB2__*.json"):
        file.unlink()
    outcome = copied.reconciled()
    assert outcome.verdict.differences == 0
    assert sum(each.snapshot_cells for each in outcome.verdict.objects) == 0
    assert outcome.verdict.result is Result.OPEN
    (left,) = (e for o in outcome.verdict.objects for e in o.not_compared)
    assert left.cells == outcome.verdict.objects[0].target_records


def test_a_user_who_does_not_see_everything_gets_no_verdict(copied: Copied) -> None:
    """A subset that agrees with itself must never look complete."""
    names = permission_set_names(copied.mapping, MIGRATION)
    soql = "SELECT Id FROM PermissionSetAssignment WHERE PermissionSet.Name = "
    assigned = copied.org.soql.query(soql + literal(names.loader))
    for each in assigned:
        copied.org.rest.delete(f"sobjects/PermissionSetAssignment/{each['Id']}")
    with pytest.raises(DecisionNeeded, match="Invoice__c"):
        copied.reconciled()
    assert not copied.run.report.exists()


def test_two_empty_sides_are_a_warning(tmp_path: Path) -> None:
    """Nothing compared is no evidence."""
    for copied in served(tmp_path, planned(), invoices=0):
        outcome = copied.reconciled()
        assert outcome.verdict.differences == 0
        assert "nothing-compared" in {finding.code for finding in outcome.findings}
        page = (copied.run.report / "reconciliation.html").read_text("utf-8")
        assert "Nothing was compared" in page
