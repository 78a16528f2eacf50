"""
The target as Metadata API files: source format for git, mdapi format for the wire.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import jinja2

from migrator.documents.environment import render
from migrator.documents.xml_characters import ILLEGAL
from migrator.errors import MappingError
from migrator.model.target import PermissionSet, Target, TargetField, TargetObject

SOURCE_ROOT = "force-app/main/default"
_BESIDE = "    "
_INLINE = "        "


def render_source(target: Target, environment: jinja2.Environment) -> dict[str, bytes]:
    """
    The files of *target* in source format: POSIX path to content.

    Below `force-app/main/default/` one file each for an object, a field, a tab and a
    permission set; beside it `manifest/package.xml` and `sfdx-project.json`.

    Raises MappingError for texts that XML cannot carry, TemplateError for a template
    that cannot be printed.
    """
    require_printable(target)
    files = {
        "manifest/package.xml": _package(target, environment),
        "sfdx-project.json": _file(
            environment, "sfdx-project.json", api_version=target.api_version
        ),
    }
    for made in target.objects:
        folder = f"{SOURCE_ROOT}/objects/{made.name}"
        files[f"{folder}/{made.name}.object-meta.xml"] = _file(
            environment, "object.xml", object=made, fields=(), pad=_INLINE
        )
        for field in made.fields:
            files[f"{folder}/fields/{field.name}.field-meta.xml"] = _file(
                environment, "field.xml", field=field, pad=_BESIDE
            )
        files[f"{SOURCE_ROOT}/tabs/{made.name}.tab-meta.xml"] = _file(
            environment, "tab.xml", object=made
        )
    for each in target.permission_sets:
        path = f"{SOURCE_ROOT}/permissionsets/{each.name}.permissionset-meta.xml"
        files[path] = _permission_set(each, environment)
    return files


def render_mdapi(target: Target, environment: jinja2.Environment) -> dict[str, bytes]:
    """
    The same components as a deployment carries them: fields inside their objects.

    Raises as `render_source` does.
    """
    require_printable(target)
    files = {"package.xml": _package(target, environment)}
    for made in target.objects:
        files[f"objects/{made.name}.object"] = _file(
            environment, "object.xml", object=made, fields=made.fields, pad=_INLINE
        )
        files[f"tabs/{made.name}.tab"] = _file(environment, "tab.xml", object=made)
    for each in target.permission_sets:
        path = f"permissionsets/{each.name}.permissionset"
        files[path] = _permission_set(each, environment)
    return files


def require_printable(target: Target) -> None:
    """
    Raises MappingError when a text holds a character that XML 1.0 has no place for.

    Nothing is dropped silently: a picklist value without its control character would
    be another value.
    """
    problems = [
        f"{where}: the {what} holds {_spelled(found)}, which XML cannot carry"
        for where, what, text in _texts(target)
        for found in [ILLEGAL.search(text)]
        if found
    ]
    if problems:
        raise MappingError(
            problems, hint="remove the character in mapping.yaml, then generate again"
        )


def _texts(target: Target) -> Iterator[tuple[str, str, str]]:
    for made in target.objects:
        yield from _object_texts(made)
        for field in made.fields:
            yield from _field_texts(made, field)
    for each in target.permission_sets:
        yield each.name, "label", each.label
        yield each.name, "description", each.description


def _object_texts(made: TargetObject) -> Iterator[tuple[str, str, str]]:
    yield made.name, "label", made.label
    yield made.name, "plural label", made.plural_label
    yield made.name, "name label", made.name_label
    yield made.name, "description", made.description


def _field_texts(
    made: TargetObject, field: TargetField
) -> Iterator[tuple[str, str, str]]:
    where = f"{made.name}.{field.name}"
    yield where, "label", field.label
    yield where, "help text", field.help_text
    yield where, "description", field.description
    yield where, "relationship label", field.relationship_label
    for value in field.values:
        yield where, "picklist value", value


def _spelled(found: re.Match[str]) -> str:
    return f"the character U+{ord(found[0]):04X}"


def _package(target: Target, environment: jinja2.Environment) -> bytes:
    members = sorted(made.name for made in target.objects)
    sets = sorted(each.name for each in target.permission_sets)
    return _file(
        environment,
        "package.xml",
        types=(
            ("CustomObject", members),
            ("CustomTab", members),
            ("PermissionSet", sets),
        ),
        api_version=target.api_version,
    )


def _permission_set(each: PermissionSet, environment: jinja2.Environment) -> bytes:
    return _file(environment, "permissionset.xml", permission_set=each)


def _file(environment: jinja2.Environment, name: str, **values: object) -> bytes:
    text = render(environment, f"metadata/{name}.j2", values)
    return (_as_retrieved(text) if name.endswith(".xml") else text).encode()


def _as_retrieved(text: str) -> str:
    """
    Escapes as the org itself spells them.

    A bare carriage return would be read back as a line feed (XML 1.0, 2.11).
    """
    return (
        text.replace("&#39;", "&apos;")
        .replace("&#34;", "&quot;")
        .replace("\r", "&#13;")
    )
