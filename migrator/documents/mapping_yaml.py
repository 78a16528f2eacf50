"""
`mapping.yaml`: the reviewed decision as text, and back.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from migrator.model.mapping import Mapping


def parse_mapping(text: str, *, file: str) -> Mapping:
    """
    The mapping that *text* spells; *file* names it in messages.

    Raises MappingError with every mistake, each with file, line and field.
    """
    raise NotImplementedError


def render_mapping(mapping: Mapping, *, templates: Sequence[Path]) -> str:
    """
    *mapping* as YAML for people; `mapping.yaml.j2` is looked for in *templates*.
    """
    raise NotImplementedError


def mapping_schema() -> dict[str, Any]:
    """
    The JSON schema that editors check `mapping.yaml` with.
    """
    raise NotImplementedError


def mapping_digest(mapping: Mapping) -> str:
    """
    A SHA-256 over everything *mapping* decides, independent of layout and comments.
    """
    raise NotImplementedError
