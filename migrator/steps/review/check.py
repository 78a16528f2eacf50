"""
The whole check of `mapping.yaml`: what cannot be read and what cannot be done, by line.
"""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Mapping as Table
from dataclasses import dataclass, replace

from migrator.documents.mapping.read import HINT, Mistake, Reading, read_mapping
from migrator.errors import DecisionNeeded, MappingError
from migrator.model.describe import ObjectDescribe
from migrator.model.finding import Finding, Level
from migrator.model.mapping import Mapping
from migrator.model.names import ApiName
from migrator.rules.check.mapping import check
from migrator.rundir.layout import RunDirectory
from migrator.steps.workspace import known_describes, known_edition, mapping_text

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


def check_file(
    run: RunDirectory, describes: Table[ApiName, ObjectDescribe]
) -> CheckedFile:
    """
    The mapping of *run* with its blockers, each with its line.

    Raises MappingError when something cannot be read: with all of these mistakes, and
    with the blockers among the rest, so that one run shows everything.
    """
    file = run.shown(run.mapping_file)
    reading = read_mapping(mapping_text(run), file=file)
    edition = known_edition(run)
    problems = tuple(_problems(reading, describes, edition, file))
    if reading.mistakes or reading.mapping is None:
        ordered = sorted((*reading.mistakes, *problems), key=lambda each: each.line)
        raise MappingError([each.sentence for each in ordered], hint=HINT)
    return CheckedFile(mapping=reading.mapping, problems=problems)


def require_no_blockers(run: RunDirectory, mapping: Mapping) -> None:
    """
    Raises DecisionNeeded with every blocker of *mapping*, those it carries included,
    each with the line of `mapping.yaml` that it is about.
    """
    file = run.shown(run.mapping_file)
    nowhere = Reading(mapping=mapping, mistakes=(), left_out=frozenset(), lines={})
    there = run.mapping_file.is_file()
    reading = read_mapping(mapping_text(run), file=file) if there else nowhere
    judged = replace(reading, mapping=mapping)
    found = _problems(judged, known_describes(run), known_edition(run), file)
    told = [each.sentence for each in found]
    if told:
        raise DecisionNeeded(
            "\n".join([f"{len(told)} blocker(s) in the mapping:", *told]),
            hint="decide each in mapping.yaml; `migrator plan` looks at it again",
        )


def _problems(
    reading: Reading,
    describes: Table[ApiName, ObjectDescribe],
    edition: str | None,
    file: str,
) -> Iterator[Mistake]:
    if reading.mapping is None:
        return
    mapping = reading.mapping
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
