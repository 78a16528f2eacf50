"""
The target as Metadata API files: source format for git, mdapi format for the wire.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import quote

import jinja2

from migrator.documents.metadata.characters import ILLEGAL
from migrator.documents.templates import render
from migrator.errors import MappingError
from migrator.model.target import (
    Leftovers,
    ObjectTranslation,
    PermissionSet,
    Target,
    TargetField,
    TargetObject,
)

SOURCE_ROOT = "force-app/main/default"
NO_LEFTOVERS = Leftovers()
_BESIDE = "    "
_INLINE = "        "


def render_source(target: Target, environment: jinja2.Environment) -> dict[str, bytes]:
    """
    Return the files of *target* in source format: POSIX path to content.

    Below `force-app/main/default/` one file for each component; beside it
    `manifest/package.xml`, `sfdx-project.json` and, under `undo/`, what takes all of it
    back.

    Raises MappingError for texts that XML cannot carry, TemplateError for a template
    that cannot be printed.
    """
    require_printable(target)
    print_ = _Printer(environment)
    files = {
        "manifest/package.xml": print_.package(target),
        "sfdx-project.json": print_.file(
            "sfdx-project.json", api_version=target.api_version
        ),
        **_undo(target, print_),
    }
    for made in target.objects:
        folder = f"{SOURCE_ROOT}/objects/{made.name}"
        files[f"{folder}/{made.name}.object-meta.xml"] = print_.object(made)
        for field in made.fields:
            files[f"{folder}/fields/{field.name}.field-meta.xml"] = print_.file(
                "field.xml", field=field, pad=_BESIDE
            )
        for view in made.list_views:
            files[f"{folder}/listViews/{view.name}.listView-meta.xml"] = print_.file(
                "listview.xml", view=view, pad=_BESIDE
            )
        for rule in made.rules:
            path = f"{folder}/validationRules/{rule.name}.validationRule-meta.xml"
            files[path] = print_.file("validationrule.xml", rule=rule, pad=_BESIDE)
    for each in target.translations:
        folder = f"{SOURCE_ROOT}/objectTranslations/{each.name}"
        path = f"{folder}/{each.name}.objectTranslation-meta.xml"
        files[path] = print_.translation(each)
        for label in each.fields:
            path = f"{folder}/{label.name}.fieldTranslation-meta.xml"
            files[path] = print_.file("fieldtranslation.xml", field=label)
    beside = _beside(target, print_)
    for path, content in beside.items():
        files[f"{SOURCE_ROOT}/{path}-meta.xml"] = content
    return files


def render_mdapi(target: Target, environment: jinja2.Environment) -> dict[str, bytes]:
    """
    Return the same components as a deployment carries them: fields inside their
    objects.

    Raises as `render_source` does.
    """
    require_printable(target)
    print_ = _Printer(environment)
    files = {"package.xml": print_.package(target), **_beside(target, print_)}
    for made in target.objects:
        files[f"objects/{made.name}.object"] = print_.object(made, whole=True)
    for each in target.translations:
        path = f"objectTranslations/{each.name}.objectTranslation"
        files[path] = print_.translation(each, whole=True)
    return files


def render_undo(
    target: Target,
    environment: jinja2.Environment,
    leftovers: Leftovers = NO_LEFTOVERS,
) -> dict[str, bytes]:
    """
    Return what a deployment carries that takes *target* away, and the *leftovers* of
    earlier ones with it; TemplateError as above.
    """
    print_ = _Printer(environment)
    return {
        "destructiveChanges.xml": print_.file(
            "package.xml",
            types=_removed(target, leftovers),
            api_version=target.api_version,
        ),
        "package.xml": print_.file(
            "package.xml", types=(), api_version=target.api_version
        ),
    }


def render_setup(
    permission_set: PermissionSet, environment: jinja2.Environment, api_version: str
) -> dict[str, bytes]:
    """
    *permission_set* alone as a package that any tool deploys.
    """
    print_ = _Printer(environment)
    name = permission_set.name
    types = (("PermissionSet", [name]),)
    return {
        "package.xml": print_.file("package.xml", types=types, api_version=api_version),
        f"permissionsets/{name}.permissionset": print_.file(
            "permissionset.xml", permission_set=permission_set
        ),
    }


def _beside(target: Target, print_: _Printer) -> dict[str, bytes]:
    """
    Return what both forms hold as files of their own, by mdapi path.
    """
    unseal = target.custom_permission
    app = target.application
    files = {
        f"applications/{app.name}.app": print_.file("app.xml", application=app),
        f"customPermissions/{unseal.name}.customPermission": print_.file(
            "custompermission.xml", permission=unseal
        ),
    }
    for made in target.objects:
        files[f"layouts/{layout_member(made)}.layout"] = print_.file(
            "layout.xml", layout=made.layout
        )
        files[f"tabs/{made.name}.tab"] = print_.file("tab.xml", object=made)
    for each in target.permission_sets:
        path = f"permissionsets/{each.name}.permissionset"
        files[path] = print_.file("permissionset.xml", permission_set=each)
    return files


def layout_member(made: TargetObject) -> str:
    """
    Return the full name of an object's layout as files and manifests spell it.
    """
    return f"{made.name}-{encoded_layout(made.layout.name)}"


def encoded_layout(name: str) -> str:
    """
    Return a layout's *name* with everything but letters, digits, blanks, underscores
    and hyphens percent-encoded.
    """
    return "".join(
        char if char.isalnum() or char in " _-" else quote(char, safe="")
        for char in name
    )


def _undo(target: Target, print_: _Printer) -> dict[str, bytes]:
    """
    Return what takes the whole target back; apart from `manifest/`, so that nobody
    deploys it by accident.
    """
    files = render_undo(target, print_.environment)
    return {
        "undo/README.md": print_.file("undo/README.md", target=target),
        **{f"undo/{path}": content for path, content in files.items()},
    }


def require_printable(target: Target) -> None:
    """
    Raise MappingError when a text holds a character that XML 1.0 has no place for.

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
    for each in target.translations:
        yield from _translation_texts(each)
    app, unseal = target.application, target.custom_permission
    named = [
        (app.name, app.label, app.description),
        (unseal.name, unseal.label, unseal.description),
        *((one.name, one.label, one.description) for one in target.permission_sets),
    ]
    for name, label, description in named:
        yield name, "label", label
        yield name, "description", description


