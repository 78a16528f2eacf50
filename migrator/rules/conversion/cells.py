"""
One load-file cell for each target field: its text, and what does not fit.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

import polars as pl

from migrator.model.finding import Finding, Level
from migrator.model.mapping import (
    ORIGIN_ID,
    AuditChoice,
    FieldMapping,
    LineBreaks,
    MappedObject,
    OwnerChoice,
    TextRule,
    Treatment,
    reference_column,
)
from migrator.model.names import ApiName
from migrator.model.target import FieldType, Kind
from migrator.model.verdict import Loss
from migrator.rules.ordering import is_mandatory

Frame = pl.DataFrame
"""Records on their way, for those who pass them on without looking."""
NULL = "#N/A"
BLANKS = " \t\n\r\x0b\x0c"
RECORD_CHARACTERS = 400_000
"""A longer record is refused by Bulk API 2.0 ("Limits", maximum record size)."""
EXAMPLES = 3
ID_LENGTH = 18
NAME_LENGTH = 255
AUDIT_FIELDS = ("CreatedDate", "CreatedById", "LastModifiedDate", "LastModifiedById")

_LENGTHS = {
    Kind.TEXT_AREA: 255,
    Kind.PICKLIST: 255,
    Kind.EMAIL: 80,
    Kind.PHONE: 40,
    Kind.URL: 255,
}
_NUMBER = (
    r"^(?<sign>[+-]?)(?<whole>[0-9]*)\.?(?<fraction>[0-9]*)"
    r"(?:[eE](?<exponent>[+-]?[0-9]{1,3}))?$"
)
_IS_NUMBER = r"^[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?$"
_INSTANT = (
    r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}(?:\.[0-9]{1,3})?"
    r"(?:Z|[+-][0-9]{2}:?[0-9]{2})$"
)
_TIME = r"^(?:[01][0-9]|2[0-3]):[0-5][0-9](?::[0-5][0-9](?:\.[0-9]{1,3})?)?Z?$"
_ZEROS = "0" * 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversion:
    """
    How the records of one object are converted.
    """

    mapped: MappedObject
    text: TextRule = field(default_factory=TextRule)
    deferred: frozenset[ApiName] = frozenset()
    """Source fields of parents that a second pass fills."""
    known: Mapping[ApiName, pl.Series] = field(default_factory=dict)
    """Origin ids that exist, by target object; a parent not listed is not checked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Issue:
    """
    Cells of one column that do not fit, in one frame or in all of them.
    """

    source: ApiName
    """The source field."""
    column: str
    """The load-file column."""
    code: str
    expected: str
    """What was expected of the cells, as the end of a sentence."""
    cells: int
    examples: tuple[str, ...]
    """Origin ids of the first records."""
    level: Level
    agreed: str = ""
    """The entry's `loses:` when it covers this issue."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """
    What converting frames would meet.
    """

    mapped: MappedObject
    issues: tuple[Issue, ...] = ()

    @property
    def findings(self) -> tuple[Finding, ...]:
        """
        One finding for each kind of cell that does not fit and was not agreed to.
        """
        return tuple(
            _finding(self.mapped, each) for each in self.issues if not each.agreed
        )

    @property
    def losses(self) -> tuple[Loss, ...]:
        """
        How many cells each agreed `loses:` touches.
        """
        cells: dict[tuple[ApiName, str], int] = {}
        for each in self.issues:
            if each.agreed:
                key = (each.source, each.agreed)
                cells[key] = cells.get(key, 0) + each.cells
        return tuple(
            Loss(field=source, agreed=agreed, cells=count)
            for (source, agreed), count in cells.items()
        )


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


@dataclass(frozen=True, slots=True, kw_only=True)
class _Problem:
    code: str
    expected: str
    found: pl.Expr
    """True for the cells that do not fit."""
    level: Level = Level.BLOCKER
    can_be_agreed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class _Cell:
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
        return pl.col(f"in:{self.path}")


def convert(
    frame: pl.DataFrame, conversion: Conversion, *, check: bool = True
) -> Converted:
    """
    The load-file frame of *frame*, an extract's columns.

    Cells with issues that nobody agreed to are in the output as they came: the caller
    does not send a frame whose findings block. Without *check* there are no findings,
    for frames that have been through `check_frame`.
    """
    cells = _cells(conversion)
    checked = Checked(mapped=conversion.mapped)
    if check:
        checked = check_frame(frame, conversion)
    clean = _cleaned(frame, cells, conversion.text)
    plain = _plain_numbers(clean, cells)
    made = (
        clean.lazy().select(_made(cell, conversion, plain) for cell in cells).collect()
    )
    special = made.select(_needs_rest(made.columns)).to_series()
    references = [cell.column for cell in cells if cell.is_reference]
    return Converted(
        frame=_with_nulls(made.filter(~special), references),
        rest_rows=made.filter(special),
        checked=checked,
    )


def check_frame(frame: pl.DataFrame, conversion: Conversion) -> Checked:
    """
    What `convert` would find, without its output.
    """
    cells = _cells(conversion)
    clean = _cleaned(frame, cells, conversion.text)
    # A column that is not there looks plain, and is a problem all the same.
    plain = _plain_numbers(clean, [c for c in cells if c.path in frame.columns])
    problems = {
        f"{number}": (cell, problem)
        for number, (cell, problem) in enumerate(
            (cell, problem)
            for cell in cells
            if cell.column not in plain
            for problem in _problems(cell, conversion, frame.columns)
        )
    }
    # Lazy, so that polars takes each number apart once for all its questions.
    counts = (
        clean.lazy()
        .select(
            problem.found.fill_null(value=False).sum().alias(name)
            for name, (_, problem) in problems.items()
        )
        .collect()
    )
    struck = [name for name in counts.columns if counts[name][0]]
    issues = tuple(
        _issue(clean, *problems[name], int(counts[name][0])) for name in struck
    )
    return Checked(mapped=conversion.mapped, issues=issues)


def merged(mapped: MappedObject, many: Iterable[Checked]) -> Checked:
    """
    The issues of many frames of one object as if they had been one frame.
    """
    issues: dict[tuple[str, str], Issue] = {}
    for each in many:
        for issue in each.issues:
            key = (issue.column, issue.code)
            known = issues.get(key)
            issues[key] = issue if known is None else _sum(known, issue)
    return Checked(mapped=mapped, issues=tuple(issues.values()))


def load_columns(conversion: Conversion) -> tuple[str, ...]:
    """
    The columns of `Converted.frame`.
    """
    return tuple(cell.column for cell in _cells(conversion))


def picked(frame: pl.DataFrame, origin_ids: Collection[str]) -> pl.DataFrame:
    """
    Those records of *frame*, an extract's, whose id is one of *origin_ids*.
    """
    return frame.filter(pl.col("Id").is_in(list(origin_ids)))


def links(frame: pl.DataFrame, conversion: Conversion) -> pl.DataFrame:
    """
    The second pass's load file: the origin id and the deferred references.

    Only records that have such a reference, and only references to known records.
    """
    entries = [e for e in conversion.mapped.parents if e.source in conversion.deferred]
    cells = [_origin_cell(conversion.mapped), *map(_reference_cell, entries)]
    open_ = replace(conversion, deferred=frozenset())
    made = _cleaned(frame, cells, conversion.text).select(
        _made(cell, open_, frozenset()) for cell in cells
    )
    columns = [cell.column for cell in cells[1:]]
    named = made.filter(pl.any_horizontal(pl.col(columns).is_not_null()))
    return _with_nulls(named, columns)


def updatable(frame: pl.DataFrame, conversion: Conversion) -> pl.DataFrame:
    """
    *frame*, a load file's, without the columns that only an insert may set.

    Audit fields are set on insert alone; a master-detail cannot be moved to another
    master ("Reparentable Master Detail" is off), so it is not named again.
    """
    details = {
        reference_column(entry)
        for entry in conversion.mapped.parents
        if entry.type is not None and entry.type.kind is Kind.MASTER_DETAIL
    }
    dropped = details | set(AUDIT_FIELDS)
    return frame.select(name for name in frame.columns if name not in dropped)


def rest_records(rest_rows: pl.DataFrame) -> list[dict[str, str | None]]:
    """
    *rest_rows* for sObject Collections, one dictionary a record.
    """
    return rest_rows.to_dicts()


# -- Columns ---------------------------------------------------------------------------


def _cells(conversion: Conversion) -> list[_Cell]:
    mapped = conversion.mapped
    cells = [
        cell
        for entry in mapped.carried
        for cell in _entry_cells(entry, conversion.deferred)
    ]
    cells += _real_system_cells(mapped)
    first = {str(ORIGIN_ID): 0, "Name": 1, "CurrencyIsoCode": 2}
    return sorted(cells, key=lambda cell: first.get(cell.column, len(first)))


def _entry_cells(entry: FieldMapping, deferred: frozenset[ApiName]) -> Iterator[_Cell]:
    for path, target in entry.cells:
        if target == entry.id_target:
            type_ = FieldType(kind=Kind.TEXT, length=ID_LENGTH)
        elif target == entry.name_target:
            type_ = FieldType(kind=Kind.TEXT, length=NAME_LENGTH)
        elif entry.treatment is Treatment.PARENT:
            if entry.source not in deferred:
                yield _reference_cell(entry)
            continue
        else:
            assert entry.type is not None
            type_ = entry.type
        yield _Cell(entry=entry, path=path, column=target, type=type_)


def _reference_cell(entry: FieldMapping) -> _Cell:
    assert entry.type is not None
    return _Cell(
        entry=entry,
        path=entry.source,
        column=reference_column(entry),
        type=entry.type,
        is_reference=True,
    )


def _origin_cell(mapped: MappedObject) -> _Cell:
    entry = mapped.entry(ApiName("Id"))
    assert entry is not None
    return next(c for c in _entry_cells(entry, frozenset()) if c.column == ORIGIN_ID)


def _real_system_cells(mapped: MappedObject) -> Iterator[_Cell]:
    """
    The org's own owner and audit fields, where the reviewer chose to keep them.
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
            yield _Cell(entry=entry, path=name, column=name, type=standard)


