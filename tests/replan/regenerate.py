"""
Rewrites the expected mappings; the result is reviewed as a diff.
"""

from __future__ import annotations

from tests.replan.cases import CASES, FOLDER, files


def main() -> None:
    """Every folder anew."""
    for case in CASES:
        folder = FOLDER / case
        folder.mkdir(exist_ok=True)
        for name, text in files(case).items():
            (folder / name).write_text(text, "utf-8")


if __name__ == "__main__":
    main()
