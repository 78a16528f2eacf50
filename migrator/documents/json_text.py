"""
JSON as it comes from files: every mistake as one error that names the place.
"""

from __future__ import annotations

import json
from typing import Any

from migrator.errors import DescribeError


def read_json(text: str, *, file: str, hint: str) -> Any:
    """
    Return the value that *text* holds; a byte order mark before it is fine.

    Raises DescribeError naming *file* with line and column, and *hint* beside it.
    """
    try:
        value = json.loads(text.removeprefix("\ufeff"))
        # Escapes such as \ud800 parse but can never be written to a file again.
        json.dumps(value, ensure_ascii=False).encode("utf-8")
    except json.JSONDecodeError as error:
        raise DescribeError(
            f"{file}:{error.lineno}:{error.colno}: this is no JSON document: "
            f"{error.msg}{_cut_short(text, error.pos)}",
            hint=hint,
        ) from error
    except RecursionError as error:
        raise DescribeError(f"{file}: nested too deeply", hint=hint) from error
    except UnicodeEncodeError as error:
        raise DescribeError(
            f"{file}: holds half of a character (a lone surrogate)", hint=hint
        ) from error
    except ValueError as error:
        # Only absurd numbers get here: more digits than Python converts.
        raise DescribeError(f"{file}: holds an endless number", hint=hint) from error
    return value


def _cut_short(text: str, position: int) -> str:
    ends_here = position >= len(text.rstrip()) - 1
    return "; the file looks cut short" if ends_here and text.strip() else ""
