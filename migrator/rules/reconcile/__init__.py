"""
What differs between the source records and their copies, cell by cell.

Both sides come as they were received, every column text. Two cells are equal when the
texts are equal; only what is left is looked at again: first by one vectorised spelling
of numbers, dates and booleans, then value by value with exact decimals, then by the
text rule the mapping declares (counted), last by a loss it agrees to (counted). What
remains is a difference with a name. Empty text and null are the same, because the org
stores only null.

Nothing here is shared with the code that prepared the records for loading, not even
which column belongs to which: this room imports no other room of `rules`, and none
imports it. Memory: the two frames of one object, and two columns at a time; a million
records and more would be split by a hash of the id before `compare`, whose results add
up.
"""

from __future__ import annotations

from migrator.rules.reconcile.digests import record_digests
from migrator.rules.reconcile.left_out import (
    LeftOutIds,
    parent_targets,
    selected,
    thinned_targets,
    with_signed_rules,
)
from migrator.rules.reconcile.objects import Comparison, compare, one_frame
from migrator.rules.reconcile.pairs import source_columns, target_columns

__all__ = [
    "Comparison",
    "LeftOutIds",
    "compare",
    "one_frame",
    "parent_targets",
    "record_digests",
    "selected",
    "source_columns",
    "target_columns",
    "thinned_targets",
    "with_signed_rules",
]
