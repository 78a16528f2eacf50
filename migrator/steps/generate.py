"""
`generate`: the mapping as deployable files in the migration directory.

Everything is rendered before the first byte is written. `manifest/generated.txt` lists
what was made, with digests (`sha256sum --check` reads it): only what stands there may
be removed or replaced, so that a file of the customer's own is never lost.
"""

from __future__ import annotations

import hashlib
import re
from collections import abc
from collections.abc import Sequence
from dataclasses import dataclass, replace

from migrator.documents.metadata.files import SOURCE_ROOT, render_mdapi, render_source
from migrator.documents.metadata.package_references import package_references
from migrator.errors import Bug, DecisionNeeded, RunDirectoryError
from migrator.rundir.layout import RunDirectory
from migrator.steps.review.check import require_no_blockers
from migrator.steps.workspace import Workspace

LIST_FILE = "manifest/generated.txt"
_REMOVABLE = re.compile(
    rf"(undo/|{SOURCE_ROOT}/(objects/\w+/((fields|listViews|validationRules)/)?"
    r"|objectTranslations/[\w-]+/"
    r"|(applications|customPermissions|layouts|permissionsets|tabs)/))"
    r"[\w %-]+(\.[\w-]+)+"
)
_LINE = re.compile(r"(?P<digest>[0-9a-f]{64})  (?P<path>.+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class GenerateOutcome:
    """
    What `generate` did, as POSIX paths relative to the migration directory.
    """

    written: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    unchanged: tuple[str, ...] = ()
    would_change: tuple[str, ...] = ()
    """With *check* only: what a real run would write or remove."""
    kept: tuple[str, ...] = ()
    """No longer made, but edited since: left for a person to remove."""


def generate(workspace: Workspace, *, check: bool) -> GenerateOutcome:
    """
    Return the files of the mapping, written into *workspace*; *check* compares and
    writes nothing. Files that an earlier run made and this one does not are removed.

    Raises DecisionNeeded for blockers and for files in the way that this migration did
    not make, MappingError and TemplateError as rendering does.
    """
    require_no_blockers(workspace)
    run, files = workspace.run, rendered_source(workspace)
    listed = _read_list(run)
    changes = _compare(run, files, listed)
    _require_own(run, changes.write, listed, workspace.migration.marker)
    if check:
        return GenerateOutcome(
            unchanged=changes.unchanged,
            would_change=tuple(sorted((*changes.write, *changes.remove))),
            kept=changes.kept,
        )
    _apply(run, files, listed, changes)
    return GenerateOutcome(
        written=changes.write,
        removed=changes.remove,
        unchanged=changes.unchanged,
        kept=changes.kept,
    )


def rendered_source(workspace: Workspace) -> dict[str, bytes]:
    """
    Every file of the mapping in source format, `manifest/generated.txt` among them.
    """
    files = render_source(workspace.target, workspace.environment)
    require_no_package_references(files, workspace.mapping.namespace)
    files[LIST_FILE] = _list_text(_digests(files))
    return files


def rendered_mdapi(workspace: Workspace, api_version: str) -> dict[str, bytes]:
    """
    Every file of the mapping as a deployment at *api_version* carries it.
    """
    target = replace(workspace.target, api_version=api_version)
    files = render_mdapi(target, workspace.environment)
    require_no_package_references(files, workspace.mapping.namespace)
    return files


def outdated_files(
    run: RunDirectory, files: abc.Mapping[str, bytes]
) -> tuple[str, ...]:
    """
    Those of *files* that are missing in *run* or hold something else there.
    """
    return tuple(path for path in sorted(files) if _content(run, path) != files[path])


def require_no_package_references(
    files: abc.Mapping[str, bytes], namespace: str
) -> None:
    """
    Raise Bug when a reference in *files* would tie the archive to the package.
    """
    found = package_references(files, namespace)
    if found:
        raise Bug(
            "generated metadata refers to the package and would block its uninstall:\n"
            + "\n".join(found),
            hint="report this with mapping.yaml; nothing was written",
        )


# -- What is on disk, what ought to be ------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class _Changes:
    """
    What has to happen to the files, each sorted.
    """

    write: tuple[str, ...]
    remove: tuple[str, ...]
    unchanged: tuple[str, ...]
    kept: tuple[str, ...]


def _compare(
    run: RunDirectory, files: abc.Mapping[str, bytes], listed: abc.Mapping[str, str]
) -> _Changes:
    same = {path for path in files if _content(run, path) == files[path]}
    gone = [
        path
        for path in sorted(set(listed) - set(files))
        if _REMOVABLE.fullmatch(path) and _content(run, path) is not None
    ]
    untouched = {
        path for path in gone if _digest(_content(run, path) or b"") == listed[path]
    }
    return _Changes(
        write=tuple(sorted(set(files) - same)),
        remove=tuple(path for path in gone if path in untouched),
        unchanged=tuple(sorted(same)),
        kept=tuple(path for path in gone if path not in untouched),
    )


def _require_own(
    run: RunDirectory, paths: Sequence[str], listed: abc.Mapping[str, str], marker: str
) -> None:
    """
    Raise DecisionNeeded when one of *paths* would replace a file of the customer's.

    Ours is what the list names or what carries our marker, whatever the list says.
    """
    foreign = [
        path
        for path in paths
        if path != LIST_FILE and path not in listed
        for content in [_content(run, path)]
        if content is not None and marker.encode() not in content
    ]
    if foreign:
        raise DecisionNeeded(
            "these files are in the way and were not made by this migration:\n"
            + "\n".join(foreign),
            hint="move them elsewhere or remove them, then run `migrator generate`",
        )


def _apply(
    run: RunDirectory,
    files: abc.Mapping[str, bytes],
    listed: abc.Mapping[str, str],
    changes: _Changes,
) -> None:
    """
    Write, then removes; the list names everything before and only the rest after.

    A run that dies in between leaves no file that the next run takes for foreign.
    """
    if not changes.write and not changes.remove:
        return
    others = {path: files[path] for path in files if path != LIST_FILE}
    everything = {**listed, **_digests(others)}
    run.write_bytes(run.root / LIST_FILE, _list_text(everything))
    for path in changes.write:
        if path != LIST_FILE:
            run.write_bytes(run.root / path, files[path])
    for path in changes.remove:
        run.remove(run.root / path)
    run.write_bytes(run.root / LIST_FILE, files[LIST_FILE])


def _content(run: RunDirectory, path: str) -> bytes | None:
    """
    Return the bytes of *path*, None when there is no such file.
    """
    try:
        return (run.root / path).read_bytes()
    except (FileNotFoundError, IsADirectoryError, NotADirectoryError):
        return None
    except OSError as error:
        raise RunDirectoryError(
            f"cannot read {path}: {(error.strerror or str(error)).lower()}",
            hint="check the file's owner and permissions",
        ) from error


def _read_list(run: RunDirectory) -> dict[str, str]:
    """
    Path to digest, as the last run listed them; lines of another shape are ignored.
    """
    content = _content(run, LIST_FILE) or b""
    lines = content.decode("utf-8", errors="replace").splitlines()
    found = (_LINE.fullmatch(line) for line in lines)
    return {line["path"]: line["digest"] for line in found if line}


def _digests(files: abc.Mapping[str, bytes]) -> dict[str, str]:
    return {path: _digest(content) for path, content in files.items()}


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _list_text(digests: abc.Mapping[str, str]) -> bytes:
    lines = (f"{digests[path]}  {path}\n" for path in sorted(digests))
    return "".join(lines).encode()
