"""
Every difference with both values, for the private folder only.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable

from migrator.model.verdict import Difference

HEADER = (
    "object",
    "origin id",
    "field",
    "target field",
    "damage",
    "source value",
    "target value",
)
_STARTS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def differences_csv(differences: Iterable[Difference]) -> bytes:
    """
    Return the content of `report/private/differences.csv`, safe to open in a
    spreadsheet.

    A cell that a spreadsheet would run as a formula gets an apostrophe before it
    (OWASP, "CSV Injection"); negative amounts get one too.
    """
    text = io.StringIO(newline="")
    writer = csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\n")
    writer.writerow(HEADER)
    for each in differences:
        cells = (
            each.object,
            each.origin_id,
            each.source_field,
            each.target_field or "",
            each.damage.value,
            each.source_value,
            each.target_value,
        )
        writer.writerow([_harmless(cell) for cell in cells])
    return text.getvalue().encode("utf-8")


def _harmless(cell: str) -> str:
    return f"'{cell}" if cell.startswith(_STARTS_A_FORMULA) else cell
