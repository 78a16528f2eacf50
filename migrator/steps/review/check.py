"""
The whole check of `mapping.yaml`: what cannot be read and what cannot be done, by line.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from migrator.documents.mapping.read import HINT, Mistake, Reading
from migrator.errors import DecisionNeeded, MappingError
from migrator.model.finding import Finding, Level
from migrator.model.mapping import Mapping
from migrator.rules.check.mapping import check
from migrator.steps.workspace import Workspace

_SETTINGS = {
    "duplicate-target": "target",
    "location-part": "target",
    "unique": "unique",
    "visible-lines": "visible_lines",
    "illegal-name": "target",
    "label": "label",
    "loses": "type",
    "name-type": "type",
    "standard-type": "type",
    "type-range": "type",
    "values": "values",
    "required": "required",
    "rows": "rows",
    "rule": "rule",
    "relationship-name": "relationship_name",
    "treatment": "treatment",
    "parent-not-linked": "treatment",
    "parent-not-mapped": "type",
    "package-reference": "type",
    "detail-of-others": "type",
    "unknown-field": "source",
    "sharing": "sharing",
}
"""Which setting a finding is about; the others are about the whole entry."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedFile:
    """
    A mapping that can be read, and where in the file each blocker stands.
    """

    mapping: Mapping
    problems: tuple[Mistake, ...]


def check_file(workspace: Workspace) -> CheckedFile:
    """
    The mapping of *workspace* with its blockers, each with its line.

    Raises MappingError when something cannot be read: with all of these mistakes, and
    with the blockers among the rest, so that one run shows everything.
    """
    reading = workspace.reading
    problems = tuple(_problems(workspace))
    if reading.mistakes or reading.mapping is None:
        ordered = sorted((*reading.mistakes, *problems), key=lambda each: each.line)
        raise MappingError([each.sentence for each in ordered], hint=HINT)
    return CheckedFile(mapping=reading.mapping, problems=problems)


def require_no_blockers(workspace: Workspace) -> None:
    """
    Raises DecisionNeeded with every blocker of the mapping, those it carries included,
    each with the line of `mapping.yaml` that it is about; MappingError for mistakes.
    """
    _ = workspace.mapping
    told = [each.sentence for each in _problems(workspace)]
    if told:
        raise DecisionNeeded(
            "\n".join([f"{len(told)} blocker(s) in the mapping:", *told]),
            hint="decide each in mapping.yaml; `migrator plan` looks at it again",
        )


def _problems(workspace: Workspace) -> Iterator[Mistake]:
    reading, mapping = workspace.reading, workspace.reading.mapping
    if mapping is None:
        return
    describes, edition = workspace.describes, workspace.edition
    file = workspace.run.shown(workspace.run.mapping_file)
    found = {
        (each.object, each.field, each.code, each.message): each
        for each in (*check(mapping, describes, edition), *mapping.findings)
        if each.level is Level.BLOCKER and not _follows(each, reading)
    }
    located = [_located(each, reading, file) for each in found.values()]
    yield from sorted(located, key=lambda each: each.line)


def _follows(finding: Finding, reading: Reading) -> bool:
    """
    True for what is only missing because it could not be read.
    """
    owner = str(finding.object or "")
    known = {(one.casefold(), two.casefold()) for one, two in reading.left_out}
    if (owner.casefold(), str(finding.field or "").casefold()) in known:
        return True
    if finding.code == "no-origin-id":
        return (owner.casefold(), "id") in known
    objects_missing = any(not field for _, field in reading.left_out)
    return finding.code == "parent-not-mapped" and objects_missing


def _located(finding: Finding, reading: Reading, file: str) -> Mistake:
    owner, field = str(finding.object or ""), str(finding.field or "")
    if finding.code == "no-origin-id" and (owner, "Id", "") in reading.lines:
        field = "Id"
    setting = _setting(finding, reading)
    line = 1
    for key in ((owner, field, setting), (owner, field, ""), (owner, "", "")):
        if key in reading.lines:
            line = reading.lines[key]
            break
    place = ".".join(part for part in (owner, field, setting) if part)
    remedy = f" ({finding.remedy})" if finding.remedy else ""
    at = f"{file}:{line}, " if reading.lines else ""
    return Mistake(line=line, sentence=f"{at}{place}: {finding.message}{remedy}")


def _setting(finding: Finding, reading: Reading) -> str:
    """
    The setting that *finding* names first, or the one its code is about.
    """
    owner, field = str(finding.object or ""), str(finding.field or "")
    named = finding.message.split(" ", 1)[0]
    usual = _SETTINGS.get(finding.code, "")
    for setting in (named, usual):
        if setting and (owner, field, setting) in reading.lines:
            return setting
    return ""
