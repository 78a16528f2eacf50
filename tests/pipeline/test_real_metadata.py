"""
Other people's whole data models: an org has them, and they are archived like ours.

Loaded from their metadata, described over REST, planned, generated, deployed and
described again. `pytest -s` prints the table of every difference with its reason.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from migrator.documents.mapping.read import parse_mapping
from migrator.emulator.server import OrgSettings, start_org
from migrator.model.mapping import FieldMapping, MappedObject, Mapping
from migrator.model.names import ApiName
from migrator.model.treatment import Treatment
from migrator.rules.plan.eligibility import refusal_by_name
from tests.conftest import SHARED_DATA, Invoke
from tests.metadata_schema import shared_schema, violations
from tests.pipeline.conftest import Client, Journey

pytestmark = pytest.mark.shared_data

METADATA = SHARED_DATA / "metadata"
PROJECTS = ("apex-rollup", "dreamhouse", "nebula-logger", "npsp")
COMPARED = (
    *("type", "length", "precision", "scale", "unique", "referenceTo"),
    *("displayLocationInDecimal", "mask", "maskType", "values"),
)
REASONS = {
    "formula": "a text formula has 1,300 characters; the value is kept as long text",
    "auto number": "the number that was given is kept, in a text of 80 characters",
    "snapshot": "a reference that cannot be kept as a link is kept as text",
    "parent": "points at the copy of the object it pointed at",
    "name": "a name longer or shorter than 80 characters",
    "no values": "a picklist without values of its own is kept as text",
    "alike": "two values differ in case alone, which one picklist cannot hold",
    "trimmed": "blanks around a value are not stored",
    "whole number": "a custom field for whole numbers is a Number(18, 0)",
    "standard picklist": "a custom picklist has 255 characters, standard ones fewer",
    "withdrawn": "values that nobody can choose any more, from the metadata",
    "system": "owner and audit fields are kept as text and dates",
}


@dataclass(frozen=True)
class Archived:
    """One project's objects before and after, and the decisions between."""

    root: Path
    mapping: Mapping
    before: dict[ApiName, dict[str, Any]]
    after: dict[ApiName, dict[str, Any]]
    planned: str


def _names(project: str) -> list[str]:
    """Every object that the project's files hold fields or definitions of."""
    folder = METADATA / project
    found = {file.parent.name for file in folder.rglob("*.object-meta.xml")}
    found |= {file.parent.parent.name for file in folder.rglob("*.field-meta.xml")}
    found |= {file.stem for file in folder.rglob("*.object")}
    return sorted(found)


def _described(client: Client, name: str) -> dict[str, Any]:
    answer: dict[str, Any] = client.request("GET", f"/sobjects/{name}/describe")
    return answer


@pytest.fixture(scope="module", params=PROJECTS)
def archived(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Archived]:
    """The whole way of one project."""
    project: str = request.param
    names = _names(project)
    settings = OrgSettings(
        metadata=METADATA / project, invoices=1, organization_type="Unlimited Edition"
    )
    invoke: Invoke = _invoke()
    with start_org(settings) as running:
        journey = Journey(tmp_path_factory.mktemp("run"), running, invoke)
        journey.run("init")
        _choose(journey.root, names)
        journey.online("describe")
        journey.run("plan")
        planned = invoke("-C", journey.root, "-v", "plan").text
        journey.run("generate")
        mapping_file = journey.root / "mapping.yaml"
        mapping = parse_mapping(mapping_file.read_text("utf-8"), file="mapping.yaml")
        before = {
            o.source: _described(journey.client, o.source) for o in mapping.objects
        }
        journey.online(
            "deploy",
            *("--execute", "--allow-unreviewed", "--yes-production", "Rehearsal"),
        )
        _see_everything(journey.client)
        after = {
            o.source: _described(journey.client, o.target) for o in mapping.objects
        }
        yield Archived(journey.root, mapping, before, after, planned)


def _invoke() -> Invoke:
    """The command line without a fixture of one test."""
    from click.testing import CliRunner

    from migrator.cli.main import main
    from tests.conftest import Ended

    def run(*arguments: object, env: Any = None) -> Ended:
        words = [str(argument) for argument in arguments]
        result = CliRunner().invoke(main, words, env=env)
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        return Ended(result.exit_code, result.stdout, result.stderr)

    return run


def _choose(root: Path, names: list[str]) -> None:
    """Puts *names* in the place of the objects that a new migration has."""
    file = root / "migration.yaml"
    text = file.read_text("utf-8")
    head, _, rest = text.partition("objects:\n")
    _, _, tail = rest.partition("\n# The last day")
    listed = "".join(f"  - {name}\n" for name in names)
    file.write_text(f"{head}objects:\n{listed}\n# The last day{tail}", "utf-8")


def _see_everything(client: Client) -> None:
    """New fields are seen by nobody before their permission set is assigned."""
    user = client.one("SELECT Id FROM User WHERE Username = 'admin@example.org'")
    sets = client.query(
        "SELECT Id FROM PermissionSet WHERE Name LIKE '%_Archive_Reader'"
    )
    for each in sets:
        client.request(
            "POST",
            "/sobjects/PermissionSetAssignment",
            {"PermissionSetId": each["Id"], "AssigneeId": user["Id"]},
        )


