"""
`probe.json` on disk: written after a run, read to lay two side by side.
"""

from __future__ import annotations

from pathlib import Path

from migrator.documents.report.probe_json import probe_json, read_probe
from migrator.errors import RunDirectoryError
from migrator.model.probe import Disagreement, ProbeReport
from migrator.rules.probe import compare_reports
from migrator.rundir.layout import RunDirectory


def write_report(path: Path, report: ProbeReport) -> None:
    """
    *report* as the file *path*; RunDirectoryError when it cannot be written.
    """
    folder = RunDirectory(path.resolve().parent)
    folder.write_text(path.resolve(), probe_json(report))


def compare_files(ours: Path, theirs: Path) -> tuple[Disagreement, ...]:
    """
    Return the points that two probe.json files answer differently.

    Raises RunDirectoryError for a missing file, InputError for one that is none.
    """
    return compare_reports(_read(ours), _read(theirs))


def _read(path: Path) -> ProbeReport:
    if not path.is_file():
        raise RunDirectoryError(
            f"there is no {path}", hint="migrator probe --org ORG --execute"
        )
    folder = RunDirectory(path.resolve().parent)
    return read_probe(folder.read_text(path.resolve()), file=str(path))
