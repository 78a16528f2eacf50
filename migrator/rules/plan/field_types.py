"""
Which target type holds the values of a source field.

The kind is that of the describe's word (`model.kinds.described`); what the extract
shows decides where the describe only names the largest case, as for formulas.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from migrator.model.codes import plan as codes
from migrator.model.describe import FieldDescribe
from migrator.model.field_type import ID_TYPE, FieldType
from migrator.model.finding import Finding
from migrator.model.kinds.row import CHOICES, Argument, Family
from migrator.model.kinds.table import KINDS, Kind
from migrator.model.limits import (
    MAX_ENCRYPTED,
    MAX_LONG_TEXT,
    MAX_MULTISELECT_VALUES,
    MAX_PICKLIST_CHARACTERS,
    MAX_PICKLIST_VALUE,
    MAX_PICKLIST_VALUES,
    MAX_PRECISION,
    MAX_SCALE,
    MAX_TEXT,
    MIN_LONG_TEXT,
)
from migrator.model.records import Observed

FORMULA_TEXT = 1_300
"""Characters at which the platform cuts the text of a formula."""
_AUTO_NUMBER_TEXT = 80
_LONG_TEXT = 32_768
_HIGH_SCALE = 8
"""Decimals that a high-scale number holds (Field.highScaleNumber)."""
_ROOM = 1.5
"""Frozen text gets half as much again as the longest one seen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """
    The target type of one field, and what a reviewer should know about it.
    """

    type: FieldType | None
    """None when no field can hold the values: the field is skipped."""
    values: tuple[str, ...] = ()
    """Picklist values in order."""
    skipped: str = ""
    """Why there is no type, as a sentence."""
    findings: tuple[Finding, ...] = ()


def choose(field: FieldDescribe, seen: Observed | None) -> Choice:
    """
    Return the target type for *field*; *seen* is None when there is no extract.

    References are not decided here, what they become depends on the other objects;
    nor are locations whose two parts are described (`rules.plan.locations`).
    """
    row = field.row
    if row.skipped:
        return Choice(type=None, skipped=row.skipped)
    if field.type in _DECIDED:
        return _DECIDED[field.type](field, seen)
    assert row.kind is not None, f"{field.name}: references are decided elsewhere"
    if row.family is Family.NUMBER:
        return _number(row.kind, field, seen)
    if KINDS[row.kind].room is not None:
        return _up_to(row.kind, field, seen)
    return Choice(type=FieldType(kind=row.kind))


# -- Text -----------------------------------------------------------------------------


def _string(field: FieldDescribe, seen: Observed | None) -> Choice:
    if field.calculated:
        return _formula_text(field, seen)
    length = max(field.length or MAX_TEXT, seen.max_length if seen else 0)
    if field.auto_number:
        length = max(length, _AUTO_NUMBER_TEXT)
    return Choice(type=_text(length))


def _formula_text(field: FieldDescribe, seen: Observed | None) -> Choice:
    """
    Return a describe gives 1,300 for every text formula, so only the data can say more.
    """
    if seen is None:
        length = max(field.length, FORMULA_TEXT)
        assumed = codes.TYPE_WITHOUT_DATA(
            guess="The length of this formula's text is not known before an extract; "
            f"{length} characters were assumed."
        )
        return Choice(type=_long(Kind.LONG_TEXT_AREA, length), findings=(assumed,))
    if seen.max_length <= MAX_TEXT and not seen.has_line_breaks:
        return Choice(type=_text(MAX_TEXT))
    length = max(FORMULA_TEXT, int(seen.max_length * _ROOM))
    return Choice(type=_long(Kind.LONG_TEXT_AREA, length))


def _text_area(field: FieldDescribe, seen: Observed | None) -> Choice:
    length = max(field.length or _LONG_TEXT, seen.max_length if seen else 0)
    if field.html_formatted or field.extra_type_info == "richtextarea":
        images = codes.RICH_TEXT_IMAGES()
        return Choice(type=_long(Kind.HTML, length), findings=(images,))
    if length <= MAX_TEXT:
        return Choice(type=FieldType(kind=Kind.TEXT_AREA))
    return Choice(type=_long(Kind.LONG_TEXT_AREA, length))


def _encrypted(field: FieldDescribe, _: Observed | None) -> Choice:
    """
    Return the same with the same mask. Open text would show everybody what few may see,
    so that takes a reviewer's word (`loses:`).
    """
    masks = CHOICES[Argument.MASK_TYPE]
    made = FieldType(
        kind=Kind.ENCRYPTED_TEXT,
        length=min(field.length or MAX_ENCRYPTED, MAX_ENCRYPTED),
        mask_type=field.mask_type if field.mask_type in masks else masks[0],
        mask_character="X" if field.mask == "X" else "asterisk",
    )
    return Choice(type=made, findings=(codes.ENCRYPTED(),))


def _up_to(kind: Kind, field: FieldDescribe, seen: Observed | None) -> Choice:
    """
    Return a kind of a fixed length; text of the source's length where that is more.
    """
    plain = FieldType(kind=kind)
    length = max(field.length, seen.max_length if seen else 0)
    return Choice(type=plain if length <= (plain.room or 0) else _text(length))


def _text(length: int) -> FieldType:
    if length > MAX_TEXT:
        return _long(Kind.LONG_TEXT_AREA, length)
    return FieldType(kind=Kind.TEXT, length=max(1, length))


