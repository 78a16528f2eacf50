"""
`python -m tests.golden.regenerate`: writes what is made of each golden case today.

Read the diff before committing it: it is what customers will see in theirs.
"""

from __future__ import annotations

import shutil

from tests.golden.files import FOLDERS, HERE, stored_folders


def regenerate() -> None:
    """
    Rewrites every golden folder, and removes those of cases long gone.
    """
    made = {folder: make() for folder, make in FOLDERS.items()}
    for folder in stored_folders() | set(made):
        shutil.rmtree(HERE / folder, ignore_errors=True)
    for folder, files in made.items():
        for path, content in files.items():
            file = HERE / folder / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content)


if __name__ == "__main__":
    regenerate()
