"""
Writes docs/findings.md from the register of findings: `python -m tests.docs.findings`.
"""

from __future__ import annotations

import re
from pathlib import Path
from types import ModuleType

from migrator.model import codes
from migrator.model.finding import Code

PAGE = Path(__file__).resolve().parents[2] / "docs" / "findings.md"
HEAD = """# Findings

Made from the register in `migrator/model/codes/` by `make docs`; a test compares.

A finding is something a person should know about an object or a field. A **blocker**
stops the work until somebody has decided, a **warning** asks for a look, **info** is
there to be read. Findings stand in `mapping.yaml`, in the review, on the terminal, in
the reports and under `findings` of `--json`, always with the word of the first column,
which scripts can rely on.

- `plan` writes its findings into `mapping.yaml` and replaces them when it runs again. A
  blocker of an entry that somebody has decided otherwise since stays as a warning.
- A word that is not on this page comes from an older version of the program. The file
  is read all the same, the finding keeps its level and its sentence, and the next
  `plan` writes what is found today; only the line that a message names is then that of
  the whole entry.
"""
_PART = re.compile(r"\{(\w+)[^}]*\}")


def _shown(template: str) -> str:
    """
    *template* with the names of its parts in italics; nothing when it is parts alone.
    """
    if not any(sign.isalnum() for sign in _PART.sub("", template)):
        return ""
    text = _PART.sub(lambda part: f"*{part[1].replace('_', ' ')}*", template)
    return text.replace("|", "\\|").strip()


def _row(code: Code) -> str:
    about = f"`{code.setting}`" if code.setting else ""
    said = _shown(code.sentence)
    meant = f"{said}<br>{code.means}" if said else code.means
    remedy = _shown(code.remedy)
    return f"| `{code.word}` | {code.level.value} | {about} | {meant} | {remedy} |\n"


def _section(room: ModuleType) -> str:
    assert room.__doc__
    title, *more = room.__doc__.strip().split("\n\n")
    rows = "".join(_row(code) for _, code in codes.rows(room))
    words = "".join(f"{' '.join(each.split())}\n\n" for each in more)
    return (
        f"## {' '.join(title.split()).rstrip('.')}\n\n{words}"
        "| code | level | setting | what is said, and why | what to do |\n"
        f"| --- | --- | --- | --- | --- |\n{rows}"
    )


def page() -> str:
    """
    The whole page: a table for each room of the register, in the order of the journey.
    """
    return "\n".join((HEAD, *(_section(room) for room in codes.ROOMS)))


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
