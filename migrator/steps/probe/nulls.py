"""
Experiments with null: empty cells, `#N/A`, field defaults, parents.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from migrator.documents.metadata.probe import LINE, PARENT
from migrator.model.mapping import ORIGIN_ID
from migrator.model.probe import Observation
from migrator.model.records import Operation
from migrator.steps.probe.answers import seen
from migrator.steps.probe.bench import Bench
from migrator.steps.probe.experiment import Experiment

NULL = "#N/A"
_DEFAULTS: dict[str, tuple[str, Any]] = {
    "text": ("Default_Text__c", "default"),
    "number": ("Default_Number__c", 7),
    "date": ("Default_Date__c", "2001-02-03"),
    "choice": ("Default_Choice__c", "Open"),
    "checkbox": ("Default_Checkbox__c", True),
}
_PARENT_KEY = f"Probe__r.{ORIGIN_ID}"
_LOOSE_KEY = f"Loose_Probe__r.{ORIGIN_ID}"


def _defaults(bench: Bench) -> Iterator[Observation]:
    columns = [column for column, _ in _DEFAULTS.values()]
    empty, null = bench.key(), bench.key()
    width = len(columns)
    rows = [(empty, *[None] * width), (null, *[NULL] * width)]
    load = bench.load((ORIGIN_ID, *columns), rows)
    for prefix, key in (("empty-cell", empty), ("na-cell", null)):
        row = bench.by_key(key, columns)
        for kind, (column, default) in _DEFAULTS.items():
            point = f"{prefix}-{kind}"
            if row is None:
                yield seen(point, load.verdict, load.evidence)
            else:
                yield seen(point, _found(row[column], default), repr(row[column]))


def _found(value: Any, default: Any) -> str:
    if value is None:
        return "null"
    if value == default:
        return "the default"
    return str(value).lower()


def _updates(bench: Bench) -> Iterator[Observation]:
    for point, cell in (("empty-cell-on-update", None), ("na-cell-on-update", NULL)):
        made = bench.parent(Text__c="before")
        load = bench.load(
            ("Id", "Text__c", "Email__c"),
            [(made, cell, "probe@example.org")],
            operation=Operation.UPDATE,
        )
        found = bench.stored(made, "Text__c")
        words = {None: "null", "before": "left alone"}
        refused = load.verdict if load.failures else "changed"
        value = refused if load.failures else words.get(found, refused)
        yield seen(point, value, load.evidence)


def _parents(bench: Bench) -> Iterator[Observation]:
    parent = bench.key()
    bench.parent(**{ORIGIN_ID: parent})
    for point, column, cell in (
        ("relationship-empty", _LOOSE_KEY, None),
        ("relationship-na", _LOOSE_KEY, NULL),
        ("reference-na", "Loose_Probe__c", NULL),
    ):
        key = bench.key()
        columns = (ORIGIN_ID, _PARENT_KEY, column)
        load = bench.load(columns, [(key, parent, cell)], name=LINE)
        row = bench.by_key(key, ["Loose_Probe__c"], LINE)
        if row is None:
            yield seen(point, load.verdict, load.evidence)
        else:
            found = row["Loose_Probe__c"]
            yield seen(point, "no parent" if found is None else "a parent")


def _by_rest(bench: Bench) -> Iterator[Observation]:
    found = bench.stored(bench.parent(Text__c=NULL), "Text__c")
    yield seen("na-by-rest", "kept" if found == NULL else repr(found))
    said = bench.create(PARENT, **{ORIGIN_ID: bench.key()})
    name = str(bench.stored(said.id, "Name"))
    value = "the record id" if name and said.id.startswith(name) else "another"
    yield seen("name-empty", value, f"{len(name)} characters")


EXPERIMENTS = (
    Experiment.of(
        _defaults,
        *(
            f"{prefix}-{kind}"
            for prefix in ("empty-cell", "na-cell")
            for kind in _DEFAULTS
        ),
    ),
    Experiment.of(_updates, "empty-cell-on-update", "na-cell-on-update"),
    Experiment.of(_parents, "relationship-empty", "relationship-na", "reference-na"),
    Experiment.of(_by_rest, "na-by-rest", "name-empty"),
)
