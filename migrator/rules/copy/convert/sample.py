"""
A sample that hangs together: some records, and of their children all that can be kept.
"""

from __future__ import annotations

from collections import abc
from collections.abc import Iterable

import polars as pl

from migrator.model.mapping import FieldMapping
from migrator.model.names import ApiName
from migrator.rules.copy.convert.columns import Conversion
from migrator.rules.copy.convert.load_files import leading_parent
from migrator.rules.copy.convert.lookup import found_in
from migrator.rules.copy.load_order import is_mandatory


def sample_columns(conversion: Conversion) -> tuple[str, ...]:
    """
    Return the source's columns that `sampled` reads.
    """
    return ("Id", *(str(entry.source) for entry in _deciding(conversion)))


def sampled(
    frames: Iterable[pl.DataFrame],
    conversion: Conversion,
    chosen: abc.Mapping[ApiName, pl.Series],
    limit: int,
) -> pl.Series:
    """
    Return the ids of the sampled records, sorted.

    *frames* hold `sample_columns`. Records with a parent come along with it, when every
    parent they cannot do without is in *chosen*, ids by target object; of objects
    without a parent the first *limit* by id are taken.
    """
    entries = _deciding(conversion)
    wanted = pl.concat(frames)
    for entry in entries:
        assert entry.type is not None
        assert entry.type.reference_to is not None
        known = chosen[entry.type.reference_to]
        wanted = wanted.filter(found_in(wanted[entry.source], known))
    ids = wanted["Id"].sort()
    return ids if entries else ids.head(limit)


def _deciding(conversion: Conversion) -> tuple[FieldMapping, ...]:
    """
    Return the parents that a sampled record has to bring along.
    """
    leading = leading_parent(conversion)
    return tuple(
        entry
        for entry in conversion.mapped.parents
        if entry.source not in conversion.deferred
        and (entry is leading or is_mandatory(entry))
    )
