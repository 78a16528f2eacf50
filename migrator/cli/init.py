"""
`migrator init`.
"""

from __future__ import annotations

import click

from migrator.cli.command import Context, verb
from migrator.cli.exit_codes import Exit


@click.command()
@verb
def command(context: Context) -> Exit:
    """
    Start a migration directory: migration.yaml with a random id, and .gitignore.

    In a directory that has them already nothing is changed.
    """
    return perform(context)


def perform(context: Context) -> Exit:
    """
    Return the verb without click, for the demo.
    """
    from migrator.rundir.layout import RunDirectory
    from migrator.steps.init import initialise

    output = context.output()
    outcome = initialise(run=RunDirectory(context.root.resolve()))
    for path in outcome.written:
        output.line(f"  wrote {path}")
    if not outcome.written:
        output.line("  already a migration directory; nothing changed")
    output.next(f"migrator -C {context.root} describe --org ORG")
    output.document({"written": outcome.written, "id": outcome.migration.id})
    return Exit.DONE
