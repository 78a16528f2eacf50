"""
`review diff`: today's mapping beside an earlier one, a file or a git revision.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from migrator.documents.mapping.read import parse_mapping
from migrator.documents.review.diff_page import render_diff
from migrator.errors import InputError
from migrator.model.mapping import Mapping
from migrator.model.review import MappingChange
from migrator.rules.review.diff import differences
from migrator.rundir.git import git_file
from migrator.rundir.layout import RunDirectory
from migrator.steps.workspace import Workspace


@dataclass(frozen=True, slots=True, kw_only=True)
class DiffOutcome:
    """
    What differs, and the page that shows it.
    """

    changes: tuple[MappingChange, ...]
    file: Path


def diff_mapping(workspace: Workspace, *, old: str) -> DiffOutcome:
    """
    Return the differences of `mapping.yaml` from *old*, also written to
    `review/diff.html`.

    *old* is a mapping file, a migration directory or a git revision, tried in this
    order. Raises InputError when it is none of them, MappingError when it is wrong.
    """
    run = workspace.run
    changes = differences(_earlier(run, old), workspace.mapping)
    new = run.shown(run.mapping_file)
    page = render_diff(changes, workspace.environment, old=old, new=new)
    file = run.review / "diff.html"
    run.write_text(file, page)
    return DiffOutcome(changes=changes, file=file)


def _earlier(run: RunDirectory, old: str) -> Mapping:
    path = Path(old)
    if path.is_dir():
        path = path / run.mapping_file.name
    if path.is_file():
        return parse_mapping(run.read_text(path), file=str(path))
    content = git_file(run.root, old, run.mapping_file.name)
    if content is None:
        raise InputError(
            f"{old!r} is no mapping file, and git knows no mapping.yaml there",
            hint="name a file, a migration directory or a revision such as HEAD~1",
        )
    name = f"{old}:{run.mapping_file.name}"
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(f"{name}: byte {error.start} is not UTF-8") from error
    return parse_mapping(text, file=name)
