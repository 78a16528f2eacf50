"""
`migrator generate`.
"""

from __future__ import annotations

import click

from migrator.cli.command import Context, Exit, verb


@click.command()
@click.option(
    "--check", is_flag=True, help="Write nothing; exit 3 if files would change."
)
@verb
def command(context: Context, *, check: bool) -> Exit:
    """
    Write force-app/, manifest/ and sfdx-project.json from mapping.yaml.

    Needs no org. What it writes any tool can deploy.
    """
    return perform(context, check=check)


def perform(context: Context, *, check: bool = False) -> Exit:
    """
    The verb without click, for the demo.
    """
    from migrator.steps.generating import generate
    from migrator.steps.loading import load_mapping, template_folders

    output = context.output()
    run = context.run()
    outcome = generate(
        run=run,
        mapping=load_mapping(run),
        migration=context.migration(),
        templates=template_folders(run),
        check=check,
    )
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
