"""
Load files: sorted by parent, cut where the parent changes, every cell quoted.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace

import polars as pl

from migrator.model.mapping import (
    ORIGIN_ID,
    FieldMapping,
    MappedObject,
    reference_column,
)
from migrator.model.records import Operation, UploadPart
from migrator.rules.conversion.columns import Conversion
from migrator.rules.conversion.lookup import found_in
from migrator.rules.ordering import is_mandatory

PART_BYTES = 32_000_000
PART_ROWS = 100_000


def sort_columns(conversion: Conversion) -> tuple[str, ...]:
    """
    The source columns to sort an extract by, so that siblings stay together; none when
    there are no siblings.
    """
    parent = leading_parent(conversion)
    return () if parent is None else (parent.source, "Id")


def leading_parent(conversion: Conversion) -> FieldMapping | None:
    """
    The parent whose children stay together: a required one, where there is one.
    """
    parents = [
        each
        for each in conversion.mapped.parents
        if each.source not in conversion.deferred
    ]
    return next((e for e in parents if is_mandatory(e)), next(iter(parents), None))


def cut_parts(
    frame: pl.DataFrame,
    conversion: Conversion,
    operation: Operation,
    *,
    max_bytes: int = PART_BYTES,
    max_rows: int = PART_ROWS,
) -> Iterator[UploadPart]:
    """
    The load files of *frame*, sorted by parent and cut where the parent changes.

    *frame* is `Converted.frame` or the frame of `links`. A part is cut inside one
    parent only when that parent's records alone are more than *max_bytes* or
    *max_rows*; then, and only then, do two parts share a parent.
    """
    parent = leading_parent(conversion)
    column = reference_column(parent) if parent else ORIGIN_ID
    if column not in frame.columns:
        column = ORIGIN_ID
    ordered = frame
    if column != ORIGIN_ID and not frame[column].is_sorted():
        ordered = frame.sort([column, ORIGIN_ID])
    if 0 < ordered.height <= max_rows:
        # Written once before it is measured: most frames are made to fit.
        content = _csv(ordered)
        if len(content) <= max_bytes:
            yield _part(ordered, content, conversion, operation, 1)
            return
    start = 0
    for number, rows in enumerate(_cuts(ordered, column, max_bytes, max_rows), 1):
        piece = ordered.slice(start, rows)
        start += rows
        yield _part(piece, _csv(piece), conversion, operation, number)


def _part(
    piece: pl.DataFrame,
    content: bytes,
    conversion: Conversion,
    operation: Operation,
    number: int,
) -> UploadPart:
    return UploadPart(
        object=conversion.mapped.target,
        operation=operation,
        number=number,
        rows=piece.height,
        content=content,
        first_id=str(piece[ORIGIN_ID][0]),
        last_id=str(piece[ORIGIN_ID][-1]),
        origin_ids="".join(piece[ORIGIN_ID].to_list()),
    )


def _csv(piece: pl.DataFrame) -> bytes:
    file = io.BytesIO()
    piece.write_csv(file, quote_style="always", line_terminator="\n")
    return file.getvalue()


def _cuts(
    ordered: pl.DataFrame, column: str, max_bytes: int, max_rows: int
) -> Iterator[int]:
    """
    How many records each part takes, in order.
    """
    sizes = ordered.select(
        pl.col(column).rle_id().alias("family"), _csv_bytes(ordered.columns)
    )
    families = sizes.group_by("family", maintain_order=True).agg(
        pl.len().alias("rows"), pl.col("bytes")
    )
    rows, size = 0, 0
    for _, count, many in families.iter_rows():
        total = sum(many)
        if rows and (size + total > max_bytes or rows + count > max_rows):
            yield rows
            rows, size = 0, 0
        if total <= max_bytes and count <= max_rows:
            rows, size = rows + count, size + total
            continue
        for each in many:
            if rows and (size + each > max_bytes or rows == max_rows):
                yield rows
                rows, size = 0, 0
            rows, size = rows + 1, size + each
    if rows:
        yield rows


def _csv_bytes(columns: list[str]) -> pl.Expr:
    """
    At most how many bytes a record takes: its text, its quotes doubled, separators.
    """
    texts = pl.col(columns)
    size = pl.sum_horizontal(texts.str.len_bytes())
    quotes = pl.sum_horizontal(texts.str.count_matches('"', literal=True))
    return (size + quotes + 3 * len(columns)).alias("bytes")


def removals(
    frames: Iterable[pl.DataFrame], ours: Collection[str], mapped: MappedObject
) -> Iterator[UploadPart]:
    """
    The load files that delete those records of *frames* that are *ours*.

    *frames* hold Id and Origin_Id__c as stored, *ours* are origin ids. The records of
    a part are known by their own ids.
    """
    known = pl.Series(sorted(ours), dtype=pl.String)
    for number, frame in enumerate(frames, 1):
        ids = frame.filter(found_in(frame[ORIGIN_ID], known)).select("Id")
        for piece in ids.iter_slices(PART_ROWS):
            yield UploadPart(
                object=mapped.target,
                operation=Operation.DELETE,
                number=number,
                rows=piece.height,
                content=_csv(piece),
                first_id=str(piece["Id"][0]),
                last_id=str(piece["Id"][-1]),
            )


def subset(part: UploadPart, origin_ids: Collection[str]) -> UploadPart:
    """
    The records of *part* that *origin_ids* names, to be sent once more.
    """
    rows = list(csv.reader(io.StringIO(part.content.decode("utf-8"), newline="")))
    kept = [row for row in rows[1:] if row[0] in origin_ids]
    text = io.StringIO()
    csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\n").writerows(
        [rows[0], *kept]
    )
    return replace(
        part,
        rows=len(kept),
        content=text.getvalue().encode("utf-8"),
        first_id=kept[0][0] if kept else "",
        last_id=kept[-1][0] if kept else "",
        origin_ids="".join(row[0] for row in kept),
    )
