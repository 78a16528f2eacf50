"""
`migrator generate`.
"""

from __future__ import annotations

from pathlib import Path

import click

from migrator.cli.command import Context, templates_option, verb
from migrator.cli.exit_codes import Exit


@click.command()
@click.option(
    "--check", is_flag=True, help="Write nothing; exit 3 if files would change."
)
@templates_option
@verb
def command(context: Context, *, check: bool, templates: Path | None) -> Exit:
    """
    Write force-app/, manifest/ and sfdx-project.json from mapping.yaml.

    Needs no org. What it writes any tool can deploy.
    """
    return perform(context, check=check, templates=templates)


def perform(
    context: Context, *, check: bool = False, templates: Path | None = None
) -> Exit:
    """
    Return the verb without click, for the demo.
    """
    from migrator.steps.generate import generate

    output = context.output()
    workspace = context.workspace(templates=templates, note=not check)
    outcome = generate(workspace, check=check)
    output.document(
        {
            "written": outcome.written,
            "removed": outcome.removed,
            "unchanged": len(outcome.unchanged),
            "kept": outcome.kept,
            "would_change": outcome.would_change,
        }
    )
    if check:
        for path in outcome.would_change:
            output.line(f"  would change {path}")
        return Exit.DECIDE if outcome.would_change else Exit.DONE
    output.line(
        f"  {len(outcome.written)} files written, {len(outcome.unchanged)} unchanged, "
        f"{len(outcome.removed)} removed"
    )
    for path in outcome.kept:
        output.line(f"  kept {path}: it was edited by hand", "yellow")
    output.next(f"migrator -C {context.root} deploy --org ORG")
    return Exit.DONE
