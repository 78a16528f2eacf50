"""
Whether an extract still has what the org says was changed lately.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import polars as pl

_STAMP = "SystemModstamp"


@dataclass(frozen=True, slots=True, kw_only=True)
class Recent:
    """
    The records that were changed since some time.
    """

    records: int
    """How many."""
    newest: tuple[tuple[str, str], ...]
    """(Time of change, id) of the newest, newest first; all of them when they are few.
    """


def is_same(found: Recent, frames: Iterable[pl.DataFrame], since: datetime) -> bool:
    """
    Return True when *frames*, an extract's Id and SystemModstamp, hold what the org has
    *found* changed *since* then.
    """
    start = f"{since:%Y-%m-%dT%H:%M:%S.000Z}"
    changed = [
        frame.select(pl.col(_STAMP).str.replace(r"\+00:?00$", "Z"), "Id").filter(
            pl.col(_STAMP) >= start
        )
        for frame in frames
    ]
    ours = pl.concat(changed) if changed else pl.DataFrame()
    if ours.height != found.records:
        return False
    theirs = {(stamp.replace("+0000", "Z"), key) for stamp, key in found.newest}
    if found.records > len(theirs):
        # In which order records of the same time come is the org's own affair.
        oldest = min(stamp for stamp, _ in theirs)
        ours = ours.filter(pl.col(_STAMP) > oldest)
        theirs = {each for each in theirs if each[0] > oldest}
    return set(ours.iter_rows()) == theirs
