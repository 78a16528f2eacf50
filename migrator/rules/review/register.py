"""
What a mapping has lost since it was approved: entries that are there no more.

Each approval stands on its own entry, so an entry that is gone takes its approval along
and nobody misses it. The register at the top of the file does: by object, how many
entries were signed and a digest of their names. Entries that come to it later are
unsigned and change nothing; one that is gone, or whose signature is gone, does.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from dataclasses import dataclass

from migrator.model.mapping import ApprovedObject, MappedObject, Mapping
from migrator.model.names import ApiName

_DIGITS = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class LostApproval:
    """
    An object of which the mapping lacks something that was approved.
    """

    object: ApiName
    approved: int
    left: int
    """Entries with a signature today; 0 when the whole object is gone."""

    def __str__(self) -> str:
        """
        Return the same as a sentence without its end.
        """
        entries = f"{self.object}: {self.approved} entries were approved"
        if not self.left:
            return f"{entries}, and none of them is in the mapping any more"
        if self.left >= self.approved:
            return f"{entries}, and the approved ones of today are others"
        return f"{entries}, {self.left} of them are left in the mapping"


def register(
    mapping: Mapping, *, before: Mapping, renewed: Collection[ApiName]
) -> tuple[ApprovedObject, ...]:
    """
    Return what `approved:` says when *mapping* has just been signed, which was
    *before*.

    An object that had lost something keeps its line, unless it is among the *renewed*,
    whose approval was given as a whole.
    """
    lost = {each.object for each in lost_approvals(before)} - {*renewed}
    kept = [each for each in before.approved if each.object in lost]
    new = [_registered(each) for each in mapping.objects if each.source not in lost]
    return tuple(
        sorted(
            (*kept, *(each for each in new if each.entries)),
            key=lambda each: each.object,
        )
    )


def lost_approvals(mapping: Mapping) -> tuple[LostApproval, ...]:
    """
    Return the objects of which *mapping* lacks entries that were approved.
    """
    today = {each.source: _registered(each) for each in mapping.objects}
    return tuple(
        LostApproval(
            object=each.object,
            approved=each.entries,
            left=today[each.object].entries if each.object in today else 0,
        )
        for each in mapping.approved
        if today.get(each.object) != each
    )


def _registered(mapped: MappedObject) -> ApprovedObject:
    names = sorted(each.source.casefold() for each in mapped.fields if each.digest)
    text = "\n".join(names)
    return ApprovedObject(
        object=mapped.source,
        entries=len(names),
        digest=hashlib.sha256(text.encode("utf-8")).hexdigest()[:_DIGITS],
    )
