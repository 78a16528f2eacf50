"""
Writes the table of treatments into docs/mapping.md: `python -m tests.docs.treatments`.
"""

from __future__ import annotations

from pathlib import Path

from migrator.model.treatment import Treatment

PAGE = Path(__file__).resolve().parents[2] / "docs" / "mapping.md"
_BEGIN = "<!-- treatments: made by `make docs` -->\n"
_END = "<!-- end of treatments -->\n"
_HEAD = """\
| treatment | what arrives | texts beside it | `loses:`, `rule:` |
| --- | --- | --- | --- |
"""


def _row(treatment: Treatment) -> str:
    row = treatment.row
    siblings = ", ".join(each.lower() for each in row.siblings)
    may = "yes" if row.keeps_values else ""
    return f"| `{treatment}` | {row.words} | {siblings} | {may} |\n"


def page() -> str:
    """
    The page as it is, with the table as it has to be.
    """
    before, _, rest = PAGE.read_text(encoding="utf-8").partition(_BEGIN)
    _, _, after = rest.partition(_END)
    return f"{before}{_BEGIN}{_HEAD}{''.join(map(_row, Treatment))}{_END}{after}"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
