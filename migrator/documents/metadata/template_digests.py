"""
Which template text each kind of field is printed with, as digests.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

import jinja2
from jinja2 import meta

from migrator.documents.templates import TEMPLATE_HINT
from migrator.errors import TemplateError
from migrator.model.kinds.table import KINDS, Kind


def template_digests(environment: jinja2.Environment) -> dict[Kind, str]:
    """
    By kind, the SHA-256 of the template that prints it and of all that it includes.

    The name field is printed with its object; a standard field is not printed at all.
    Raises TemplateError when a template is missing or is no template.
    """
    return {
        kind: _digest(environment, row.template.format(kind=kind))
        for kind, row in KINDS.items()
    }


def _digest(environment: jinja2.Environment, name: str) -> str:
    if not name:
        return ""
    try:
        sources = dict(_sources(environment, name, set()))
    except jinja2.TemplateError as error:
        raise TemplateError(f"{name}: {error}", hint=TEMPLATE_HINT) from error
    content = hashlib.sha256()
    for each in sorted(sources):
        content.update(f"{each}\n{sources[each]}\n".encode())
    return content.hexdigest()


def _sources(
    environment: jinja2.Environment, name: str, seen: set[str]
) -> Iterator[tuple[str, str]]:
    """
    Yield the text of *name* and of every template that it names literally.
    """
    seen.add(name)
    assert environment.loader is not None
    source, _, _ = environment.loader.get_source(environment, name)
    yield name, source.replace("\r\n", "\n")
    for other in meta.find_referenced_templates(environment.parse(source)):
        if other and other not in seen:
            yield from _sources(environment, other, seen)
