"""
What differs between the source records and their copies, cell by cell.

Both sides come as they were received, every column text. Two cells are equal when the
texts are equal; only what is left is looked at again: first by one vectorised spelling
of numbers, dates and booleans, then value by value with exact decimals, then by the
text rule the mapping declares (counted), last by a loss it agrees to (counted). What
remains is a difference with a name. Empty text and null are the same, because the org
stores only null.

Nothing here is shared with the code that prepared the records for loading. Memory: the
two frames of one object, and two columns at a time; a million records and more would be
split by a hash of the id before `compare`, whose results add up.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from decimal import Context, Decimal

import polars as pl

from migrator.errors import Bug
from migrator.model.finding import Finding, Level
from migrator.model.mapping import (
    ORIGIN_ID,
    FieldMapping,
    MappedObject,
    Mapping,
    TextRule,
    Treatment,
    reference_column,
)
from migrator.model.names import ApiName
from migrator.model.target import FieldType, Kind
from migrator.model.verdict import Damage, Difference, Loss, ObjectVerdict, Total
from migrator.rules.equivalence import (
    OUTER_BLANKS,
    canonical_instant,
    canonical_number,
    is_agreed_loss,
    is_text,
)
from migrator.rules.summing import (
    CurrencyGroup,
    Sides,
    amount_fields,
    currency_field,
    year_field,
)

MOST_NAMED = 100_000
"""Differences named per object; all are counted."""
_EXACT = Context(prec=200)
_NAME = FieldType(kind=Kind.TEXT, length=255)
_ID = FieldType(kind=Kind.TEXT, length=18)
_PLAIN_NUMBER = r"^-?[0-9]+\.[0-9]+$"
_SUMMABLE_NUMBER = r"^-?[0-9]+(\.[0-9]+)?$"
_WIDEST = 38
"""Digits of a polars decimal; seven of them are kept free for the sum itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """
    One object compared: its part of the verdict and every difference.
    """

    verdict: ObjectVerdict
    differences: tuple[Difference, ...]
    """The first `MOST_NAMED`; the verdict has the number of all."""
    sums: Sides
    """What the records read add up to, for the check against the org's own sums."""
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Cell:
    """
    One pair of columns to compare.
    """

    entry: FieldMapping
    path: str
    """The source column."""
    column: str
    """The target column."""
    target: ApiName
    type: FieldType
    is_parent: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class _Pairs:
    """
    Which source record belongs to which target record.
    """

    ids: pl.Series
    source_rows: pl.Series
    target_rows: pl.Series
    differences: tuple[Difference, ...]
    """Records without a partner, or with too many."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _CellResult:
    """
    What one pair of columns came to.
    """

    rows: pl.DataFrame
    """id, source, target of the cells that differ."""
    compared: int
    normalised: int = 0
    lost: int = 0
    from_snapshot: int = 0


def source_columns(mapped: MappedObject) -> tuple[str, ...]:
    """
    The SOQL paths that the source frame must have, `Id` first.
    """
    return tuple(dict.fromkeys(["Id", *(cell.path for cell in _cells(mapped))]))


def target_columns(mapped: MappedObject) -> tuple[str, ...]:
    """
    The SOQL paths that the target frame must have, `Id` and `Origin_Id__c` first.
    """
    columns = (cell.column for cell in _cells(mapped))
    return tuple(dict.fromkeys(["Id", str(ORIGIN_ID), *columns]))


def one_frame(pages: Iterable[pl.DataFrame], columns: Iterable[str]) -> pl.DataFrame:
    """
    The *pages* of one query as a frame of *columns*, empty when there is no page.
    """
    wanted = list(columns)
    found = [page.select(wanted) for page in pages if page.height]
    empty = pl.DataFrame(schema=dict.fromkeys(wanted, pl.String()))
    return pl.concat([empty, *found]).rechunk()


def compare(
    source: pl.DataFrame,
    target: pl.DataFrame,
    mapped: MappedObject,
    mapping: Mapping,
    extract: pl.DataFrame | None = None,
) -> Comparison:
    """
    The differences between *source* and *target*, all columns text as received.

    *extract* is what was copied; fields marked `volatile` are compared with it, because
    a formula that reads the clock says something else today. Raises Bug when a column
    of `source_columns` or `target_columns` is missing.
    """
    _require(source, source_columns(mapped), mapped.source)
    _require(target, target_columns(mapped), mapped.target)
    pairs = _pair(source, target, mapped)
    results: list[tuple[_Cell, _CellResult]] = []
    named = list(pairs.differences)
    for cell in _cells(mapped):
        if cell.column == ORIGIN_ID or not _is_comparable(cell, extract):
            continue
        result = _compare_cell(source, target, pairs, cell, mapping.text, extract)
        results.append((cell, result))
        named += _named(mapped, cell, result, MOST_NAMED - len(named))
    totals, sums = _totals(source, target, mapped)
    return Comparison(
        verdict=replace(
            _verdict(mapped, pairs, results, totals),
            source_records=source.height,
            target_records=target.height,
        ),
        differences=tuple(named[:MOST_NAMED]),
        sums=sums,
        findings=_findings(mapped, extract),
    )


def _cells(mapped: MappedObject) -> tuple[_Cell, ...]:
    return tuple(
        _cell(entry, path, target)
        for entry in mapped.carried
        for path, target in entry.cells
    )


def _cell(entry: FieldMapping, path: str, target: ApiName) -> _Cell:
    is_parent = entry.treatment is Treatment.PARENT and target == entry.target
    type_ = {entry.id_target: _ID, entry.name_target: _NAME, entry.target: entry.type}
    found = type_[target]
    assert found is not None
    return _Cell(
        entry=entry,
        path=path,
        column=reference_column(entry) if is_parent else target,
        target=target,
        type=found,
        is_parent=is_parent,
    )


def _require(frame: pl.DataFrame, columns: tuple[str, ...], object_: str) -> None:
    missing = [name for name in columns if name not in frame.columns]
    if missing:
        raise Bug(f"{object_}: the comparison was not given {', '.join(missing)}")


def _is_comparable(cell: _Cell, extract: pl.DataFrame | None) -> bool:
    return not cell.entry.volatile or (
        extract is not None and cell.path in extract.columns
    )


def _findings(
    mapped: MappedObject, extract: pl.DataFrame | None
) -> tuple[Finding, ...]:
    return tuple(
        Finding(
            level=Level.WARNING,
            code="snapshot-missing",
            message=(
                f"{cell.path} reads the clock and is not in the extract, so its copy "
                "was not compared"
            ),
            object=mapped.source,
            field=cell.entry.source,
            remedy="keep the extract that was copied, or run extract and copy again",
        )
        for cell in _cells(mapped)
        if not _is_comparable(cell, extract)
    )


# -- Records --------------------------------------------------------------------------


def _pair(source: pl.DataFrame, target: pl.DataFrame, mapped: MappedObject) -> _Pairs:
    theirs = target.select(id=pl.col(ORIGIN_ID).replace("", None), own=pl.col("Id"))
    theirs = theirs.with_row_index("t").sort("own", "t")
    known = theirs.drop_nulls("id")
    first = known.unique("id", keep="first", maintain_order=True)
    mine = source.select(id=pl.col("Id")).with_row_index("s")
    single = mine.unique("id", keep="first", maintain_order=True)
    both = single.join(first, on="id", how="inner").sort("s")
    again = known.join(first, on="t", how="anti")
    differences = [
        *_records(mapped, Damage.MISSING, single.join(first, on="id", how="anti")),
        *_records(mapped, Damage.SURPLUS, first.join(single, on="id", how="anti")),
        *_records(mapped, Damage.SURPLUS, theirs.filter(pl.col("id").is_null())),
        *_records(mapped, Damage.DUPLICATE, again),
        *_records(mapped, Damage.DUPLICATE, mine.join(single, on="s", how="anti")),
    ]
    return _Pairs(
        ids=both["id"],
        source_rows=both["s"],
        target_rows=both["t"],
        differences=tuple(differences),
    )


def _records(
    mapped: MappedObject, damage: Damage, rows: pl.DataFrame
) -> list[Difference]:
    """
    One difference per row, sorted by id; a copy without an origin goes by its own id.
    """
    keys = rows.select(
        pl.col("id"),
        own=pl.col("own") if "own" in rows.columns else pl.lit("", pl.String),
    )
    return [
        Difference(
            object=mapped.source,
            origin_id=origin or own,
            damage=damage,
            source_value="" if own else origin,
            target_value=own,
        )
        for origin, own in keys.sort("id", "own").iter_rows()
    ]


# -- Cells ----------------------------------------------------------------------------


def _compare_cell(
    source: pl.DataFrame,
    target: pl.DataFrame,
    pairs: _Pairs,
    cell: _Cell,
    rule: TextRule,
    extract: pl.DataFrame | None,
) -> _CellResult:
    both = pl.DataFrame(
        {
            "id": pairs.ids,
            "source": source[cell.path].gather(pairs.source_rows),
            "target": target[cell.column].gather(pairs.target_rows),
        }
    )
    snapshot = 0
    if cell.entry.volatile:
        assert extract is not None
        both, snapshot = _as_extracted(both, extract, cell.path)
    unequal = _without_equal(both)
    unequal = unequal.with_columns(_none_if_empty("source"), _none_if_empty("target"))
    unequal = _without_equal(unequal)
    if unequal.height:
        unequal = _without_same_value(unequal, cell.type)
    left, normal = _without_normalised(unequal, cell, rule)
    left, lost = _without_agreed(left, cell, rule)
    return _CellResult(
        rows=left.select("id", "source", "target"),
        compared=both.height,
        normalised=normal,
        lost=lost,
        from_snapshot=snapshot,
    )


def _none_if_empty(name: str) -> pl.Expr:
    return pl.when(pl.col(name) != "").then(pl.col(name)).alias(name)


def _as_extracted(
    both: pl.DataFrame, extract: pl.DataFrame, path: str
) -> tuple[pl.DataFrame, int]:
    kept = extract.select(id="Id", kept=path, known=True)
    kept = kept.unique("id", keep="first", maintain_order=True)
    joined = both.join(kept, on="id", how="left", maintain_order="left")
    source = pl.when("known").then("kept").otherwise("source").alias("source")
    count = int(joined["known"].count())
    return joined.select("id", source, "target"), count


def _without_equal(
    rows: pl.DataFrame, one: str = "source", other: str = "target"
) -> pl.DataFrame:
    return rows.filter(pl.col(one).ne_missing(pl.col(other)))


def _without_same_value(rows: pl.DataFrame, type_: FieldType) -> pl.DataFrame:
    """
    The rows whose texts also stand for different values.
    """
    spelling = _SPELLINGS.get(_notation(type_))
    if spelling is None:
        return rows
    vector, single = spelling
    rows = rows.with_columns(one=vector("source"), other=vector("target"))
    rows = _without_equal(rows, "one", "other")
    if rows.is_empty():
        return rows
    rows = rows.with_columns(_each(rows, "one", single), _each(rows, "other", single))
    return _without_equal(rows, "one", "other")


def _notation(type_: FieldType) -> Kind:
    return Kind.NUMBER if type_.is_number else type_.kind


def _each(rows: pl.DataFrame, name: str, function: Callable[[str], str]) -> pl.Series:
    """
    *function* of every distinct text of the column *name*.
    """
    texts = rows[name].drop_nulls().unique().to_list()
    return rows[name].replace(texts, [function(text) for text in texts])


def _number(name: str) -> pl.Expr:
    """
    Numbers with a point lose the zeros at their end; everything else stays.

    Enough for whole columns in the two usual notations; signs, exponents and leading
    zeros are left to `canonical_number`.
    """
    text = pl.col(name)
    short = text.str.strip_chars_end("0").str.strip_chars_end(".")
    return pl.when(text.str.contains(_PLAIN_NUMBER)).then(short).otherwise(text)


def _instant(name: str) -> pl.Expr:
    utc = pl.col(name).str.replace(r"[+-]00:?00$", "Z")
    return utc.str.replace(r"\.0+Z$", "Z")


def _time(name: str) -> pl.Expr:
    return pl.col(name).str.replace(r"(\.0+)?Z?$", "Z")


def _boolean(name: str) -> pl.Expr:
    return pl.col(name).str.to_lowercase()


_SPELLINGS: dict[Kind, tuple[Callable[[str], pl.Expr], Callable[[str], str]]] = {
    Kind.NUMBER: (_number, canonical_number),
    Kind.DATE_TIME: (_instant, canonical_instant),
    Kind.TIME: (_time, str),
    Kind.CHECKBOX: (_boolean, str),
}
"""One spelling per value: for a whole column, and exactly for what that leaves."""


def _without_normalised(
    rows: pl.DataFrame, cell: _Cell, rule: TextRule
) -> tuple[pl.DataFrame, int]:
    """
    The rows that the declared text rule does not explain, and how many it does.

    Only the source is normalised: a blank that the copy gained is a difference.
    """
    if rows.is_empty() or not is_text(cell.type):
        return rows, 0
    text = pl.col("source").str.replace_all("\r\n", "\n", literal=True)
    text = text.str.replace_all("\r", "\n", literal=True)
    if rule.trim:
        text = text.str.strip_chars(OUTER_BLANKS)
    rows = rows.with_columns(stored=text)
    left = _without_equal(rows.with_columns(_none_if_empty("stored")), "stored")
    return left, rows.height - left.height


def _without_agreed(
    rows: pl.DataFrame, cell: _Cell, rule: TextRule
) -> tuple[pl.DataFrame, int]:
    """
    The rows that the agreed loss does not explain, and how many it does.
    """
    if rows.is_empty() or not cell.entry.loses:
        return rows, 0
    values = rows.select("source", "target").iter_rows()
    agreed = pl.Series(
        [
            bool(one and other) and is_agreed_loss(one, other, cell.type, rule)
            for one, other in values
        ],
        dtype=pl.Boolean,
    )
    return rows.filter(~agreed), int(agreed.sum())


def _named(
    mapped: MappedObject, cell: _Cell, result: _CellResult, room: int
) -> list[Difference]:
    rows = result.rows.sort("id").head(max(room, 0))
    return [
        Difference(
            object=mapped.source,
            origin_id=origin_id,
            damage=_damage(cell, source, target),
            source_field=cell.path,
            target_field=cell.target,
            source_value=source or "",
            target_value=target or "",
        )
        for origin_id, source, target in rows.iter_rows()
    ]


def _damage(cell: _Cell, source: str | None, target: str | None) -> Damage:
    if cell.is_parent:
        return Damage.PARENT
    return Damage.EMPTY if source and not target else Damage.VALUE


# -- The verdict ----------------------------------------------------------------------


def _verdict(
    mapped: MappedObject,
    pairs: _Pairs,
    results: list[tuple[_Cell, _CellResult]],
    totals: tuple[Total, ...],
) -> ObjectVerdict:
    by_field: dict[str, int] = {}
    lost = {entry.source: 0 for entry in mapped.carried if entry.loses}
    for cell, result in results:
        if result.rows.height:
            by_field[cell.path] = by_field.get(cell.path, 0) + result.rows.height
        if cell.entry.loses:
            lost[cell.entry.source] += result.lost
    return ObjectVerdict(
        source=mapped.source,
        target=mapped.target,
        source_records=0,
        target_records=0,
        cells_compared=sum(result.compared for _, result in results),
        differences=len(pairs.differences) + sum(by_field.values()),
        normalised=sum(result.normalised for _, result in results),
        snapshot_cells=sum(result.from_snapshot for _, result in results),
        totals=totals,
        losses=tuple(
            Loss(field=entry.source, agreed=entry.loses, cells=lost[entry.source])
            for entry in mapped.carried
            if entry.loses
        ),
        by_field=tuple(sorted(by_field.items(), key=lambda item: -item[1])),
    )


# -- Totals ---------------------------------------------------------------------------


_Sums = dict[tuple[str, int | None], Decimal]
"""By currency and year."""


def _totals(
    source: pl.DataFrame, target: pl.DataFrame, mapped: MappedObject
) -> tuple[tuple[Total, ...], Sides]:
    mine = _grouping(source, mapped, on_target=False)
    theirs = _grouping(target, mapped, on_target=True)
    totals: list[Total] = []
    for entry in amount_fields(mapped):
        assert entry.target is not None
        one = _sums(mine.with_columns(value=source[str(entry.source)]))
        other = _sums(theirs.with_columns(value=target[entry.target]))
        totals += [
            Total(
                field=entry.source,
                currency=currency,
                year=year,
                source=one.get((currency, year), Decimal(0)),
                target=other.get((currency, year), Decimal(0)),
            )
            for currency, year in sorted(
                one.keys() | other.keys(), key=lambda key: (key[0], key[1] or 0)
            )
        ]
    return tuple(totals), Sides(
        source=_groups(mine, [(t.field, t.currency, t.source) for t in totals]),
        target=_groups(theirs, [(t.field, t.currency, t.target) for t in totals]),
    )


def _grouping(
    frame: pl.DataFrame, mapped: MappedObject, *, on_target: bool
) -> pl.DataFrame:
    """
    Currency and year of every record, as its own side has them; the year is UTC's.
    """

    def column(entry: FieldMapping | None) -> pl.Expr:
        if entry is None or entry.target is None:
            return pl.lit(None, pl.String)
        return pl.col(entry.target if on_target else str(entry.source))

    return frame.select(
        currency=pl.coalesce(column(currency_field(mapped)), pl.lit("")),
        year=column(year_field(mapped)).str.slice(0, 4).cast(pl.Int32, strict=False),
        row=pl.col("Id"),
    )


def _sums(rows: pl.DataFrame) -> _Sums:
    """
    The exact sum of the column `value` by currency and year; what is no number is
    left to the comparison of cells.
    """
    rows = rows.with_columns(_none_if_empty("value")).drop_nulls("value")
    usual = pl.col("value").str.contains(_SUMMABLE_NUMBER)
    odd = rows.filter(~usual)
    if odd.height:
        spelled = odd.with_columns(_each(odd, "value", canonical_number))
        rows = pl.concat([rows.filter(usual), spelled.filter(usual)])
    if rows.is_empty():
        return {}
    whole, scale = _digits(rows["value"])
    if whole + scale + 7 > _WIDEST:
        return _summed_one_by_one(rows)
    exact = pl.col("value").cast(pl.Decimal(_WIDEST, scale))
    found = rows.group_by("currency", "year").agg(exact.sum())
    return {(currency, year): value for currency, year, value in found.iter_rows()}


def _digits(numbers: pl.Series) -> tuple[int, int]:
    """
    The most characters before and after the point of *numbers*.
    """
    length, point = numbers.str.len_bytes(), numbers.str.find(".", literal=True)
    before = point.fill_null(length).max()
    after = (length - point - 1).max()
    assert isinstance(before, int)
    return before, after if isinstance(after, int) else 0


def _summed_one_by_one(rows: pl.DataFrame) -> _Sums:
    sums: _Sums = {}
    for currency, year, value in rows.select("currency", "year", "value").iter_rows():
        key = (currency, year)
        sums[key] = _EXACT.add(sums.get(key, Decimal(0)), Decimal(value))
    return sums


def _groups(
    grouping: pl.DataFrame, sums: list[tuple[ApiName, str, Decimal]]
) -> tuple[CurrencyGroup, ...]:
    counts = dict(grouping.group_by("currency").len().iter_rows())
    by_currency: dict[str, dict[ApiName, Decimal]] = {each: {} for each in counts}
    for field, currency, amount in sums:
        fields = by_currency.setdefault(currency, {})
        fields[field] = _EXACT.add(fields.get(field, Decimal(0)), amount)
    return tuple(
        CurrencyGroup(
            currency=each, records=counts.get(each, 0), sums=by_currency[each]
        )
        for each in sorted(by_currency)
    )
