"""
The whole check of `mapping.yaml`: what cannot be read and what cannot be done, by line.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from migrator.documents.mapping.read import HINT, Complaint, Reading
from migrator.errors import DecisionNeeded, MappingError
from migrator.model.codes.check import PARENT_NOT_MAPPED
from migrator.model.finding import Finding, blockers
from migrator.model.mapping import Mapping
from migrator.model.names import ApiName
from migrator.rules.check.mapping import all_findings
from migrator.steps.workspace import Workspace


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedFile:
    """
    A mapping that can be read, and where in the file each blocker stands.
    """

    mapping: Mapping
    blockers: tuple[Complaint, ...]


def check_file(workspace: Workspace) -> CheckedFile:
    """
    Return the mapping of *workspace* with its blockers, each with its line.

    Raises MappingError when something cannot be read: with all of these mistakes, and
    with the blockers among the rest, so that one run shows everything.
    """
    reading = workspace.reading
    found = tuple(_complaints(workspace))
    if reading.mistakes or reading.mapping is None:
        ordered = sorted((*reading.mistakes, *found), key=lambda each: each.line)
        raise MappingError([each.sentence for each in ordered], hint=HINT)
    return CheckedFile(mapping=reading.mapping, blockers=found)


def require_no_blockers(
    workspace: Workspace, *, listed: Iterable[ApiName] | None = None
) -> None:
    """
    Raise DecisionNeeded with every blocker of the mapping, those it carries included,
    each with the line of `mapping.yaml` that it is about; MappingError for mistakes.

    *listed* are the objects that have to be mapped: all that `migration.yaml` lists
    where an org is at hand, else those of them that have been described.
    """
    _ = workspace.mapping
    told = [each.sentence for each in _complaints(workspace, listed)]
    if told:
        raise DecisionNeeded(
            "\n".join([f"{len(told)} blocker(s) in the mapping:", *told]),
            hint="decide each in mapping.yaml; `migrator plan` looks at it again",
        )


def _complaints(
    workspace: Workspace, listed: Iterable[ApiName] | None = None
) -> Iterator[Complaint]:
    reading, mapping = workspace.reading, workspace.reading.mapping
    if mapping is None:
        return
    describes, edition = workspace.describes, workspace.edition
    if listed is None:
        listed = [name for name in workspace.migrated if name in describes]
    file = workspace.run.shown(workspace.run.mapping_file)
    found = blockers(all_findings(mapping, describes, edition, listed))
    located = [
        _located(each, reading, file) for each in found if not _follows(each, reading)
    ]
    yield from sorted(located, key=lambda each: each.line)


def _follows(finding: Finding, reading: Reading) -> bool:
    """
    Return True for what is only missing because it could not be read.
    """
    owner = str(finding.object or "")
    known = {(one.casefold(), two.casefold()) for one, two in reading.left_out}
    if (owner.casefold(), str(finding.field or "").casefold()) in known:
        return True
    objects_missing = any(not field for _, field in reading.left_out)
    return finding.code == PARENT_NOT_MAPPED.word and objects_missing


def _located(finding: Finding, reading: Reading, file: str) -> Complaint:
    owner, field = str(finding.object or ""), str(finding.field or "")
    setting = finding.setting
    if (owner, field, setting) not in reading.lines:
        setting = ""
    line = 1
    for key in ((owner, field, setting), (owner, field, ""), (owner, "", "")):
        if key in reading.lines:
            line = reading.lines[key]
            break
    place = ".".join(part for part in (owner, field, setting) if part)
    remedy = f" ({finding.remedy})" if finding.remedy else ""
    at = f"{file}:{line}, " if reading.lines else ""
    return Complaint(line=line, sentence=f"{at}{place}: {finding.message}{remedy}")
