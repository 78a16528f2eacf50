"""
The difference between two mappings as a page.
"""

from __future__ import annotations

from collections.abc import Sequence

from jinja2 import Environment

from migrator.documents.templates import render
from migrator.model.review import MappingChange

TEMPLATE = "review/diff.html.j2"


def render_diff(
    changes: Sequence[MappingChange], environment: Environment, *, old: str, new: str
) -> str:
    """
    One self-contained page of *changes* from what is called *old* to *new*.
    """
    places = dict.fromkeys(each.object for each in changes)
    groups = [
        (place, [each for each in changes if each.object == place]) for place in places
    ]
    values = {"groups": groups, "total": len(changes), "old": old, "new": new}
    return render(environment, TEMPLATE, values)
