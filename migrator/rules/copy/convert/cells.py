"""
One load-file cell for each target field, and records no load file can hold.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace

import polars as pl

from migrator.model.finding import Finding
from migrator.model.kinds.row import Family
from migrator.model.kinds.table import Kind
from migrator.model.verdict import Loss
from migrator.rules.copy.convert.columns import (
    AUDIT_FIELDS,
    BLANKS,
    Cell,
    Conversion,
    cells_of,
    cleaned,
    deferred_cells,
    is_resolvable,
    origin_cell,
    reference_column,
)
from migrator.rules.copy.convert.digest import DIGEST, link_digests, value_digests
from migrator.rules.copy.convert.fast_path import usual_columns
from migrator.rules.copy.convert.misfits import Checked, check_ruled
from migrator.rules.copy.convert.numbers import number_text
from migrator.rules.copy.convert.value_rules import ruled

NULL = "#N/A"
RECORD_CHARACTERS = 400_000
"""A longer record is refused by Bulk API 2.0 ("Limits", maximum record size)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Converted:
    """
    A frame ready for load files: `Origin_Id__c` first, every cell text.
    """

    frame: pl.DataFrame
    rest_rows: pl.DataFrame
    """Records no load file can hold: a literal `#N/A`, or too long. Null is null."""
    checked: Checked

    @property
    def findings(self) -> tuple[Finding, ...]:
        """
        What does not fit and was not agreed to.
        """
        return self.checked.findings

    @property
    def losses(self) -> tuple[Loss, ...]:
        """
        What was cut because a reviewer had agreed to it.
        """
        return self.checked.losses


def convert(
    frame: pl.DataFrame,
    conversion: Conversion,
    *,
    check: bool = True,
    mapping: str = "",
) -> Converted:
    """
    Return the load-file frame of *frame*, an extract's columns.

    Cells with issues that nobody agreed to are in the output as they came: the caller
    does not send a frame whose findings block. Without *check* there are no findings,
    for frames that have been through `check_frame`. With *mapping*, its digest, every
    record of the load-file frame has its own in the column `DIGEST`.
    """
    cells = cells_of(conversion)
    frame = ruled(frame, conversion.mapped, conversion.text)
    usual = usual_columns(frame, cells, conversion)
    checked = Checked(mapped=conversion.mapped)
    if check:
        checked = check_ruled(frame, conversion, usual)
    made = _made_frame(frame, cells, conversion, usual)
    references = [cell.column for cell in cells if cell.is_reference]
    full = _with_nulls(made, references)
    if mapping:
        digests = value_digests(made, conversion, mapping)
        full = full.with_columns(digests[DIGEST])
    special = _special(made)
    if special is None:
        return Converted(frame=full, rest_rows=made.clear(), checked=checked)
    return Converted(
        frame=full.filter(~special), rest_rows=made.filter(special), checked=checked
    )


def examined(
    frame: pl.DataFrame, conversion: Conversion, mapping: str
) -> tuple[Checked, pl.DataFrame]:
    """
    Return what `convert` would find, and the digests of what it would make, by the
    mapping with the digest *mapping*.
    """
    frame = ruled(frame, conversion.mapped, conversion.text)
    cells = cells_of(conversion)
    usual = usual_columns(frame, cells, conversion)
    made = _made_frame(frame, cells, conversion, usual)
    return (
        check_ruled(frame, conversion, usual),
        value_digests(made, conversion, mapping),
    )


def made_digests(
    frame: pl.DataFrame, conversion: Conversion, mapping: str
) -> pl.DataFrame:
    """
    Return the digests alone, for frames that have been through `check_frame`.
    """
    frame = ruled(frame, conversion.mapped, conversion.text)
    cells = cells_of(conversion)
    usual = usual_columns(frame, cells, conversion)
    return value_digests(
        _made_frame(frame, cells, conversion, usual), conversion, mapping
    )


def _made_frame(
    frame: pl.DataFrame,
    cells: list[Cell],
    conversion: Conversion,
    usual: frozenset[str],
) -> pl.DataFrame:
    """
    Every load-file column: those in their *usual* state as they are, the others made.
    """
    others = [cell for cell in cells if cell.column not in usual]
    clean = cleaned(frame, others, conversion.text)
    made = clean.lazy().select(_made(cell, conversion) for cell in others).collect()
    return pl.DataFrame(
        [
            frame[cell.path].alias(cell.column)
            if cell.column in usual
            else made[cell.column]
            for cell in cells
        ]
    )


def load_columns(conversion: Conversion) -> tuple[str, ...]:
    """
    Return the columns of `Converted.frame`.
    """
    return tuple(cell.column for cell in cells_of(conversion))


def picked(frame: pl.DataFrame, origin_ids: Collection[str]) -> pl.DataFrame:
    """
    Those records of *frame*, an extract's, whose id is one of *origin_ids*.
    """
    return frame.filter(pl.col("Id").is_in(list(origin_ids)))