# -- Cells -----------------------------------------------------------------------------


def _cleaned(frame: pl.DataFrame, cells: list[_Cell], rule: TextRule) -> pl.DataFrame:
    """
    The source columns in use, as `in:<path>`, normalised, blank as null.
    """
    paths = dict.fromkeys(["Id", *(cell.path for cell in cells)])
    return frame.select(
        _clean(path if path in frame.columns else None, rule).alias(f"in:{path}")
        for path in paths
    )


def _clean(path: str | None, rule: TextRule) -> pl.Expr:
    if path is None:
        return pl.lit(None, dtype=pl.String)
    text = pl.col(path)
    if rule.line_breaks is LineBreaks.LF:
        for line_break in ("\r\n", "\r"):
            text = text.str.replace_all(line_break, "\n", literal=True)
    if rule.trim:
        text = text.str.strip_chars(BLANKS)
    return pl.when(text != "").then(text)


def _plain_numbers(clean: pl.DataFrame, cells: list[_Cell]) -> frozenset[str]:
    """
    The number columns whose every cell can travel as it came: the usual case, told by
    one look at each cell instead of taking it apart.
    """
    usual = clean.select(
        cell.raw.str.contains(_plain_pattern(cell.type)).all().alias(cell.column)
        for cell in cells
        if cell.type.is_number
    )
    return frozenset(name for name in usual.columns if usual[name][0])


