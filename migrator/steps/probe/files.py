"""
Experiments with files: links to records, and what becomes of them.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator

from migrator.documents.metadata.probe import PARENT
from migrator.errors import OrgRefused
from migrator.model.names import ApiName
from migrator.model.probe import Observation
from migrator.org.soql import literal
from migrator.steps.probe.answers import NEEDS, Said, lacking, seen
from migrator.steps.probe.bench import Bench
from migrator.steps.probe.experiment import Experiment

PROBE_FILE = "Migrator Probe File"
"""The title by which the next run knows a file that was left behind."""

_BYTES = b"migrator probe\n"
_VERSION = ApiName("ContentVersion")
_LINK = ApiName("ContentDocumentLink")


def _new_file(bench: Bench) -> tuple[str, str]:
    """
    Document id and checksum of a new file of a few bytes.
    """
    said = bench.create(
        _VERSION,
        Title=PROBE_FILE,
        PathOnClient="migrator-probe.txt",
        VersionData=base64.b64encode(_BYTES).decode(),
    )
    if said.code:
        raise OrgRefused(said.evidence, code=said.code)
    document = str(bench.stored(said.id, "ContentDocumentId", _VERSION))
    return document, str(bench.stored(said.id, "Checksum", _VERSION))


def _linked(bench: Bench, document: str, record_id: str) -> Said:
    return bench.create(
        _LINK,
        ContentDocumentId=document,
        LinkedEntityId=record_id,
        ShareType="V",
        Visibility="InternalUsers",
    )


def _links(bench: Bench) -> Iterator[Observation]:
    document, checksum = _new_file(bench)
    expected = hashlib.md5(_BYTES, usedforsecurity=False).hexdigest()
    yield seen("file-checksum", "MD5" if checksum == expected else "another")
    record = bench.parent()
    said = _linked(bench, document, record)
    yield seen("file-link", said.verdict if said.code else "linked", said.evidence)
    again = _linked(bench, document, record)
    yield seen("file-link-twice", again.verdict, again.evidence)
    yield _unfiltered(bench)
    bench.remove(PARENT, record)
    left = bench.org.soql.count(ApiName("ContentDocument"), f"Id = {literal(document)}")
    yield seen("file-survives-record", "kept" if left else "gone")
    yield lacking("file-of-others", NEEDS["file-of-others"])


def _unfiltered(bench: Bench) -> Observation:
    point = "file-links-unfiltered"
    said = bench.ask(f"SELECT Id FROM {_LINK} LIMIT 1")  # noqa: S608
    if said.code:
        return seen(point, said.verdict, said.evidence)
    return lacking(point, NEEDS[point], "links were given without a filter")


EXPERIMENTS = (
    Experiment.of(
        _links,
        "file-checksum",
        "file-link",
        "file-link-twice",
        "file-links-unfiltered",
        "file-survives-record",
        "file-of-others",
    ),
)
