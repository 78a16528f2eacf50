"""
Which exit code a verb ends with; no other module knows them.
"""

from __future__ import annotations

from enum import IntEnum

from migrator import errors


class Exit(IntEnum):
    """
    How a verb ended, for scripts and pipelines.
    """

    DONE = 0
    FAILED = 1
    USAGE = 2
    """Click's own: an unknown option, a missing argument."""
    DECIDE = 3
    """Differences were found, or a person must decide something first."""
    STOPPED = 4
    """Stopped before the end; the same command goes on from there."""


def exit_code(error: errors.MigratorError) -> Exit:
    """
    Return the exit code that *error* ends a verb with.
    """
    if isinstance(error, errors.DecisionNeeded):
        return Exit.DECIDE
    if isinstance(error, errors.Stopped | errors.OrgUnreachable):
        return Exit.STOPPED
    return Exit.FAILED
