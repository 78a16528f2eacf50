"""
`--templates DIR`: a folder of the customer's own templates, for this verb and the rest.

An approval covers the template that prints its field, so `review`, `generate`, `deploy`
and `copy` have to look into the same folders. The first verb that is given one notes it
in `migration.yaml`.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from migrator.documents.migration_yaml import parse_migration, with_templates
from migrator.errors import Bug
from migrator.rundir.layout import RunDirectory
from migrator.steps.workspace import Workspace


def note_templates(workspace: Workspace) -> str:
    """
    Return what `migration.yaml` says under `templates:` since now: the folder given on
    the command line. Empty when nothing was written, for it names one already.
    """
    run, given = workspace.run, workspace.templates
    if given is None or workspace.named_templates is not None:
        return ""
    spelled = _spelled(run, given)
    shown = run.shown(run.migration_file)
    before = workspace.migration_text
    after = with_templates(before, spelled)
    wanted = replace(workspace.migration, templates=spelled)
    if parse_migration(after, file=shown) != wanted:
        raise Bug(
            f"`templates:` could not be noted in {shown}; nothing was written",
            hint=f"write `templates: {spelled}` there yourself, and report this",
        )
    content = after.encode("utf-8")
    run.replace_bytes(run.migration_file, content, read=before.encode("utf-8"))
    return spelled


def _spelled(run: RunDirectory, folder: Path) -> str:
    """
    Relative within the migration directory, so that it moves with it, else absolute.
    """
    whole, root = folder.resolve(), run.root.resolve()
    return (whole.relative_to(root) if whole.is_relative_to(root) else whole).as_posix()
