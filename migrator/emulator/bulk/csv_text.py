"""
CSV as Bulk API 2.0 reads and writes it.

Source: Bulk API 2.0 guide, "Prepare CSV files": one header, RFC 4180 quoting with no
blank outside the quotes, the job's own line ending, UTF-8. The echo of uploaded cells
in result files is re-formatted by type.
"""

from __future__ import annotations

import csv
import mmap
import re
from datetime import UTC, date, datetime, time
from decimal import Decimal
from functools import cache, partial
from typing import TYPE_CHECKING, Final

from migrator.emulator.schema.field_types import Holds

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator
    from pathlib import Path

    from migrator.emulator.schema.schema import FieldDef

__all__ = [
    "DELIMITERS",
    "LINE_ENDINGS",
    "CsvRefused",
    "check_csv",
    "csv_rows",
    "deserialize_problem",
    "echo_of",
    "quoted_line",
    "sound_rows",
]

DELIMITERS: Final = {
    "BACKQUOTE": "`",
    "CARET": "^",
    "COMMA": ",",
    "PIPE": "|",
    "SEMICOLON": ";",
    "TAB": "\t",
}
LINE_ENDINGS: Final = {"LF": "\n", "CRLF": "\r\n"}
MAX_RECORD_CHARS: Final = 400_000
MAX_HEADER_CHARS: Final = 32_000
MAX_COLUMNS: Final = 5_000


class CsvRefused(Exception):
    """
    The uploaded data as a whole is refused; the text is the job's errorMessage.
    """


def check_csv(path: Path, delimiter: str, line_ending: str) -> None:
    """
    Raise CsvRefused unless the bytes of *path* are well-formed for the job.
    """
    if not path.stat().st_size:
        raise CsvRefused("InvalidBatch : Records not found")
    with (
        path.open("rb") as file,
        mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data,
    ):
        if line_ending == "LF" and data.find(b"\r\n") >= 0:
            raise _wrong_line_ending(line_ending)
        if not _is_shaped(data, delimiter, rb"\r?\n"):
            raise CsvRefused(
                "InvalidBatch : Failed to parse CSV. Found unescaped quote. "
                "A value with quote should be within a quote"
            )
        if line_ending == "CRLF" and not _is_shaped(data, delimiter, rb"\r\n"):
            raise _wrong_line_ending(line_ending)


def _wrong_line_ending(setting: str) -> CsvRefused:
    return CsvRefused(
        "ClientInputError : LineEnding is invalid on user data. "
        f"Current LineEnding setting is {setting}"
    )


@cache
def _shape(delimiter: str, line_ending: bytes) -> re.Pattern[bytes]:
    mark = re.escape(delimiter.encode())
    return re.compile(
        rb'(?:(?:"(?:[^"]++|"")*+"|[^"\r\n' + mark + rb"]*+)"
        rb"(?:" + mark + rb"|" + line_ending + rb"))*+"
        rb'(?:"(?:[^"]++|"")*+"|[^"\r\n' + mark + rb"]*+)\Z"
    )


def _is_shaped(data: mmap.mmap, delimiter: str, line_ending: bytes) -> bool:
    return _shape(delimiter, line_ending).match(data) is not None


def sound_rows(path: Path, delimiter: str) -> Iterator[list[str]]:
    """
    Yield header and rows of a file that `csv_rows` went through without a complaint.
    """
    with path.open(encoding="utf-8", newline="") as file:
        yield from filter(None, csv.reader(file, delimiter=delimiter))


def csv_rows(path: Path, delimiter: str) -> Iterator[list[str]]:
    """
    Yield header and rows of a checked file, blank lines left out.

    Raises CsvRefused for ragged rows, text that is not UTF-8 and what is too long.
    """
    with path.open(encoding="utf-8", newline="") as file:
        width = 0
        try:
            for number, row in enumerate(csv.reader(file, delimiter=delimiter)):
                if not row:
                    continue
                width = width or len(row)
                _check_size(row, number, width)
                yield row
        except UnicodeDecodeError as error:
            raise CsvRefused("InvalidBatch : Failed to parse CSV. Not UTF-8") from error
        except csv.Error as error:
            raise CsvRefused(f"InvalidBatch : Failed to parse CSV. {error}") from error


def _check_size(row: list[str], number: int, width: int) -> None:
    if len(row) != width:
        raise CsvRefused(
            f"InvalidBatch : Row {number} has {len(row)} columns, "
            f"the header has {width}"
        )
    size = sum(map(len, row))
    if number == 0 and (size > MAX_HEADER_CHARS or width > MAX_COLUMNS):
        raise CsvRefused("InvalidBatch : Header is too long")
    if size > MAX_RECORD_CHARS:
        raise CsvRefused(
            f"InvalidBatch : Row {number} is too long, "
            f"maximum is {MAX_RECORD_CHARS} characters"
        )


