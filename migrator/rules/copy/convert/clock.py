"""
Which value that reads the clock a record was copied with: that of the extract at hand,
or the one that was kept before.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

import polars as pl

from migrator.rules.copy.convert.difference import KEY, TURN, last_words


def copied_values(
    now: Sequence[pl.DataFrame],
    kept: Sequence[pl.DataFrame],
    known: Sequence[pl.DataFrame],
    current: Collection[int],
) -> pl.DataFrame:
    """
    Return the values, `Id` first, that the records of one range were copied with.

    *now* are those of the extract at hand, *kept* those of former copies, both as of
    `with_keys`. *known*, as of `known_records`, says which turn sent a record; the
    turns *current* sent what the extract at hand has.
    """
    turns = last_words(known)
    is_current = pl.col(TURN).is_in(list(current))
    new = turns.filter(is_current).select(KEY)
    frames = [each.join(new, on=KEY, how="semi") for each in now]
    frames += [each.join(new, on=KEY, how="anti") for each in kept]
    return pl.concat(frames).drop(KEY) if frames else pl.DataFrame()