def _long(kind: Kind, length: int) -> FieldType:
    return FieldType(kind=kind, length=min(max(length, MIN_LONG_TEXT), MAX_LONG_TEXT))


# -- Numbers --------------------------------------------------------------------------


def _number(kind: Kind, field: FieldDescribe, seen: Observed | None) -> Choice:
    """
    Return the described digits; all 18 where the describe gives none, as for whole
    numbers.
    """
    precision = min(field.precision or MAX_PRECISION, MAX_PRECISION)
    described = max(field.scale, _HIGH_SCALE) if field.high_scale else field.scale
    scale = min(described, MAX_SCALE, precision)
    plain = FieldType(kind=kind, precision=precision, scale=scale)
    if seen is not None:
        return _widened(plain, seen)
    if not field.calculated:
        return Choice(type=plain)
    assumed = codes.TYPE_WITHOUT_DATA(
        guess="A formula or roll-up may carry more decimals than the described "
        f"{scale}; only an extract shows them."
    )
    return Choice(type=plain, findings=(assumed,))


def _widened(plain: FieldType, seen: Observed) -> Choice:
    """
    *plain* with room for every digit that was seen, within 18 digits in all.
    """
    assert plain.precision is not None
    assert plain.scale is not None
    scale = max(plain.scale, seen.max_scale)
    described = plain.precision - plain.scale
    needed = seen.max_integer_digits + scale
    if scale > MAX_SCALE or needed > MAX_PRECISION:
        return Choice(type=plain, findings=(_too_many_digits(seen),))
    integers = max(described, seen.max_integer_digits)
    precision = max(1, min(integers + scale, MAX_PRECISION))
    wide = FieldType(kind=plain.kind, precision=precision, scale=scale)
    if scale == plain.scale:
        return Choice(type=wide)
    widened = codes.SCALE_WIDENED(found=scale, described=plain.scale)
    return Choice(type=wide, findings=(widened,))


def _too_many_digits(seen: Observed) -> Finding:
    return codes.DIGITS_DO_NOT_FIT(
        whole=seen.max_integer_digits,
        decimals=seen.max_scale,
        precision=MAX_PRECISION,
        scale=MAX_SCALE,
    )


# -- Picklists ------------------------------------------------------------------------


def _picklist(field: FieldDescribe, seen: Observed | None) -> Choice:
    values = _union(field, seen.values if seen else ())
    problem = _picklist_problem(values, MAX_PICKLIST_VALUES)
    if not problem:
        return Choice(type=FieldType(kind=Kind.PICKLIST), values=values)
    length = max([MAX_TEXT, field.length, *map(len, values)])
    as_text = codes.PICKLIST_AS_TEXT(problem=problem)
    return Choice(type=_text(length), findings=(as_text,))


def _multiselect(field: FieldDescribe, seen: Observed | None) -> Choice:
    found = {part for cell in (seen.values if seen else ()) for part in cell.split(";")}
    values = _union(field, sorted(found))
    problem = _picklist_problem(values, MAX_MULTISELECT_VALUES)
    if not problem:
        return Choice(type=FieldType(kind=Kind.MULTISELECT_PICKLIST), values=values)
    length = max(field.length or 4_099, seen.max_length if seen else 0)
    kind = _long(Kind.LONG_TEXT_AREA, length)
    as_text = codes.PICKLIST_AS_TEXT(problem=problem)
    return Choice(type=kind, findings=(as_text,))


def _combobox(field: FieldDescribe, seen: Observed | None) -> Choice:
    length = max(MAX_TEXT, field.length, seen.max_length if seen else 0)
    return Choice(type=_text(length))


def _union(field: FieldDescribe, found: tuple[str, ...] | list[str]) -> tuple[str, ...]:
    """
    Return described values, inactive ones too, in their order; then the found ones.
    """
    described = [each.value for each in field.picklist_values]
    every = (each.strip() for each in (*described, *sorted(found)))
    return tuple(dict.fromkeys(each for each in every if each))


def _picklist_problem(values: tuple[str, ...], most: int) -> str:
    """
    Why *values* cannot be those of an unrestricted picklist; empty when they can.
    """
    if not values:
        return "no value is described"
    if len(values) > most:
        return f"there are more than {most} values"
    if len({each.casefold() for each in values}) < len(values):
        # The platform matches an incoming value without case and stores its own one.
        return "two values differ in case alone"
    if max(map(len, values)) > MAX_PICKLIST_VALUE:
        return f"a value has more than {MAX_PICKLIST_VALUE} characters"
    if sum(map(len, values)) > MAX_PICKLIST_CHARACTERS:
        return f"the values have more than {MAX_PICKLIST_CHARACTERS} characters"
    return ""


# -- What more than its row decides about ---------------------------------------------


def _record_id(_: FieldDescribe, __: Observed | None) -> Choice:
    return Choice(type=ID_TYPE)


_DECIDED: dict[str, Callable[[FieldDescribe, Observed | None], Choice]] = {
    "string": _string,
    "textarea": _text_area,
    "encryptedstring": _encrypted,
    "picklist": _picklist,
    "multipicklist": _multiselect,
    "combobox": _combobox,
    "id": _record_id,
}
"""By describe type; every other becomes what `DESCRIBED` says."""
