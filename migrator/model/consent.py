"""
What the operator of a writing verb has allowed on the command line.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent:
    """
    How far a verb may go; by default it writes nothing.
    """

    execute: bool = False
    yes_production: str = ""
    """The org's name, typed by the operator; needed to write to production."""
    allow_unreviewed: bool = False
    """For rehearsals: entries that nobody approved are used as well."""
