"""
What the copy of every object works with.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from migrator.model.progress import Progress
from migrator.rundir.journal import Journal
from migrator.rundir.load_files import LoadFiles
from migrator.rundir.snapshots import Extract

if TYPE_CHECKING:
    from migrator.org.session import Org


@dataclass(frozen=True, slots=True, kw_only=True)
class Means:
    """
    What the copy of every object works with.
    """

    org: Org
    journal: Journal
    extract: Extract
    copied: Extract
    """The values that read the clock, as they were copied."""
    files: LoadFiles
    execute: bool
    """False: only to say what would be sent."""
    folder: Path
    """For what lies on disk meanwhile."""
    progress: Progress
