"""
The check of the numbers in a type: whether the platform makes such a field.
"""

from __future__ import annotations

from migrator.model.field_type import FieldType
from migrator.model.kinds.row import Argument


def range_problem(chosen: FieldType) -> str:
    """
    Return what is out of range in a field type, as half a sentence; empty when nothing
    is.
    """
    given = {
        Argument.LENGTH: chosen.length or 0,
        Argument.PRECISION: chosen.precision or 0,
        Argument.SCALE: chosen.scale or 0,
    }
    for argument, legal in chosen.row.arguments.items():
        if legal is not None and not legal[0] <= given[argument] <= legal[1]:
            return f"{argument.value} must be {_span(*legal)}"
    if Argument.PRECISION in chosen.row.arguments:
        precision, scale = given[Argument.PRECISION], given[Argument.SCALE]
        if scale > precision:
            return f"scale {scale} must not exceed precision {precision}"
    return ""


def lines_problem(chosen: FieldType, wanted: int) -> str:
    """
    Why a field of the type *chosen* cannot be shown as tall as *wanted*; empty when it
    can.
    """
    if not wanted or chosen.row.visible_lines(wanted) == wanted:
        return ""
    lines = chosen.row.lines
    if lines is None:
        return f"{chosen.kind.value} has no visible lines"
    return f"visible_lines must be {_span(lines.least, lines.most)}"


def _span(least: int, most: int) -> str:
    return str(least) if least == most else f"{least} to {most}"
