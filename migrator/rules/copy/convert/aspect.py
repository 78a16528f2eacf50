"""
The two things that are asked about a record: its values, and its links.

Values are what a load file sets; links are the references of the second pass. Each has
digests of its own, of what is wanted and of what is read back.
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from migrator.model.job import Basis, SentRecords
from migrator.rules.copy.convert.cells import link_columns, links, made_digests
from migrator.rules.copy.convert.columns import Conversion
from migrator.rules.copy.convert.difference import STORED
from migrator.rules.copy.convert.digest import (
    DIGEST,
    link_digests,
    linked_columns,
    method,
    reads_clock,
    stored_columns,
    stored_digests,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Aspect:
    """
    The values of an object's records, or their links.
    """

    conversion: Conversion
    mapping: str
    """The digest of what the mapping says about the object."""
    extract: str
    """Which extract of it is at hand."""
    of_links: bool = False

    @property
    def basis(self) -> Basis:
        """
        What digests worked out here are made from.
        """
        return Basis(extract=self.extract, method=method())

    @property
    def source_columns(self) -> tuple[str, ...] | None:
        """
        The columns of the extract that `wanted` reads; None: all of them.
        """
        return link_columns(self.conversion) if self.of_links else None

    @property
    def target_columns(self) -> tuple[str, ...]:
        """
        The columns of the target that `stored` reads.
        """
        asked = linked_columns if self.of_links else stored_columns
        return tuple(dict.fromkeys([*STORED, *asked(self.conversion)]))

    def wanted(self, frame: pl.DataFrame) -> pl.DataFrame:
        """
        Return the digests of what is sent for the records of *frame*, an extract's.
        """
        if self.of_links:
            return links(frame, self.conversion, self.mapping).select(DIGEST)
        return made_digests(frame, self.conversion, self.mapping)

    def stored(self, frame: pl.DataFrame) -> pl.DataFrame:
        """
        Return the digests of the stored records of *frame*, which holds
        `target_columns`.
        """
        asked = link_digests if self.of_links else stored_digests
        return asked(frame, self.conversion, self.mapping)

    def is_usable(self, sent: SentRecords, kept_turn: int) -> bool:
        """
        Return True when the digests of the turn *sent* say something here.

        Values that read the clock are no part of them. Those of turns up to
        *kept_turn* are kept; later ones must have come from the extract at hand.
        """
        if sent.basis.method != method():
            return False
        if self.of_links or not reads_clock(self.conversion):
            return True
        return sent.basis.extract == self.extract or sent.turn <= kept_turn
