"""
A short name for what the mapping makes of an object, so that a change is noticed.
"""

from __future__ import annotations

import hashlib
import json

from migrator.model.mapping import FieldMapping, MappedObject, TextRule


def mapping_digest(mapped: MappedObject, text: TextRule) -> str:
    """
    Return the digest of everything in *mapped* that decides what a stored record looks
    like.

    Labels, reasons, findings and approvals are left out: they change no record.
    """
    decided = [
        [mapped.source, mapped.target, mapped.owner.value, mapped.audit.value],
        [text.line_breaks.value, text.trim],
        *sorted(_decided(entry) for entry in mapped.carried),
    ]
    spelled = json.dumps(decided, ensure_ascii=True, separators=(",", ":"))
    return hashlib.sha256(spelled.encode("ascii")).hexdigest()


def _decided(entry: FieldMapping) -> list[str]:
    return [
        entry.source,
        entry.target or "",
        str(entry.type),
        entry.treatment.value,
        entry.id_target or "",
        entry.name_source,
        entry.name_target or "",
        "loses" if entry.loses else "",
        *([str(entry.rule), entry.original_target or ""] if entry.rule else []),
    ]
