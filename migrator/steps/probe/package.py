"""
What can be read of the package where it is installed; nothing of it is touched.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from migrator.model.names import ApiName
from migrator.model.probe import Observation
from migrator.steps.probe.answers import NEEDS, lacking, seen
from migrator.steps.probe.bench import Bench
from migrator.steps.probe.experiment import Experiment

NAMESPACE = "ONB2"

_INVOICE = ApiName(f"{NAMESPACE}__Invoice__c")
_LINE_ITEM = ApiName(f"{NAMESPACE}__InvoiceLineItem__c")
_READ = (
    "packaged-line-parent",
    "packaged-formula-text",
    "packaged-long-text-length",
)
_ELSEWHERE = ("licence-end", "uninstall-with-links")


def _described(bench: Bench) -> Iterator[Observation]:
    for point in _ELSEWHERE:
        yield lacking(point, NEEDS[point])
    there = {str(each["name"]) for each in bench.org.describe_global()}
    if not {_INVOICE, _LINE_ITEM} <= there:
        for point in _READ:
            yield lacking(point, NEEDS[point])
        return
    invoice = bench.org.describe(_INVOICE)["fields"]
    lines = bench.org.describe(_LINE_ITEM)["fields"]
    yield seen(_READ[0], _parent_kind(lines))
    yield _formulas([*invoice, *lines])
    yield _long_texts([*invoice, *lines])


def _parent_kind(fields: list[dict[str, Any]]) -> str:
    found = [f for f in fields if _INVOICE in (f.get("referenceTo") or ())]
    orders = [f for f in found if f.get("relationshipOrder") is not None]
    if not found:
        return "no reference in sight"
    return "master-detail" if orders else "lookup"


def _formulas(fields: list[dict[str, Any]]) -> Observation:
    made = [f for f in fields if f.get("calculated")]
    shown = [f for f in made if f.get("calculatedFormula")]
    words = f"{len(shown)} of {len(made)} calculated fields show their text"
    return seen(_READ[1], "shown" if shown else "hidden", words)


def _long_texts(fields: list[dict[str, Any]]) -> Observation:
    lengths = sorted({int(f["length"]) for f in fields if f.get("type") == "textarea"})
    above = any(length > 255 for length in lengths)
    words = ", ".join(map(str, lengths))
    return seen(_READ[2], "above 255" if above else "255 at most", words)


EXPERIMENTS = (Experiment.of(_described, *_READ, *_ELSEWHERE),)