def _translation_texts(made: ObjectTranslation) -> Iterator[tuple[str, str, str]]:
    for form in made.forms:
        yield made.name, "label", form.value
    yield made.name, "name label", made.name_label
    for field in made.fields:
        where = f"{made.name}, {field.name}"
        yield where, "label", field.label
        yield where, "help text", field.help_text
        for _, label in field.values:
            yield where, "picklist label", label


def _object_texts(made: TargetObject) -> Iterator[tuple[str, str, str]]:
    yield made.name, "label", made.label
    yield made.name, "plural label", made.plural_label
    yield made.name, "name label", made.name_label
    yield made.name, "description", made.description
    for section in made.layout.sections:
        yield made.name, "layout section", section.label
    for view in made.list_views:
        yield f"{made.name}, {view.name}", "label", view.label
        for line in view.filters:
            yield f"{made.name}, {view.name}", "filter", line.value


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


_Types = tuple[tuple[str, list[str]], ...]


def _types(target: Target) -> _Types:
    """
    Return the members of the manifest by type, types and members sorted.
    """
    objects = sorted(made.name for made in target.objects)
    translations = sorted(each.name for each in target.translations)
    return (
        ("CustomApplication", [target.application.name]),
        ("CustomObject", [*objects]),
        *([("CustomObjectTranslation", translations)] if translations else ()),
        ("CustomPermission", [target.custom_permission.name]),
        ("CustomTab", [*objects]),
        ("Layout", sorted(layout_member(made) for made in target.objects)),
        ("PermissionSet", sorted(each.name for each in target.permission_sets)),
    )


def _removed(target: Target, leftovers: Leftovers) -> _Types:
    """
    Return a layout goes with its object, and so does a translation.
    """
    made = dict(_types(target))
    return tuple(
        (kind, sorted({*made[kind], *names}))
        for kind, names in leftovers.members.items()
    )


@dataclass(frozen=True, slots=True)
class _Printer:
    """
    The templates under `metadata/`, printed to bytes.
    """

    environment: jinja2.Environment

    def file(self, name: str, **values: object) -> bytes:
        text = render(self.environment, f"metadata/{name}.j2", values)
        return (_as_retrieved(text) if name.endswith(".xml") else text).encode()

    def object(self, made: TargetObject, *, whole: bool = False) -> bytes:
        """
        Return the object's own file; *whole* with its fields, list views and rules
        inside.
        """
        return self.file(
            "object.xml",
            object=made,
            fields=made.fields if whole else (),
            views=made.list_views if whole else (),
            rules=made.rules if whole else (),
            pad=_INLINE,
        )

    def translation(self, made: ObjectTranslation, *, whole: bool = False) -> bytes:
        """
        Return the labels in one language; *whole* with those of the fields inside.
        """
        return self.file(
            "objecttranslation.xml",
            translation=made,
            fields=made.fields if whole else (),
        )

    def package(self, target: Target) -> bytes:
        return self.file(
            "package.xml", types=_types(target), api_version=target.api_version
        )


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