def _plain_pattern(type_: FieldType) -> str:
    """
    A number without exponent or needless digits that *type_* has room for.
    """
    scale = type_.scale or 0
    more = (type_.precision or 18) - scale - 1
    if more < 0:
        return r"^0$"
    whole = f"[1-9][0-9]{{0,{more}}}"
    integers = rf"^(?:0|-?{whole})(?:\.0)?$"
    if not scale:
        return integers
    return rf"{integers}|^-?(?:0|{whole})\.[0-9]{{0,{scale - 1}}}[1-9]$"


def _made(cell: _Cell, conversion: Conversion, plain: Collection[str]) -> pl.Expr:
    """
    The text that goes into the load file; null for null.
    """
    text = cell.raw
    if cell.is_reference:
        text = pl.when(_is_resolvable(cell, conversion)).then(text)
    elif cell.type.is_number and cell.column not in plain:
        text = _number_text(cell)
    elif cell.type.kind is Kind.CHECKBOX:
        text = text.str.to_lowercase()
    elif cell.type.kind is Kind.DATE and cell.entry.loses:
        text = text.str.slice(0, 10)
    elif (length := _length(cell.type)) and cell.entry.loses:
        text = text.str.slice(0, length).str.strip_chars_end(BLANKS)
    return text.alias(cell.column)


def _is_resolvable(cell: _Cell, conversion: Conversion) -> pl.Expr:
    assert cell.type.reference_to is not None
    known = conversion.known.get(cell.type.reference_to)
    if known is None:
        return pl.lit(value=True)
    return cell.raw.is_in(known.implode())


