"""
Looking values up among many, again and again, in time that does not grow with them.
"""

from __future__ import annotations

import polars as pl


def found_in(values: pl.Series, many: pl.Series) -> pl.Series:
    """
    Return True where one of *values* is among *many*, null where it is null.

    *many* is sorted once if it is not; then a look costs its logarithm. A hash table
    would be built anew for every frame, and a copy of n frames would take n squared.
    """
    if many.is_empty():
        return pl.Series(values.name, values.is_null()).replace_strict(
            {True: None, False: False}, return_dtype=pl.Boolean
        )
    ordered = many if many.flags["SORTED_ASC"] else many.sort()
    places = ordered.search_sorted(values.fill_null("")).clip(0, len(ordered) - 1)
    return (ordered.gather(places) == values).alias(values.name)
