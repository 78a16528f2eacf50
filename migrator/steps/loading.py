"""
What verbs read from the migration directory before their own work begins.
"""

from __future__ import annotations

from pathlib import Path

from migrator.documents.describe_json import parse_describe
from migrator.documents.mapping_yaml import parse_mapping
from migrator.documents.migration_yaml import parse_migration
from migrator.documents.object_xml import parse_definitions
from migrator.errors import InputError, RunDirectoryError
from migrator.model.describe import ObjectDescribe
from migrator.model.finding import Finding
from migrator.model.mapping import Mapping
from migrator.model.migration import Migration
from migrator.model.names import ApiName
from migrator.rules.eligibility import refusal_by_name
from migrator.rules.revealing import revealed
from migrator.rundir.layout import RunDirectory, shipped_folder

METADATA_FOLDER = "metadata"
"""Below the describes: what describe hides, one CustomObject file an object."""


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
    definition = file.parent / METADATA_FOLDER / f"{described.name}.object"
    if not definition.is_file():
        return described, missing
    content = run.read_text(definition).encode("utf-8")
    fields = parse_definitions(content, file=run.shown(definition))
    return revealed(described, fields), missing


def known_describes(run: RunDirectory) -> dict[ApiName, ObjectDescribe]:
    """
    The describes that lie in *run*, by object; nothing has to be there.
    """
    files = sorted(run.describes.glob("*.json")) if run.describes.is_dir() else []
    read = (read_describe(run, file)[0] for file in files if file != run.org_facts_file)
    return {each.name: each for each in read}


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