def quoted_line(values: Iterable[str], delimiter: str = ",", ending: str = "\n") -> str:
    """
    Write one line with every value quoted, as result files have them.
    """
    return (
        delimiter.join('"' + value.replace('"', '""') + '"' for value in values)
        + ending
    )


def echo_of(field: FieldDef | None) -> Callable[[str], str] | None:
    """
    Choose how result files show the uploaded cells of a column; None: as they are.

    Numbers come back the way Java prints a double (912260031 as 9.12260031E8),
    date-times in UTC with milliseconds.
    """
    if field is None:
        return None
    if field.is_numeric:
        return java_double
    if field.holds is Holds.MOMENT:
        return partial(_datetime_echo, field)
    return str.lower if field.holds is Holds.FLAG else None


def java_double(text: str) -> str:
    """
    Spell the number in *text* as Java's Double.toString does; other text stays.
    """
    try:
        value = float(text)
    except ValueError:
        return text
    # Within these bounds Java and Python spell a double alike.
    return repr(value) if 1e-3 <= abs(value) < 1e7 else _java_double(value, text)


def _datetime_echo(field: FieldDef, text: str) -> str:
    if text and deserialize_problem(field, text) is None:
        return _utc_text(text)
    return text


def _java_double(value: float, text: str) -> str:
    number = Decimal(repr(value))
    if not number.is_finite():
        return text
    if not number:
        return "0.0"
    sign, digits, _ = number.as_tuple()
    exponent = number.adjusted()
    plain = "".join(map(str, digits)).rstrip("0") or "0"
    prefix = "-" if sign else ""
    if -3 <= exponent < 7:
        fixed = f"{number:f}"
        return fixed if "." in fixed else f"{fixed}.0"
    return f"{prefix}{plain[0]}.{plain[1:] or '0'}E{exponent}"


def _utc_text(text: str) -> str:
    moment = datetime.fromisoformat(text.strip()).astimezone(UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


_DATE = re.compile(r"\d{4}-\d{2}-\d{2}\Z")
_DATETIME = re.compile(
    r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?(Z|[+-]\d{2}:?\d{2})?\Z"
)
_TIME = re.compile(r"\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?Z?\Z")
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?\Z")
_NUMBERS = re.compile(r"(?:-?\d++(?:\.\d++)?\n)*+", re.ASCII)


def needs_reading(field: FieldDef) -> bool:
    """
    Tell whether cells of *field* can be unreadable at all; any text is a text.
    """
    return field.holds in _READERS


def are_plain_numbers(texts: Collection[str]) -> bool:
    """
    Tell at once whether all of *texts* are numbers of the common form.
    """
    joined = "\n".join(texts)
    one_a_line = joined.count("\n") == len(texts) - 1
    return one_a_line and _NUMBERS.fullmatch(f"{joined}\n") is not None


def deserialize_problem(field: FieldDef, text: str) -> str | None:
    """
    Say why the cell *text* cannot be read as the type of *field*, None when it can.
    """
    is_readable = _READERS.get(field.holds)
    if is_readable is None or is_readable(text.strip()):
        return None
    return f"'{text}' is not a valid value for the type xsd:{field.api.xsd}"


def _is_flag(text: str) -> bool:
    return text.lower() in {"true", "false", "1", "0"}


def _is_number(text: str) -> bool:
    return _NUMBER.match(text) is not None


def _is_day(text: str) -> bool:
    return _DATE.match(text) is not None and _is_in_calendar(text)


def _is_moment(text: str) -> bool:
    return _DATETIME.match(text) is not None and _is_in_calendar(text)


def _is_in_calendar(text: str) -> bool:
    try:
        date.fromisoformat(text[:10])
    except ValueError:
        return False
    return True


def _is_time(text: str) -> bool:
    if not _TIME.match(text):
        return False
    try:
        time.fromisoformat(text.removesuffix("Z"))
    except ValueError:
        return False
    return True


_READERS: Final[dict[Holds, Callable[[str], bool]]] = {
    Holds.FLAG: _is_flag,
    Holds.NUMBER: _is_number,
    Holds.WHOLE_NUMBER: _is_number,
    Holds.DAY: _is_day,
    Holds.MOMENT: _is_moment,
    Holds.TIME: _is_time,
}
