"""
Experiments with metadata: what the org refuses, shows and makes by itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import quote

from migrator.documents.metadata.probe import (
    LINE,
    PARENT,
    PROBE_LAYOUT,
    FieldXml,
    Files,
)
from migrator.model.probe import PROBE_MARKER, Observation
from migrator.steps.probe.answers import NEEDS, deploy_words, lacking, seen
from migrator.steps.probe.bench import Bench
from migrator.steps.probe.experiment import Experiment

_LONG = re.compile(r"[xR]{20,}")
_ODD_LAYOUT = "Migrator Probe (two)"
_RELATIONSHIP = "Migrator_Probe_Extras"


def _text(name: str, **elements: str) -> FieldXml:
    given: dict[str, str | Sequence[str]] = {
        "fullName": name,
        "description": PROBE_MARKER,
        "label": name.removesuffix("__c").replace("_", " ")[:40],
        "length": "20",
        "type": "Text",
    }
    return _ordered(given | elements)


def _long(name: str, length: int, **elements: str) -> FieldXml:
    kind = {"type": "LongTextArea", "visibleLines": "3"}
    return _text(name, length=str(length), **(kind | elements))


def _values(name: str, values: list[str], **elements: str) -> FieldXml:
    """
    Return an unrestricted picklist with *values*.
    """
    made = dict(_text(name, **({"type": "Picklist"} | elements)))
    del made["length"]
    return _ordered(made | {"valueSet": values})


def _numbered(count: int) -> list[str]:
    return [f"Value {number:04}" for number in range(count)]


def _lookup(name: str, **elements: str) -> FieldXml:
    given = {
        "type": "Lookup",
        "referenceTo": str(PARENT),
        "relationshipLabel": "Trials",
        "relationshipName": name.removesuffix("__c") + "s",
    }
    made = dict(_text(name, **(given | elements)))
    del made["length"]
    return made


def _ordered(elements: dict[str, str | Sequence[str]]) -> FieldXml:
    """
    `fullName` first, the others by name: the order of the schema.
    """
    return dict(sorted(elements.items(), key=lambda e: (e[0] != "fullName", e[0])))


_NUMBER = {"precision": "19", "scale": "0", "type": "Number"}
_TRIALS: dict[str, FieldXml] = {
    "description-over-1000": _text("Try_Description__c", description="x" * 1001),
    "help-over-510": _text("Try_Help__c", inlineHelpText="x" * 511),
    "label-over-40": _text("Try_Label__c", label="x" * 41),
    "api-name-over-40": _text("T" * 41 + "__c"),
    "relationship-name-over-40": _lookup("Try_Link__c", relationshipName="R" * 41),
    "text-over-255": _text("Try_Text__c", length="256"),
    "long-text-under-256": _long("Try_Short__c", 255),
    "long-text-over-131072": _long("Try_Long__c", 131_073),
    "html-lines-under-10": _long("Try_Html__c", 1000, type="Html", visibleLines="9"),
    "multi-select-lines-over-10": _values(
        "Try_Lines__c", ["One"], type="MultiselectPicklist", visibleLines="11"
    ),
    "multi-select-over-500": _values(
        "Try_Many__c", _numbered(501), type="MultiselectPicklist", visibleLines="4"
    ),
    "picklist-over-1000": _values("Try_Values__c", _numbered(1001)),
    "picklist-value-over-255": _values("Try_Value__c", ["x" * 256]),
    "picklist-characters-over-15000": _values(
        "Try_Characters__c", [f"{number:02}" + "x" * 153 for number in range(99)]
    ),
    "precision-over-18": _ordered(
        {k: v for k, v in _text("Try_Number__c").items() if k != "length"} | _NUMBER
    ),
    "long-text-required": _long("Try_Required__c", 1000, required="true"),
    "lookup-required-set-null": _lookup(
        "Try_Clear__c", deleteConstraint="SetNull", required="true"
    ),
    "lookup-restrict-user": _lookup(
        "Try_User__c", deleteConstraint="Restrict", referenceTo="User"
    ),
    "case-sensitive-without-unique": _text("Try_Case__c", caseSensitive="true"),
}
"""By point: a field that the org should refuse; none is ever made."""


def _trials(bench: Bench) -> Iterator[Observation]:
    files = bench.printer.fields(PARENT, list(_TRIALS.values()))
    report = bench.deploy(files, check_only=True)
    words = {each.full_name: each.problem for each in report.errors}
    whole = "" if words else deploy_words(report)
    for point, field in _TRIALS.items():
        found = words.get(f"{PARENT}.{field['fullName']}")
        if found is None and whole and not report.success:
            # One refusal for all: each is tried alone.
            found = _alone(bench, field)
        shown = _LONG.sub("...", found or "")
        yield seen(point, "taken" if found is None else "refused", shown)


def _alone(bench: Bench, field: FieldXml) -> str | None:
    report = bench.deploy(bench.printer.fields(PARENT, [field]), check_only=True)
    return None if report.success else deploy_words(report)


def _sums(bench: Bench) -> Iterator[Observation]:
    for point, owner, fields in (
        (
            "long-text-sum",
            PARENT,
            [_long(f"Try_Sum_{n:02}__c", 131_072) for n in range(13)],
        ),
        (
            "relationships-over-40",  # the line has two
            LINE,
            [_lookup(f"Try_Link_{n:02}__c") for n in range(39)],
        ),
        (
            "indexed-over-25",  # the line has one
            LINE,
            [_text(f"Try_Key_{n:02}__c", unique="true") for n in range(25)],
        ),
    ):
        yield _checked(bench, point, bench.printer.fields(owner, fields))
    files = bench.printer.required_field_set()
    yield _checked(bench, "permission-for-required", files)


def _checked(bench: Bench, point: str, files: Files) -> Observation:
    """
    Whether the org would take *files*.
    """
    report = bench.deploy(files, check_only=True)
    if report.success:
        return seen(point, "taken")
    return seen(point, "refused", deploy_words(report))


def _described(bench: Bench) -> Iterator[Observation]:
    fields: dict[str, dict[str, Any]] = {
        f["name"]: f for f in bench.org.describe(PARENT)["fields"]
    }
    text = fields["Formula__c"].get("calculatedFormula")
    yield seen("formula-text", "shown" if text else "hidden", str(text))
    yield seen("long-text-length", str(fields["Long_Text__c"]["length"]))
    point = "storage-per-record"
    yield lacking(point, NEEDS[point])


def _layout(bench: Bench) -> Iterator[Observation]:
    report = bench.deploy(bench.printer.layout(PROBE_LAYOUT))
    if not report.success:
        yield seen("layout-default", "refused", deploy_words(report))
        return
    listed = bench.org.deployment.list_names("Layout")
    ours = [name for name in listed if name.startswith(f"{PARENT}-")]
    value = "replaced" if ours == [f"{PARENT}-{PROBE_LAYOUT}"] else "added"
    yield seen("layout-default", value, ", ".join(ours))


def _encoded_layout(bench: Bench) -> Iterator[Observation]:
    point = "layout-name-encoded"
    report = bench.deploy(bench.printer.layout(_ODD_LAYOUT))
    if not report.success:
        yield seen(point, "refused", deploy_words(report))
        return
    listed = bench.org.deployment.list_names("Layout")
    forms = {
        f"{PARENT}-{_ODD_LAYOUT}": "decoded",
        f"{PARENT}-{quote(_ODD_LAYOUT, safe=' ')}": "decoded",
        f"{PARENT}-{quote(_ODD_LAYOUT, safe=' %')}".replace("%", "%25"): "encoded",
    }
    found = [name for name in listed if name in forms]
    yield seen(point, forms[found[0]] if found else "another", ", ".join(found))


def _taken_names(bench: Bench) -> Iterator[Observation]:
    point, name = "relationship-name-after-delete", "Extra__c"
    first = _lookup(name, relationshipName=_RELATIONSHIP)
    bench.require_deployed(bench.printer.fields(LINE, [first]))
    doomed = bench.printer.without([("CustomField", [f"{LINE}.{name}"])])
    bench.require_deployed(doomed)
    second = _lookup("Other__c", relationshipName=_RELATIONSHIP)
    report = bench.deploy(bench.printer.fields(LINE, [second]), check_only=True)
    words = "" if report.success else deploy_words(report)
    yield seen(point, "free" if report.success else "taken", words)


EXPERIMENTS = (
    Experiment.of(_trials, *_TRIALS),
    Experiment.of(
        _sums,
        "long-text-sum",
        "relationships-over-40",
        "indexed-over-25",
        "permission-for-required",
    ),
    Experiment.of(_described, "formula-text", "long-text-length", "storage-per-record"),
    Experiment.of(_layout, "layout-default"),
    Experiment.of(_encoded_layout, "layout-name-encoded"),
    Experiment.of(_taken_names, "relationship-name-after-delete"),
)
