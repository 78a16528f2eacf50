"""
The records as received from the org, on disk.
"""

from __future__ import annotations

from migrator.rundir.snapshots.observation import MAX_DISTINCT_VALUES
from migrator.rundir.snapshots.ranges import IdRanges, id_bounds
from migrator.rundir.snapshots.records import (
    Extract,
    ExtractMeta,
    ExtractPart,
    Frame,
    Taken,
)

__all__ = [
    "MAX_DISTINCT_VALUES",
    "Extract",
    "ExtractMeta",
    "ExtractPart",
    "Frame",
    "IdRanges",
    "Taken",
    "id_bounds",
]
