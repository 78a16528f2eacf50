"""
Load files: sorted by parent, cut where the parent changes, every cell quoted.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import polars as pl

from migrator.model.job import DIGEST_BYTES
from migrator.model.limits import ID_LENGTH
from migrator.model.mapping import ORIGIN_ID, FieldMapping, MappedObject
from migrator.model.records import Operation, Stretch, UploadPart
from migrator.rules.copy.convert.columns import Conversion, reference_column
from migrator.rules.copy.convert.digest import DIGEST, packed
from migrator.rules.copy.load_order import is_mandatory

PART_BYTES = 32_000_000
PART_ROWS = 100_000


def sort_columns(conversion: Conversion) -> tuple[str, ...]:
    """
    Return the source columns to sort an extract by, so that siblings stay together;
    none when there are no siblings.
    """
    parent = leading_parent(conversion)
    return () if parent is None else (parent.source, "Id")


def leading_parent(conversion: Conversion) -> FieldMapping | None:
    """
    Return the parent whose children stay together: a required one, where there is one.
    """
    parents = [
        each
        for each in conversion.mapped.parents
        if each.source not in conversion.deferred
    ]
    return next((e for e in parents if is_mandatory(e)), next(iter(parents), None))


@dataclass(slots=True, kw_only=True)
class Cutter:
    """
    Where load files end: at most *max_bytes* and *max_rows*, cut where the parent
    changes.

    Frames come in one after the other, no parent in two of them, and fill one file
    together. A file is cut inside one parent only when that parent's records alone are
    more than a file holds; then, and only then, do two files share a parent.
    """

    conversion: Conversion
    max_bytes: int = PART_BYTES
    max_rows: int = PART_ROWS
    _rows: int = 0
    _size: int = 0

    def stretches(self, frame: pl.DataFrame) -> Iterator[Stretch]:
        """
        Yield the records of *frame*, `Converted.frame` or that of `links`, sorted by
        parent; a column `DIGEST` is no part of the file.
        """
        if frame.is_empty():
            return
        column = self._family_column(frame)
        ordered = frame
        if column != ORIGIN_ID and not frame[column].is_sorted():
            ordered = frame.sort([column, ORIGIN_ID])
        # Written once before it is measured: most frames fit.
        lines = _lines(ordered)
        if self._has_room(ordered.height, len(lines)):
            yield self._taken(ordered, lines, is_first=not self._rows)
            return
        start = 0
        for rows, is_first in self._cuts(_families(ordered, column)):
            piece = ordered.slice(start, rows)
            start += rows
            yield self._taken(piece, _lines(piece), is_first=is_first)

    def _family_column(self, frame: pl.DataFrame) -> str:
        parent = leading_parent(self.conversion)
        column = reference_column(parent) if parent else ORIGIN_ID
        return column if column in frame.columns else ORIGIN_ID

    def _has_room(self, rows: int, size: int) -> bool:
        return (
            self._rows + rows <= self.max_rows and self._size + size <= self.max_bytes
        )

    def _taken(self, piece: pl.DataFrame, lines: bytes, *, is_first: bool) -> Stretch:
        """
        Return the stretch of *piece*, counted as part of the file it is in.
        """
        if is_first:
            self._rows = self._size = 0
        self._rows += piece.height
        self._size += len(lines)
        head = _lines(piece.clear(), header=True) if is_first else b""
        return Stretch(
            lines=head + lines,
            rows=piece.height,
            origin_ids="".join(piece[ORIGIN_ID].to_list()),
            is_first=is_first,
            digests=packed(piece[DIGEST]) if DIGEST in piece.columns else b"",
        )

    def _cuts(self, families: pl.DataFrame) -> Iterator[tuple[int, bool]]:
        """
        How many records go into the file that is open and into each one after it, and
        whether a file begins with them.
        """
        is_first = not self._rows
        held, size, rows = self._rows, self._size, 0
        for _, count, many in families.iter_rows():
            total = sum(many)
            is_whole = total <= self.max_bytes and count <= self.max_rows
            # What fits into no file is cut record by record.
            for more, bytes_ in (
                [(count, total)] if is_whole else [(1, x) for x in many]
            ):
                is_full = size + bytes_ > self.max_bytes or held + more > self.max_rows
                if held and is_full:
                    if rows:
                        yield rows, is_first
                    held, size, rows, is_first = 0, 0, 0, True
                held, size, rows = held + more, size + bytes_, rows + more
        if rows:
            yield rows, is_first


def _lines(piece: pl.DataFrame, *, header: bool = False) -> bytes:
    return _csv(piece.drop(DIGEST, strict=False), header=header)


def _csv(piece: pl.DataFrame, *, header: bool = True) -> bytes:
    file = io.BytesIO()
    piece.write_csv(
        file, include_header=header, quote_style="always", line_terminator="\n"
    )
    return file.getvalue()


def _families(ordered: pl.DataFrame, column: str) -> pl.DataFrame:
    """
    Each parent's records in their order: how many, and the bytes of each.
    """
    texts = [name for name in ordered.columns if name != DIGEST]
    sizes = ordered.select(pl.col(column).rle_id().alias("family"), _csv_bytes(texts))
    return sizes.group_by("family", maintain_order=True).agg(
        pl.len().alias("rows"), pl.col("bytes")
    )


def _csv_bytes(columns: list[str]) -> pl.Expr:
    """
    At most how many bytes a record takes: its text, its quotes doubled, separators.
    """
    texts = pl.col(columns)
    size = pl.sum_horizontal(texts.str.len_bytes())
    quotes = pl.sum_horizontal(texts.str.count_matches('"', literal=True))
    return (size + quotes + 3 * len(columns)).alias("bytes")


def id_frame(origin_ids: str) -> pl.DataFrame:
    """
    *origin_ids*, joined, one below the other in `Origin_Id__c`.
    """
    places = range(0, len(origin_ids), ID_LENGTH)
    ids = [origin_ids[at : at + ID_LENGTH] for at in places]
    return pl.DataFrame({ORIGIN_ID: ids}, schema={ORIGIN_ID: pl.String})


def removals(
    stored: Iterable[tuple[Sequence[pl.DataFrame], Sequence[pl.DataFrame]]],
    mapped: MappedObject,
) -> Iterator[UploadPart]:
    """
    Yield the load files that delete the records of *stored* that are ours.

    *stored* are pairs, range by range: frames of Id and Origin_Id__c as stored, and
    frames of origin ids that are ours. The records of a part are known by their own
    ids.
    """
    for number, (frames, ours) in enumerate(stored, 1):
        if not frames or not ours:
            continue
        known = pl.concat(ours)
        found = pl.concat(frames).join(known, on=ORIGIN_ID, how="semi")
        for piece in found.select("Id").iter_slices(PART_ROWS):
            if piece.is_empty():
                continue
            yield UploadPart(
                object=mapped.target,
                operation=Operation.DELETE,
                number=number,
                rows=piece.height,
                content=_csv(piece),
                first_id=str(piece["Id"][0]),
                last_id=str(piece["Id"][-1]),
            )


def subset(part: UploadPart, content: bytes, origin_ids: Collection[str]) -> UploadPart:
    """
    Return the records of *part* that *origin_ids* names, to be sent once more;
    *content* is its load file.
    """
    rows = list(csv.reader(io.StringIO(content.decode("utf-8"), newline="")))
    head, *records = rows
    places = [at for at, row in enumerate(records) if row[0] in origin_ids]
    kept = [records[at] for at in places]
    text = io.StringIO()
    csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\n").writerows(
        [head, *kept]
    )
    return replace(
        part,
        rows=len(kept),
        content=text.getvalue().encode("utf-8"),
        first_id=kept[0][0] if kept else "",
        last_id=kept[-1][0] if kept else "",
        origin_ids="".join(row[0] for row in kept),
        digests=b"".join(_nth(part.digests, at) for at in places),
    )


def _nth(digests: bytes, place: int) -> bytes:
    return digests[place * DIGEST_BYTES : (place + 1) * DIGEST_BYTES]
