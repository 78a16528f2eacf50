"""
`migration.yaml`: what to migrate, written by `init` and edited by people.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator

from pydantic import TypeAdapter

from migrator.documents.yaml_text import (
    Tree,
    read_tree,
    scalar,
    strict_adapter,
    validated,
)
from migrator.errors import MappingError
from migrator.model.migration import Migration

_HINT = "mend the lines and run the command again"
_NAME = "a letter, then letters, digits and single underscores"
_RULES = {
    "id": (r"[A-Za-z0-9]{4,40}", "4 to 40 letters and digits"),
    "namespace": (r"[A-Za-z](?:_?[A-Za-z0-9]){0,14}", f"1 to 15 characters, {_NAME}"),
    "api_ceiling": (r"[1-9][0-9]\.0", "an API version such as 66.0"),
    "prefix": (r"[A-Za-z](?:_?[A-Za-z0-9]){0,19}", f"1 to 20 characters, {_NAME}"),
}
"""By setting: the pattern it has to match, and the same in words."""
_LANGUAGE = re.compile(r"[a-z]{2,3}(_[A-Z]{2})?")
_NO_TEMPLATES = re.compile(r"^templates:[ \t]*(?=\r?$|#)", re.MULTILINE)
_OBJECT = re.compile(r"[A-Za-z](?:_{0,2}[A-Za-z0-9])*")


@functools.cache
def _adapter() -> TypeAdapter[tuple[Migration]]:
    return strict_adapter(Migration)


def parse_migration(text: str, *, file: str) -> Migration:
    """
    Return the migration that *text* describes; *file* names it in messages.

    Raises MappingError with every mistake.
    """
    tree = read_tree(text, file=file)
    migration = validated(_adapter(), tree)
    if migration is not None:
        _check(migration, tree)
    if migration is None or tree.mistakes:
        ordered = sorted(tree.mistakes, key=lambda each: each.line)
        raise MappingError(
            [f"{file}:{p.line}, {_place(p.path)}: {p.sentence}" for p in ordered],
            hint=_HINT,
        )
    return migration


def _place(path: tuple[str | int, ...]) -> str:
    return ".".join(str(part) for part in path) or "the document"


def _check(migration: Migration, tree: Tree) -> None:
    """
    Report what the types let pass and a later step would stumble over.
    """
    settings = {
        "id": (("id",), migration.id),
        "namespace": (("namespace",), migration.namespace),
        "api_ceiling": (("api_ceiling",), migration.api_ceiling),
        "prefix": (("naming", "prefix"), migration.naming.prefix),
    }
    for name, (path, value) in settings.items():
        pattern, words = _RULES[name]
        if not re.fullmatch(pattern, value):
            tree.report(path, f"{value!r}: expected {words}")
    if not migration.objects:
        tree.report(("objects",), "expected at least one object")
    for position, language in enumerate(migration.languages):
        if not _LANGUAGE.fullmatch(language):
            wrong = f"{language!r}: expected a language code such as de or pt_BR"
            tree.report(("languages", position), wrong)
        if language in migration.languages[:position]:
            tree.report(("languages", position), f"{language} stands here twice")
    for position, sentence in _object_problems(migration):
        tree.report(("objects", position), sentence)


def _object_problems(migration: Migration) -> Iterator[tuple[int, str]]:
    seen: set[str] = set()
    for position, name in enumerate(migration.objects):
        if not _OBJECT.fullmatch(name):
            yield position, f"{name!r}: expected an object such as ONB2__Invoice__c"
        if name.casefold() in seen:
            yield position, f"{name} stands here twice"
        seen.add(name.casefold())


def render_migration(migration: Migration) -> str:
    """
    *migration* as YAML with a comment on each setting.
    """
    objects = "".join(f"  - {scalar(name)}\n" for name in migration.objects)
    languages = "".join(f"  - {scalar(each)}\n" for each in migration.languages)
    day = migration.cancellation_date
    return f"""\
# What this migration is about. Edit it before the first `migrator describe`.
# No credentials belong here: they come from the environment.

# Random, made by `migrator init`. It ends the description of every component that this
# migration deploys; never change it once something has been deployed.
id: {scalar(migration.id)}

# The package's namespace.
namespace: {scalar(migration.namespace)}

# The objects to migrate. Objects they refer to need not be listed: links to those are
# kept as lookups or as text.
objects:{" []" if not objects else ""}
{objects}
# The last day on which the package works, for instance 2026-12-31.
cancellation_date:{f" {day.isoformat()}" if day else ""}

naming:
  # Put before an object's name when the plain name is taken in the org.
  prefix: {scalar(migration.naming.prefix)}
  # true puts it before every object.
  always_prefix: {str(migration.naming.always_prefix).lower()}

# The newest Salesforce API version to speak.
api_ceiling: {scalar(migration.api_ceiling)}

# Languages to have labels in besides the org's own, such as [de, fr]. The org needs the
# Translation Workbench with these languages.
languages:{"" if migration.languages else " []"}
{languages}
# A folder whose templates replace those in templates/ here and the shipped ones, file
# by file. Every verb uses it, so that what is approved is what is deployed.
templates:{f" {scalar(migration.templates)}" if migration.templates else ""}
"""


def with_templates(text: str, folder: str) -> str:
    """
    *text*, a migration that names no folder of templates, with *folder* named.
    """
    line = f"templates: {scalar(folder)}"
    found = _NO_TEMPLATES.search(text)
    if found:
        blank = " " if text[found.end() : found.end() + 1] == "#" else ""
        return text[: found.start()] + line + blank + text[found.end() :]
    ending = "\r\n" if "\r\n" in text else "\n"
    return text + ("" if text.endswith("\n") else ending) + line + ending
