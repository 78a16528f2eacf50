"""
What earlier deployments of this migration left in the org, known by its mark.

No local file decides: a mapping that was planned anew, or a fresh clone of it, forgets
what it once made, the org does not.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Protocol, TypeVar

from migrator.model.codes import deploy as codes
from migrator.model.finding import Finding
from migrator.model.target import Leftovers, Target
from migrator.org.session import Org
from migrator.rules.target.permission_sets import SOURCE_READER

_Name = TypeVar("_Name", bound=str)


class _Named(Protocol):
    """
    A component of the target.
    """

    @property
    def name(self) -> str: ...


def find_leftovers(org: Org, target: Target, marker: str) -> Leftovers:
    """
    Return what *org* has with the *marker* of this migration and *target* makes no
    longer.

    Fields are not among it: those of an object that is made, or left over, go with it.
    Nor is the permission set of `setup/`, which is about the source.
    """
    unseal, app = target.custom_permission, target.application
    objects = _others(org.tooling.marked_objects(marker), target.objects)
    owners = set(objects)
    tabs = org.deployment.list_names("CustomTab") if owners else []
    return Leftovers(
        objects=objects,
        tabs=tuple(each for each in tabs if each in owners),
        permission_sets=tuple(
            name
            for name in _others(
                _marked(org, "PermissionSet", marker), target.permission_sets
            )
            if name != SOURCE_READER
        ),
        applications=_others(_marked(org, "CustomApplication", marker), [app]),
        custom_permissions=_others(_marked(org, "CustomPermission", marker), [unseal]),
    )


def _marked(org: Org, kind: str, marker: str) -> tuple[str, ...]:
    """
    Return the components of *kind* that carry *marker*; a packaged one never does.
    """
    names = (each for each in org.deployment.list_names(kind) if "__" not in each)
    found = org.deployment.read_components(kind, names)
    return tuple(
        sorted(name for name, each in found.items() if marker in each.description)
    )


def _others(names: Iterable[_Name], made: Iterable[_Named]) -> tuple[_Name, ...]:
    known = {str(each.name).casefold() for each in made}
    return tuple(name for name in names if name.casefold() not in known)


def leftover_findings(leftovers: Leftovers) -> Iterator[Finding]:
    """
    One finding for each of the *leftovers*.
    """
    for kind, names in leftovers.members.items():
        for name in names:
            yield codes.DEPLOYED_EARLIER(kind=kind, name=name)