def test_every_eligible_object_is_archived(archived: Archived) -> None:
    """The rest is refused by name: settings, custom metadata, events, big objects."""
    assert archived.mapping.objects
    for each in archived.mapping.objects:
        assert refusal_by_name(each.source) == ""
        assert not archived.before[each.source]["customSetting"]
    left_out = [line for line in archived.planned.splitlines() if "left out" in line]
    kept = {each.source for each in archived.mapping.objects}
    for name in set(_all_of(archived)) - kept:
        assert any(name in line for line in left_out), name


def _all_of(archived: Archived) -> list[str]:
    text = (archived.root / "migration.yaml").read_text("utf-8")
    listed = text.partition("objects:\n")[2].partition("\n#")[0]
    return [line.removeprefix("  - ") for line in listed.split("\n") if line]


def test_every_source_field_stands_in_the_mapping_once(archived: Archived) -> None:
    """Nothing is dropped silently."""
    for mapped in archived.mapping.objects:
        fields = [field["name"] for field in archived.before[mapped.source]["fields"]]
        assert Counter(entry.source for entry in mapped.fields) == Counter(fields)


def test_every_file_is_what_the_schema_allows(archived: Archived) -> None:
    """Hundreds of files of objects we have never seen."""
    files = {
        path.relative_to(archived.root).as_posix(): path.read_bytes()
        for top in ("force-app", "manifest", "undo")
        for path in (archived.root / top).rglob("*.xml")
    }
    assert len(files) > 50
    assert violations(files, shared_schema()) == []


def _facts(field: dict[str, Any]) -> dict[str, Any]:
    values = tuple(sorted(each["value"] for each in field["picklistValues"]))
    return {
        **{name: field[name] for name in COMPARED[:-1]},
        "referenceTo": tuple(field["referenceTo"]),
        "values": values,
    }


def _reason(entry: FieldMapping, field: dict[str, Any]) -> str:
    """Why the archive's field may differ from the one it was made of."""
    special = {
        "system": entry.treatment is Treatment.SYSTEM,
        "parent": entry.treatment is Treatment.PARENT,
        "snapshot": field["type"] == "reference",
        "name": field["nameField"],
        "auto number": field["autoNumber"],
        "formula": field["calculated"] and field["type"] == "string",
        "standard picklist": field["type"] == "picklist" and not field["custom"],
        "whole number": field["type"] == "int",
    }
    found = (reason for reason, applies in special.items() if applies)
    return next(found, "") or _reason_of_values(entry, field)


def _reason_of_values(entry: FieldMapping, field: dict[str, Any]) -> str:
    if field["type"] not in {"picklist", "multipicklist"}:
        return ""
    values = [each["value"] for each in field["picklistValues"]]
    if not values:
        return "no values"
    if len({each.casefold() for each in values}) < len(values):
        return "alike"
    if any(each != each.strip() for each in values):
        return "trimmed"
    return "withdrawn" if set(entry.values) > set(values) else ""


def _rows(
    archived: Archived, mapped: MappedObject
) -> Iterator[tuple[str, str, Any, Any, str]]:
    was = {each["name"]: each for each in archived.before[mapped.source]["fields"]}
    now = {each["name"]: each for each in archived.after[mapped.source]["fields"]}
    for entry in mapped.carried:
        assert entry.target in now, f"{mapped.source}.{entry.source}"
        before, after = _facts(was[entry.source]), _facts(now[entry.target])
        for name in COMPARED:
            if before[name] != after[name]:
                where = f"{mapped.source}.{entry.source}"
                reason = _reason(entry, was[entry.source])
                yield where, name, before[name], after[name], reason


def test_the_archive_describes_like_the_source(archived: Archived) -> None:
    """Type, length, digits, values, reference: equal, or different for a reason."""
    compared = sum(len(mapped.carried) for mapped in archived.mapping.objects)
    rows = [row for each in archived.mapping.objects for row in _rows(archived, each)]
    for where, name, before, after, reason in rows:
        shown = f"{str(before)[:30]!r:34} {str(after)[:30]!r:34}"
        why = REASONS.get(reason, "?")
        print(f"{where:60} {name:12} {shown} {why}")  # noqa: T201 - asked for
    unexplained = [row for row in rows if row[4] not in REASONS]
    assert unexplained == []
    assert compared > 50
    plain = {row[0] for row in rows if row[4] not in {"system", "name"}}
    assert len(plain) < compared / 2


def test_a_listed_setting_keeps_nobody_from_copying_the_rest(
    tmp_path: Path, invoke: Invoke
) -> None:
    """The whole way of two objects, with two that hold no records between them."""
    settings = OrgSettings(metadata=METADATA / "dreamhouse", invoices=1)
    names = ["Broker__c", "Dreamhouse_Settings__c", "Property__c", "Rollup__mdt"]
    with start_org(settings) as running:
        journey = Journey(tmp_path, running, invoke)
        journey.run("init")
        _choose(tmp_path, names)
        broker = {"Name": "Caroline Kingsley", "Email__c": "caroline@example.org"}
        journey.client.request("POST", "/sobjects/Broker__c", broker)
        journey.online("describe")
        journey.online("extract")
        journey.run("plan")
        journey.run("generate")
        for verb in ("deploy", "copy"):
            journey.online(verb, "--execute", "--allow-unreviewed")
        journey.online("reconcile", "--allow-unreviewed")
        copied = journey.client.one("SELECT Name, Email__c FROM JustOn_Broker__c")
        assert {name: copied[name] for name in broker} == broker
