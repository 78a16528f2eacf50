"""
What verbs read from the migration directory before their own work begins.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from urllib.parse import quote, unquote

from migrator.documents.describe.describe import parse_describe
from migrator.documents.describe.layout import (
    parse_layout,
    parse_list_views,
    parse_value_set,
)
from migrator.documents.describe.object import parse_definitions
from migrator.documents.describe.org_facts import parse_org_facts
from migrator.documents.mapping.read import parse_mapping
from migrator.documents.migration_yaml import parse_migration
from migrator.errors import InputError, RunDirectoryError
from migrator.model.describe import FieldDefinition, ObjectDescribe, PicklistValue
from migrator.model.finding import Finding
from migrator.model.mapping import Mapping
from migrator.model.migration import Migration
from migrator.model.names import ApiName
from migrator.model.source_layout import SourceLayout, View
from migrator.rules.plan.eligibility import refusal_by_name
from migrator.rules.plan.metadata import (
    preferred,
    revealed,
    value_set_of,
    with_value_sets,
)
from migrator.rundir.layout import RunDirectory, shipped_folder

METADATA_FOLDER = "metadata"
"""Below the describes: what describe hides, one file a component."""
METADATA_FILES = {
    "CustomObject": ("", ".object"),
    "Layout": ("layouts/", ".layout"),
    "GlobalValueSet": ("globalValueSets/", ".globalValueSet"),
    "StandardValueSet": ("standardValueSets/", ".standardValueSet"),
}
"""Folder and ending of each type there, as in an mdapi package."""


def load_migration(run: RunDirectory) -> Migration:
    """
    What `migration.yaml` says; MappingError when it is wrong.
    """
    text = run.read_text(run.migration_file)
    return parse_migration(text, file=run.shown(run.migration_file))


def load_mapping(run: RunDirectory) -> Mapping:
    """
    What `mapping.yaml` says; RunDirectoryError before `plan`, MappingError when wrong.
    """
    return parse_mapping(mapping_text(run), file=run.shown(run.mapping_file))


def mapping_text(run: RunDirectory) -> str:
    """
    The text of `mapping.yaml`; RunDirectoryError before `plan`.
    """
    if not run.mapping_file.is_file():
        raise RunDirectoryError(
            f"{run.shown(run.mapping_file)} is missing: nothing has been planned yet",
            hint=f"migrator -C {run.root} plan",
        )
    return run.read_text(run.mapping_file)


def read_describe(
    run: RunDirectory, file: Path
) -> tuple[ObjectDescribe, tuple[Finding, ...]]:
    """
    The describe in *file*, with what the metadata beside it tells, and what is missing.

    Every verb reads describes in this one way: an approval stands on all of it.
    """
    described, missing = parse_describe(run.read_text(file), file=run.shown(file))
    return _revealed(run, file.parent / METADATA_FOLDER, described), missing


def _revealed(
    run: RunDirectory, folder: Path, described: ObjectDescribe
) -> ObjectDescribe:
    """
    *described* with what the metadata files in *folder* tell about it.
    """
    definition = folder / f"{described.name}.object"
    fields: tuple[FieldDefinition, ...] = ()
    views: tuple[View, ...] = ()
    if definition.is_file():
        content = _bytes(run, definition)
        fields = parse_definitions(content, file=run.shown(definition))
        views = parse_list_views(content, file=run.shown(definition))
    shown = replace(
        revealed(described, fields),
        layouts=preferred(described, _layouts(run, folder, described.name)),
        list_views=views,
    )
    return with_value_sets(shown, _value_sets(run, folder, shown))


def _layouts(
    run: RunDirectory, folder: Path, owner: ApiName
) -> tuple[SourceLayout, ...]:
    inside, suffix = METADATA_FILES["Layout"]
    return tuple(
        parse_layout(
            _bytes(run, file),
            name=unquote(file.name.removesuffix(suffix)).partition("-")[2],
            file=run.shown(file),
        )
        for file in sorted((folder / inside).glob(f"{owner}-*{suffix}"))
    )


def _value_sets(
    run: RunDirectory, folder: Path, described: ObjectDescribe
) -> dict[str, tuple[PicklistValue, ...]]:
    """
    The values of the value sets that fields of *described* share, by name.
    """
    found = {}
    for name in {value_set_of(described.name, each) for each in described.fields}:
        for kind in ("GlobalValueSet", "StandardValueSet"):
            inside, suffix = METADATA_FILES[kind]
            file = folder / inside / f"{quote(name, safe=' _-%.')}{suffix}"
            if name and file.is_file():
                found[name] = parse_value_set(
                    _bytes(run, file), kind=kind, file=run.shown(file)
                )
    return found


def metadata_files(describes: Path, owners: Iterable[ApiName]) -> list[Path]:
    """
    The metadata files beside *describes* that decisions about *owners* rest on: their
    own, and every value set.
    """
    folder, names = describes / METADATA_FOLDER, set(owners)
    return [
        file
        for inside, suffix in METADATA_FILES.values()
        for file in sorted((folder / inside).glob(f"*{suffix}"))
        if inside.endswith("Sets/")
        or file.name.removesuffix(suffix).partition("-")[0] in names
    ]


def _bytes(run: RunDirectory, file: Path) -> bytes:
    return run.read_text(file).encode("utf-8")


def known_describes(run: RunDirectory) -> dict[ApiName, ObjectDescribe]:
    """
    The describes that lie in *run*, by object; nothing has to be there.
    """
    files = sorted(run.describes.glob("*.json")) if run.describes.is_dir() else []
    read = (read_describe(run, file)[0] for file in files if file != run.org_facts_file)
    return {each.name: each for each in read}


def known_edition(run: RunDirectory) -> str | None:
    """
    The edition of the org that was described last; None before.
    """
    if not run.org_facts_file.is_file():
        return None
    text = run.read_text(run.org_facts_file)
    facts = parse_org_facts(text, file=run.shown(run.org_facts_file))
    return facts.organization_type


def load_describes(
    run: RunDirectory, migration: Migration
) -> dict[ApiName, ObjectDescribe]:
    """
    The describes of the migrated objects and of their neighbours, by object.

    Raises RunDirectoryError naming each migrated object that has none.
    """
    found = known_describes(run)
    missing = [
        name
        for name in migration.objects
        if name not in found and not refusal_by_name(name)
    ]
    if missing:
        raise RunDirectoryError(
            f"{run.shown(run.describes)}/ has no describe of {', '.join(missing)}",
            hint=f"migrator -C {run.root} describe --org ORG",
        )
    return found


def template_folders(run: RunDirectory, given: Path | None = None) -> tuple[Path, ...]:
    """
    Where templates are looked up: the folder that `migration.yaml` names or else
    *given*, then `templates/` of the migration directory, then the shipped ones.

    Raises InputError when *given* is another folder than the one named there: approvals
    and deployments with different templates would not be about the same fields.
    """
    named = named_templates(run)
    if named and given and given.resolve() != named.resolve():
        raise InputError(
            f"--templates {given} is not what {run.shown(run.migration_file)} says "
            f"under `templates:`, {named}",
            hint="leave the option out, or change `templates:` for all verbs",
        )
    first = named or given
    if first and not first.is_dir():
        raise InputError(
            f"there is no folder of templates {first}",
            hint=f"mend `templates:` in {run.shown(run.migration_file)} or the option",
        )
    own = (run.user_templates,) if run.user_templates.is_dir() else ()
    return (*([first] if first else ()), *own, shipped_folder("templates"))


def named_templates(run: RunDirectory) -> Path | None:
    """
    The folder that `migration.yaml` names under `templates:`.
    """
    if not run.migration_file.is_file():
        return None
    named = load_migration(run).templates
    return run.root / named if named else None