def links(frame: pl.DataFrame, conversion: Conversion, mapping: str) -> pl.DataFrame:
    """
    Return the second pass's load file: the origin id, the deferred references, and in
    `DIGEST` what they come to by the mapping with the digest *mapping*.

    Only references to known records; a record without one is there, too.
    """
    deferred = deferred_cells(conversion)
    cells = [origin_cell(conversion.mapped), *deferred]
    open_ = replace(conversion, deferred=frozenset())
    made = cleaned(frame, cells, conversion.text).select(
        _made(cell, open_) for cell in cells
    )
    digests = link_digests(made, conversion, mapping)
    columns = [cell.column for cell in deferred]
    return _with_nulls(made, columns).with_columns(digests[DIGEST])


def link_columns(conversion: Conversion) -> tuple[str, ...]:
    """
    Return the source's columns that `links` reads.
    """
    return ("Id", *(cell.path for cell in deferred_cells(conversion)))


def cleared(
    frame: pl.DataFrame, conversion: Conversion
) -> Iterator[tuple[str, pl.DataFrame]]:
    """
    Yield the records of *frame*, a load file's, so that references without a parent are
    emptied in the org: in one frame all that lack the same ones, and its name.

    An empty cell in the column of a relationship says nothing on an update, and `#N/A`
    there is a key like any other. The reference's own column takes `#N/A` for null
    (Bulk API 2.0 guide, "Prepare CSV Files"); what the two mean side by side is said
    nowhere, so records of each kind make a load file of their own.
    """
    fields = {
        reference_column(entry): str(entry.target)
        for entry in conversion.mapped.parents
        if reference_column(entry) in frame.columns
    }
    if not fields:
        yield "", frame
        return
    lacks = pl.concat_str(
        pl.when(pl.col(name) == "").then(pl.lit(f"{name} ")).otherwise(pl.lit(""))
        for name in fields
    )
    for (named,), piece in frame.group_by(lacks.alias("lacks"), maintain_order=True):
        empty = str(named).split()
        yield (
            str(named),
            piece.with_columns(pl.lit(NULL).alias(name) for name in empty).rename(
                {name: fields[name] for name in empty}
            ),
        )


def updatable(frame: pl.DataFrame, conversion: Conversion) -> pl.DataFrame:
    """
    *frame*, a load file's, without the columns that only an insert may set.

    Audit fields are set on insert alone; a master-detail cannot be moved to another
    master ("Reparentable Master Detail" is off), so it is not named again. What is
    stored afterwards is then another question: the digests go, too.
    """
    details = {
        reference_column(entry)
        for entry in conversion.mapped.parents
        if entry.type is not None and entry.type.kind is Kind.MASTER_DETAIL
    }
    dropped = details | set(AUDIT_FIELDS) | ({DIGEST} if details else set())
    return frame.select(name for name in frame.columns if name not in dropped)


def rest_records(rest_rows: pl.DataFrame) -> list[dict[str, str | None]]:
    """
    *rest_rows* for sObject Collections, one dictionary a record.
    """
    return rest_rows.to_dicts()


def _made(cell: Cell, conversion: Conversion) -> pl.Expr:
    """
    Return the text that goes into the load file; null for null.
    """
    text = cell.raw
    if cell.is_reference:
        text = pl.when(is_resolvable(cell, conversion)).then(text)
    elif cell.type.is_number:
        text = number_text(cell)
    elif cell.type.row.family is Family.CHECKBOX:
        text = text.str.to_lowercase()
    elif cell.type.row.family is Family.DATE and cell.entry.loses:
        text = text.str.slice(0, 10)
    elif (length := cell.type.room) and cell.entry.loses:
        text = text.str.slice(0, length).str.strip_chars_end(BLANKS)
    return text.alias(cell.column)


def _special(made: pl.DataFrame) -> pl.Series | None:
    """
    Which records no load file can hold; None when there is none, the usual case.
    """
    texts = made.columns
    looks = made.select(
        *(pl.col(name).str.starts_with(NULL[0]).any() for name in texts),
        pl.sum_horizontal(pl.col(texts).str.len_bytes()).max().alias("longest"),
    )
    suspects = [name for name in texts if looks[name][0]]
    if not suspects and (looks["longest"][0] or 0) <= RECORD_CHARACTERS:
        return None
    special = made.select(_needs_rest(suspects, texts)).to_series()
    return special if special.any() else None


def _needs_rest(suspects: list[str], texts: list[str]) -> pl.Expr:
    is_literal = pl.any_horizontal(
        pl.lit(value=False), *(pl.col(x).str.to_uppercase() == NULL for x in suspects)
    )
    length = pl.sum_horizontal(pl.col(texts).str.len_chars())
    needs = is_literal.fill_null(value=False) | (length > RECORD_CHARACTERS)
    return needs.alias("needs_rest")


def _with_nulls(made: pl.DataFrame, references: list[str]) -> pl.DataFrame:
    """
    *made* with the load file's word for null, `""` in the columns of *references*.
    """
    return made.with_columns(
        pl.col(name).fill_null("" if name in references else NULL)
        for name in made.columns
    )
