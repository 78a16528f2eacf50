"""
Which objects hold records that can be kept in a custom object, and which do not.
"""

from __future__ import annotations

from collections import abc
from collections.abc import Iterable

from migrator.model.codes import plan as codes
from migrator.model.describe import ObjectDescribe
from migrator.model.finding import Finding
from migrator.model.names import ApiName

_KINDS = {
    "mdt": "custom metadata: configuration, deployed instead of copied",
    "e": "a platform event: it is gone once it was delivered",
    "b": "a big object: it is read and written by other means",
    "x": "an external object: its records are kept outside the org",
    "kav": "an article type: articles are moved with Salesforce Knowledge",
    "Share": "sharing of records, which the platform works out",
    "History": "field history, which nobody can write",
    "Feed": "a feed, which nobody can write",
    "Tag": "tags, which stay behind with their records",
    "ChangeEvent": "a change event: it is gone once it was delivered",
}
"""What the end of an object's name says about it (SOAP API, "Custom Objects")."""
SETTING = "a custom setting: configuration, not records"


def refusal(described: ObjectDescribe) -> str:
    """
    Why the records of an object cannot be migrated, as half a sentence; empty when
    they can.
    """
    reason = refusal_by_name(described.name)
    return reason or (SETTING if described.custom_setting else "")


def eligible(
    names: Iterable[ApiName], describes: abc.Mapping[ApiName, ObjectDescribe]
) -> tuple[ApiName, ...]:
    """
    Those of *names* whose records can be migrated, as far as *describes* tell.
    """
    return tuple(
        name
        for name in names
        if not (
            refusal(describes[name]) if name in describes else refusal_by_name(name)
        )
    )


def left_out(name: ApiName, reason: str) -> Finding:
    """
    Return what is said about an object that stays behind for *reason*.
    """
    return codes.NO_RECORDS_TO_KEEP(name=name, reason=reason).at(name)


def refusal_by_name(name: ApiName) -> str:
    """
    As `refusal`, for an object of which only the name is known.
    """
    _, separator, end = name.rpartition("__")
    return _KINDS.get(end, "") if separator else ""
