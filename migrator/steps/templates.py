"""
`--templates DIR`: a folder of the customer's own templates, for this verb and the rest.

An approval covers the template that prints its field, so `review`, `generate`, `deploy`
and `copy` have to look into the same folders. The first verb that is given one notes it
in `migration.yaml`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from migrator.documents.migration_yaml import parse_migration, with_templates
from migrator.errors import Bug
from migrator.rundir.layout import RunDirectory
from migrator.steps.workspace import named_templates, template_folders


@dataclass(frozen=True, slots=True, kw_only=True)
class Templates:
    """
    Where templates are looked up, and whether that was noted just now.
    """

    folders: tuple[Path, ...]
    noted: str = ""
    """What `migration.yaml` says since now; empty when nothing was written."""


def chosen_templates(
    run: RunDirectory, given: Path | None, *, note: bool = True
) -> Templates:
    """
    The template folders with *given* among them, noted in `migration.yaml` if new.

    Raises InputError as `template_folders` does; then nothing is noted.
    """
    folders = template_folders(run, given)
    if given is None or not note or named_templates(run) is not None:
        return Templates(folders=folders)
    spelled = _spelled(run, given)
    shown = run.shown(run.migration_file)
    before = run.migration_file.read_bytes().decode("utf-8")
    after = with_templates(before, spelled)
    wanted = replace(parse_migration(before, file=shown), templates=spelled)
    if parse_migration(after, file=shown) != wanted:
        raise Bug(
            f"`templates:` could not be noted in {shown}; nothing was written",
            hint=f"write `templates: {spelled}` there yourself, and report this",
        )
    run.write_bytes(run.migration_file, after.encode("utf-8"))
    return Templates(folders=folders, noted=spelled)


def _spelled(run: RunDirectory, folder: Path) -> str:
    """
    Relative within the migration directory, so that it moves with it, else absolute.
    """
    whole, root = folder.resolve(), run.root.resolve()
    return (whole.relative_to(root) if whole.is_relative_to(root) else whole).as_posix()
