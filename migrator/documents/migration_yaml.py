"""
`migration.yaml`: what to migrate, written by `init` and edited by people.
"""

from __future__ import annotations

from migrator.model.migration import Migration


def parse_migration(text: str, *, file: str) -> Migration:
    """
    The migration that *text* describes; *file* names it in messages.

    Raises MappingError with every mistake.
    """
    raise NotImplementedError


def render_migration(migration: Migration) -> str:
    """
    *migration* as YAML with a comment on each setting.
    """
    raise NotImplementedError
