"""
What a mapping may hold, as a JSON schema, and its digest.
"""

from __future__ import annotations

import functools
import hashlib
import json
from typing import Any

from pydantic import TypeAdapter

from migrator.documents.yaml_text import strict_adapter
from migrator.model.mapping import APPROVAL, Mapping

SCHEMA_FILE = "mapping.schema.json"
"""Named by the first line of the mapping; editors look for it beside the file."""


@functools.cache
def mapping_adapter() -> TypeAdapter[tuple[Mapping]]:
    """
    Return what validates a mapping; it is made when it is first asked for.
    """
    return strict_adapter(Mapping)


def mapping_schema() -> dict[str, Any]:
    """
    Return the JSON schema that editors check `mapping.yaml` with.
    """
    parts = mapping_adapter().json_schema()["$defs"]
    del parts["Finding"]["properties"]["setting"]
    entry = parts["FieldMapping"]
    entry["required"] = [n for n in entry["required"] if n not in {"target", "type"}]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$ref": "#/$defs/Mapping",
        "$defs": parts,
        "title": "mapping.yaml",
    }


def render_mapping_schema() -> str:
    """
    `mapping_schema` as the text of `mapping.schema.json`.
    """
    return json.dumps(mapping_schema(), indent=1, sort_keys=True) + "\n"


def mapping_digest(mapping: Mapping) -> str:
    """
    Return a SHA-256 over what *mapping* decides: not its layout, reasons, findings or
    status.
    """
    (content,) = mapping_adapter().dump_python((mapping,), mode="json")
    del content["approved"]
    for mapped in content["objects"]:
        del mapped["findings"]
        _drop_empty(mapped, "labels", "plural_labels", "name_labels")
        for rule in mapped["rows"]:
            for remark in ("why", "status", *APPROVAL):
                del rule[remark]
        # As it was before there were such settings.
        _drop_empty(mapped, "rows", "layout", "list_views")
        for entry in mapped["fields"]:
            for remark in ("why", "status", "findings", *APPROVAL):
                del entry[remark]
            _drop_empty(entry, "labels", "helps", "value_labels")
            _drop_empty(entry, "unique", "case_sensitive", "visible_lines")
            for later in ("rule", "original_target", "original_type"):
                if entry[later] is None:
                    del entry[later]
    text = json.dumps(content, sort_keys=True, ensure_ascii=True)
    return hashlib.sha256(text.encode("ascii")).hexdigest()


def _drop_empty(part: dict[str, Any], *settings: str) -> None:
    """
    Keep the digest of a mapping that does not use the *settings* as it was before.
    """
    for each in settings:
        if not part[each]:
            del part[each]