def _number_text(cell: _Cell) -> pl.Expr:
    """
    The number without exponent, plus sign and needless zeros, digit by digit.

    With `loses:` digits after the target's last place are cut, as the platform does.
    """
    digits = _Digits(cell.raw)
    fraction = digits.fraction
    if cell.entry.loses:
        fraction = fraction.str.slice(0, cell.type.scale or 0)
    fraction = fraction.str.strip_chars_end("0")
    whole = digits.whole.str.strip_chars_start("0")
    is_zero = (whole == "") & (fraction == "")
    sign = pl.when((digits.sign == "-") & ~is_zero).then(pl.lit("-"))
    plain = pl.concat_str(
        sign.otherwise(pl.lit("")),
        pl.when(whole == "").then(pl.lit("0")).otherwise(whole),
        pl.when(fraction != "").then(pl.lit(".")).otherwise(pl.lit("")),
        fraction,
    )
    is_number = cell.raw.str.contains(_IS_NUMBER)
    return pl.when(is_number).then(plain).otherwise(cell.raw)


class _Digits:
    """
    The digits of a number before and after the point, exponent applied.
    """

    def __init__(self, text: pl.Expr) -> None:
        groups = text.str.extract_groups(_NUMBER)
        self.sign = groups.struct.field("sign")
        whole, fraction = groups.struct.field("whole"), groups.struct.field("fraction")
        shift = groups.struct.field("exponent").cast(pl.Int64).fill_null(0)
        point = whole.str.len_chars().cast(pl.Int64) + shift
        before = pl.max_horizontal(-point, pl.lit(0))
        after = fraction.str.len_chars().cast(pl.Int64) - shift
        after = pl.max_horizontal(-after, pl.lit(0))
        digits = pl.concat_str(_zeros(before), whole, fraction, _zeros(after))
        at = pl.max_horizontal(point, pl.lit(0))
        self.whole = digits.str.slice(0, at)
        self.fraction = digits.str.slice(at)


def _zeros(count: pl.Expr) -> pl.Expr:
    return pl.lit(_ZEROS).str.slice(0, count)


def _length(type_: FieldType) -> int:
    """
    The most characters a text of *type_* holds; 0 for types that hold no text.
    """
    return type_.length or _LENGTHS.get(type_.kind, 0)


# -- Problems --------------------------------------------------------------------------


def _problems(
    cell: _Cell, conversion: Conversion, given: list[str]
) -> Iterator[_Problem]:
    if cell.path not in given:
        is_name = cell.column == cell.entry.name_target
        yield _Problem(
            code="not-extracted",
            expected=f"needs {cell.path}, which the extract does not have",
            found=cell.raw.is_null(),
            level=Level.WARNING if is_name else Level.BLOCKER,
        )
        return
    is_required = cell.is_reference and is_mandatory(cell.entry)
    if is_required or cell.type.kind in {Kind.NAME, Kind.CHECKBOX}:
        yield _Problem(
            code="value-missing",
            expected="is required and has no value",
            found=cell.raw.is_null(),
        )
    if cell.is_reference:
        yield _parent_problem(cell, conversion)
    elif cell.type.is_number:
        yield from _number_problems(cell)
    else:
        yield from _format_problems(cell)
        yield from _length_problems(cell)


def _parent_problem(cell: _Cell, conversion: Conversion) -> _Problem:
    mandatory = is_mandatory(cell.entry)
    kept = "" if mandatory else "; the link stays empty, its id is kept"
    return _Problem(
        code="parent-missing",
        expected=f"points at a record that is not among those copied{kept}",
        found=cell.raw.is_not_null() & ~_is_resolvable(cell, conversion),
        level=Level.BLOCKER if mandatory else Level.WARNING,
    )


def _number_problems(cell: _Cell) -> Iterator[_Problem]:
    scale = cell.type.scale or 0
    room = (cell.type.precision or 18) - scale
    digits = _Digits(cell.raw)
    is_number = cell.raw.str.contains(_IS_NUMBER)
    yield _Problem(code="not-a-number", expected="is no number", found=~is_number)
    yield _Problem(
        code="too-many-digits",
        expected=f"has more than {room} digits before the decimal point",
        found=is_number
        & (digits.whole.str.strip_chars_start("0").str.len_chars() > room),
    )
    yield _Problem(
        code="digits-lost",
        expected=f"has more than {scale} digits after the decimal point",
        found=is_number
        & (digits.fraction.str.strip_chars_end("0").str.len_chars() > scale),
        can_be_agreed=True,
    )


