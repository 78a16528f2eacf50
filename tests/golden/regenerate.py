"""
`python -m tests.golden.regenerate`: writes what the templates make of each case today.

Read the diff before committing it: it is what customers will see in theirs.
"""

from __future__ import annotations

import shutil

from tests.golden.cases import CASES, FOLDER, rendered


def regenerate() -> None:
    """
    Rewrites `expected/` of every case, and removes the folders of cases long gone.
    """
    for folder in FOLDER.iterdir():
        if (folder / "expected").is_dir() and folder.name not in CASES:
            shutil.rmtree(folder)
    for case in CASES:
        root = FOLDER / case / "expected"
        shutil.rmtree(root, ignore_errors=True)
        for path, content in rendered(case).items():
            file = root / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content)


if __name__ == "__main__":
    regenerate()
