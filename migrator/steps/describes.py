"""
Describes as they lie in a folder, with the metadata beside them that describe hides.

Every verb reads them in this one way: an approval stands on all of it.
"""

from __future__ import annotations

from collections import abc
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import quote, unquote

from migrator.documents.describe.describe import lists_objects, parse_describe
from migrator.documents.describe.layout import (
    parse_layout,
    parse_list_views,
    parse_value_set,
)
from migrator.documents.describe.object import parse_definitions
from migrator.documents.describe.org_facts import parse_org_facts
from migrator.model.codes import describe as codes
from migrator.model.describe import FieldDefinition, ObjectDescribe, PicklistValue
from migrator.model.finding import Finding
from migrator.model.migration import OrgFacts
from migrator.model.names import ApiName
from migrator.model.source_layout import SourceLayout, View
from migrator.rules.plan.metadata import (
    preferred,
    revealed,
    value_set_of,
    with_value_sets,
)
from migrator.rundir.layout import RunDirectory

METADATA_FOLDER = "metadata"
"""Below the describes: what describe hides, one file a component."""
METADATA_FILES = {
    "CustomObject": ("", ".object"),
    "Layout": ("layouts/", ".layout"),
    "GlobalValueSet": ("globalValueSets/", ".globalValueSet"),
    "StandardValueSet": ("standardValueSets/", ".standardValueSet"),
}
"""Folder and ending of each type there, as in an mdapi package."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Described:
    """
    The describes of one folder; nothing has to be there.
    """

    folder: Path
    objects: dict[ApiName, ObjectDescribe]
    files: dict[ApiName, Path]
    """Where each was read."""
    findings: tuple[Finding, ...]
    """What is missing in them, and objects that two files describe."""
    facts: OrgFacts | None
    """Of the org they came from."""


def read_described(run: RunDirectory, folder: Path) -> Described:
    """
    Every describe in *folder*, by object; *run* names files in messages.

    Of two describes of an object that named after it is taken. Raises DescribeError
    for a file that is none.
    """
    objects: dict[ApiName, ObjectDescribe] = {}
    files: dict[ApiName, Path] = {}
    findings: list[Finding] = []
    for file, text in _describe_texts(run, folder):
        described, missing = parse_describe(text, file=run.shown(file))
        earlier = files.get(described.name)
        if earlier is not None:
            findings.append(_described_twice(described.name, earlier, file))
            if earlier.stem == described.name:
                continue
        metadata = folder / METADATA_FOLDER
        objects[described.name] = _revealed(run, metadata, described)
        files[described.name] = file
        findings.extend(missing)
    return Described(
        folder=folder,
        objects=objects,
        files=files,
        findings=tuple(findings),
        facts=_org_facts(run, folder),
    )


def read_translated(run: RunDirectory, folder: Path) -> dict[ApiName, ObjectDescribe]:
    """
    Return the describes in *folder* that somebody made in another language, if any.
    """
    files = sorted(folder.glob("*.json")) if folder.is_dir() else []
    found = (
        parse_describe(run.read_text(file), file=run.shown(file))[0] for file in files
    )
    return {each.name: each for each in found}


def metadata_files(describes: Path, owners: abc.Iterable[ApiName]) -> list[Path]:
    """
    Return the metadata files beside *describes* that decisions about *owners* rest on:
    their own, and every value set.
    """
    folder, names = describes / METADATA_FOLDER, set(owners)
    return [
        file
        for inside, suffix in METADATA_FILES.values()
        for file in sorted((folder / inside).glob(f"*{suffix}"))
        if inside.endswith("Sets/")
        or file.name.removesuffix(suffix).partition("-")[0] in names
    ]


def _describe_texts(run: RunDirectory, folder: Path) -> abc.Iterator[tuple[Path, str]]:
    """
    Yield the files in *folder* that describe an object; what else people keep there is
    none.
    """
    for file in sorted(folder.glob("*.json")) if folder.is_dir() else ():
        if file.name == run.org_facts_file.name:
            continue
        text = run.read_text(file)
        if not lists_objects(text, file=run.shown(file)):
            yield file, text


def _described_twice(name: ApiName, earlier: Path, file: Path) -> Finding:
    taken = earlier if earlier.stem == name else file
    found = codes.DESCRIBED_TWICE(
        one=earlier.name, other=file.name, name=name, taken=taken.name
    )
    return found.at(name)


def _org_facts(run: RunDirectory, folder: Path) -> OrgFacts | None:
    file = folder / run.org_facts_file.name
    if not file.is_file():
        return None
    return parse_org_facts(run.read_text(file), file=run.shown(file))


# -- What describe hides --------------------------------------------------------------


def _revealed(
    run: RunDirectory, folder: Path, described: ObjectDescribe
) -> ObjectDescribe:
    """
    Return *described* with what the metadata files in *folder* tell about it.
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
    Return the values of the value sets that fields of *described* share, by name.
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


def _bytes(run: RunDirectory, file: Path) -> bytes:
    return run.read_text(file).encode("utf-8")
