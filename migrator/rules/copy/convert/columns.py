"""
Which load-file columns an object has, and the source text of each.
"""

from __future__ import annotations

from collections import abc
from collections.abc import Iterator
from dataclasses import dataclass, field

import polars as pl

from migrator.model.field_type import ID_TYPE, NAME_TYPE, ORIGINAL_TYPE, FieldType
from migrator.model.kinds.table import Kind
from migrator.model.mapping import (
    ORIGIN_ID,
    AuditChoice,
    FieldMapping,
    LineBreaks,
    MappedObject,
    OwnerChoice,
    TextRule,
)
from migrator.model.names import ApiName, traversal
from migrator.model.treatment import Treatment
from migrator.rules.copy.convert.lookup import found_in

Frame = pl.DataFrame
"""Records on their way, for those who pass them on without looking."""
Series = pl.Series
"""Ids of records, likewise."""
BLANKS = " \t\n\r\x0b\x0c"
RULED = "rule:"
"""Before the path of a column that a value rule made."""
AUDIT_FIELDS = ("CreatedDate", "CreatedById", "LastModifiedDate", "LastModifiedById")


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversion:
    """
    How the records of one object are converted.
    """

    mapped: MappedObject
    text: TextRule = field(default_factory=TextRule)
    deferred: frozenset[ApiName] = frozenset()
    """Source fields of parents that a second pass fills."""
    known: abc.Mapping[ApiName, pl.Series] = field(default_factory=dict)
    """Origin ids that exist, by target object; a parent not listed is not checked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """
    One column to be made: where its text comes from and what it has to be.
    """

    entry: FieldMapping
    path: str
    column: str
    type: FieldType
    is_reference: bool = False
    """True for a column that names a parent by its origin id."""

    @property
    def raw(self) -> pl.Expr:
        """
        The source text in a frame that `cleaned` made.
        """
        return pl.col(f"in:{self.path}")

    @property
    def may_be_blank(self) -> bool:
        """
        False where a record cannot be without a value.
        """
        is_demanded = self.is_reference and self.entry.required
        return self.type.row.nullable and not is_demanded


def cells_of(conversion: Conversion) -> list[Cell]:
    """
    Every column of the load file, in its order.
    """
    mapped = conversion.mapped
    cells = [
        cell
        for entry in mapped.carried
        for cell in _entry_cells(entry, conversion.deferred)
    ]
    cells += _real_system_cells(mapped)
    first = {str(ORIGIN_ID): 0, "Name": 1, "CurrencyIsoCode": 2}
    return sorted(cells, key=lambda cell: first.get(cell.column, len(first)))


def fillings(entry: FieldMapping) -> tuple[tuple[str, ApiName], ...]:
    """
    Which source column fills which target field, as (SOQL path, target field).

    The source columns are those of the extract. A parent is listed here too: its cell
    is filled through `Origin_Id__c` of the record that the id names.
    """
    pairs = [
        (str(entry.source), None if entry.is_location else entry.target),
        (str(entry.source), entry.id_target),
        (entry.name_source, entry.name_target),
        (str(entry.source), entry.original_target),
    ]
    return tuple((path, name) for path, name in pairs if name is not None and path)


def reference_column(entry: FieldMapping) -> str:
    """
    Return the load-file column that lets the org resolve a parent:
    `Invoice__r.Origin_Id__c`.
    """
    assert entry.target is not None
    return f"{traversal(entry.target)}.{ORIGIN_ID}"


def _entry_cells(entry: FieldMapping, deferred: frozenset[ApiName]) -> Iterator[Cell]:
    for path, target in fillings(entry):
        if target == entry.id_target:
            type_ = ID_TYPE
        elif target == entry.name_target:
            type_ = NAME_TYPE
        elif target == entry.original_target:
            type_ = entry.original_type or ORIGINAL_TYPE
        elif entry.treatment is Treatment.PARENT:
            if entry.source not in deferred:
                yield reference_cell(entry)
            continue
        else:
            assert entry.type is not None
            type_ = entry.type
        is_ruled = target == entry.target and entry.rule and not entry.rule.owners
        given = f"{RULED}{path}" if is_ruled else path
        yield Cell(entry=entry, path=given, column=target, type=type_)


def reference_cell(entry: FieldMapping) -> Cell:
    """
    Return the column that names a parent by its origin id.
    """
    assert entry.type is not None
    return Cell(
        entry=entry,
        path=entry.source,
        column=reference_column(entry),
        type=entry.type,
        is_reference=True,
    )


def deferred_cells(conversion: Conversion) -> list[Cell]:
    """
    Return the columns of the references that a second pass fills.
    """
    entries = conversion.mapped.parents
    return [reference_cell(e) for e in entries if e.source in conversion.deferred]


def origin_cell(mapped: MappedObject) -> Cell:
    """
    Return the column of the record's own origin id.
    """
    entry = mapped.entry(ApiName("Id"))
    assert entry is not None
    return next(c for c in _entry_cells(entry, frozenset()) if c.column == ORIGIN_ID)


def _real_system_cells(mapped: MappedObject) -> Iterator[Cell]:
    """
    Yield the org's own owner and audit fields, where the reviewer chose to keep them.
    """
    names: list[str] = []
    if mapped.owner is OwnerChoice.KEEP:
        names.append("OwnerId")
    if mapped.audit is AuditChoice.KEEP:
        names += AUDIT_FIELDS
    for name in names:
        entry = mapped.entry(ApiName(name))
        if entry is not None:
            standard = FieldType(kind=Kind.STANDARD)
            owners = entry.rule.owners if entry.rule else None
            path = f"{RULED}{name}" if owners else name
            yield Cell(entry=entry, path=path, column=name, type=standard)


def cleaned(frame: pl.DataFrame, cells: list[Cell], rule: TextRule) -> pl.DataFrame:
    """
    Return the source columns in use, as `in:<path>`, normalised, blank as null.
    """
    paths = dict.fromkeys(["Id", *(cell.path for cell in cells)])
    return frame.select(
        clean(path if path in frame.columns else None, rule).alias(f"in:{path}")
        for path in paths
    )


def clean(path: str | None, rule: TextRule) -> pl.Expr:
    """
    Return the text at *path* by the mapping's *rule*, blank as null.
    """
    if path is None:
        return pl.lit(None, dtype=pl.String)
    text = pl.col(path)
    if rule.line_breaks is LineBreaks.LF:
        for line_break in ("\r\n", "\r"):
            text = text.str.replace_all(line_break, "\n", literal=True)
    if rule.trim:
        text = text.str.strip_chars(BLANKS)
    return pl.when(text != "").then(text)


def is_resolvable(cell: Cell, conversion: Conversion) -> pl.Expr:
    """
    Return True where the parent that *cell* names is among the records copied.
    """
    assert cell.type.reference_to is not None
    known = conversion.known.get(cell.type.reference_to)
    if known is None:
        return pl.lit(value=True)
    return cell.raw.map_batches(
        lambda values: found_in(values, known), return_dtype=pl.Boolean
    )
