"""
`generate`: the mapping as deployable files in the migration directory.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from migrator.model.mapping import Mapping
from migrator.model.migration import Migration
from migrator.rundir.layout import RunDirectory


@dataclass(frozen=True, slots=True, kw_only=True)
class GenerateOutcome:
    """
    What `generate` did, as POSIX paths relative to the migration directory.
    """

    written: tuple[str, ...]
    removed: tuple[str, ...]
    unchanged: tuple[str, ...]
    would_change: tuple[str, ...]
    """With *check* only: what a real run would write or remove."""


def generate(
    *,
    run: RunDirectory,
    mapping: Mapping,
    migration: Migration,
    templates: Sequence[Path],
    check: bool,
) -> GenerateOutcome:
    """
    The files of *mapping*, written into *run*; *check* compares and writes nothing.
    """
    raise NotImplementedError
