"""
What git knows about the migration directory: who works there, and earlier files.

git is asked as a program and may be absent; nothing is ever written to a repository.
"""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

_IDENT = re.compile(r"(?P<who>.*>) \d+ [+-]\d{4}")
_TIMEOUT_S = 20


def git_author(root: Path) -> str:
    """
    `Name <mail>` of whom git would name as author in *root*; empty when it would not.
    """
    said = _git(root, "var", "GIT_AUTHOR_IDENT")
    found = _IDENT.fullmatch(said.decode("utf-8", "replace").strip()) if said else None
    return found["who"] if found else ""


def git_file(root: Path, revision: str, name: str) -> bytes | None:
    """
    Return the content of *name*, a path relative to *root*, at *revision*; None for
    neither.
    """
    if revision.startswith("-"):
        return None
    return _git(root, "show", f"{revision}:./{name}")


def _git(root: Path, *words: str) -> bytes | None:
    try:
        done = subprocess.run(
            ["git", "-C", str(root), *words],  # noqa: S607 - by its name
            capture_output=True,
            check=False,
            timeout=_TIMEOUT_S,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout if done.returncode == 0 else None