def _format_problems(cell: _Cell) -> Iterator[_Problem]:
    kind, raw = cell.type.kind, cell.raw
    if kind is Kind.DATE:
        day = raw.str.contains(r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$") & _is_day(raw)
        moment = raw.str.contains(_INSTANT) & _is_day(raw)
        yield _Problem(
            code="time-lost",
            expected="has a time of day",
            found=moment,
            can_be_agreed=True,
        )
        yield _Problem(code="not-a-date", expected="is no date", found=~day & ~moment)
    elif kind is Kind.DATE_TIME:
        right = raw.str.contains(_INSTANT) & _is_day(raw) & _is_clock(raw)
        yield _Problem(code="not-a-time", expected="is no date-time", found=~right)
    elif kind is Kind.TIME:
        wrong = ~raw.str.contains(_TIME)
        yield _Problem(code="not-a-time", expected="is no time of day", found=wrong)
    elif kind is Kind.CHECKBOX:
        wrong = ~raw.str.to_lowercase().is_in(["true", "false"])
        yield _Problem(
            code="not-a-checkbox", expected="is neither true nor false", found=wrong
        )
    elif kind is Kind.LOOKUP or cell.column in {ORIGIN_ID, cell.entry.id_target}:
        wrong = ~raw.str.contains(r"^[A-Za-z0-9]{18}$")
        yield _Problem(
            code="not-an-id", expected="is no id of 18 characters", found=wrong
        )


def _is_day(raw: pl.Expr) -> pl.Expr:
    day = raw.str.slice(0, 10).str.to_date("%Y-%m-%d", strict=False)
    return day.is_not_null() | raw.is_null()


def _is_clock(raw: pl.Expr) -> pl.Expr:
    clock = raw.str.slice(11, 8).str.to_time("%H:%M:%S", strict=False)
    return clock.is_not_null() | raw.is_null()


def _length_problems(cell: _Cell) -> Iterator[_Problem]:
    length = _length(cell.type)
    if length and cell.type.kind is not Kind.CHECKBOX:
        yield _Problem(
            code="too-long",
            expected=f"is longer than {length} characters",
            found=cell.raw.str.len_chars() > length,
            can_be_agreed=True,
        )


def _issue(clean: pl.DataFrame, cell: _Cell, problem: _Problem, cells: int) -> Issue:
    examples = clean.filter(problem.found.fill_null(value=False))["in:Id"]
    agreed = cell.entry.loses if problem.can_be_agreed else ""
    return Issue(
        source=cell.entry.source,
        column=cell.column,
        code=problem.code,
        expected=problem.expected,
        cells=cells,
        examples=tuple(examples.head(EXAMPLES).to_list()),
        level=problem.level,
        agreed=agreed,
    )


def _sum(one: Issue, other: Issue) -> Issue:
    examples = (*one.examples, *other.examples)[:EXAMPLES]
    return replace(one, cells=one.cells + other.cells, examples=examples)


def _finding(mapped: MappedObject, issue: Issue) -> Finding:
    ids = ", ".join(issue.examples)
    return Finding(
        level=issue.level,
        code=issue.code,
        message=f"{issue.cells} cells for {mapped.target}.{issue.column}: each "
        f"{issue.expected} (records {ids})",
        object=mapped.source,
        field=issue.source,
        remedy=_remedy(issue),
    )


def _remedy(issue: Issue) -> str:
    if issue.code == "not-extracted":
        return "migrator describe, then migrator extract, then copy again"
    if issue.code in {"parent-missing", "value-missing"}:
        return "mend the records in the org, or change the entry in mapping.yaml"
    if issue.code in {"digits-lost", "too-long", "time-lost"}:
        return (
            "widen `type` of the entry in mapping.yaml, or agree with `loses:` and "
            "have it approved"
        )
    return "change `type` of the entry in mapping.yaml"


# -- Load files ------------------------------------------------------------------------


def _needs_rest(columns: list[str]) -> pl.Expr:
    texts = pl.col(columns)
    is_literal = pl.any_horizontal(texts.str.to_uppercase() == NULL)
    length = pl.sum_horizontal(texts.str.len_chars())
    needs = is_literal.fill_null(value=False) | (length > RECORD_CHARACTERS)
    return needs.alias("needs_rest")


def _with_nulls(made: pl.DataFrame, references: list[str]) -> pl.DataFrame:
    return made.with_columns(
        pl.col(name).fill_null("" if name in references else NULL)
        for name in made.columns
    )
