"""
`migrator deploy`.
"""

from __future__ import annotations

from pathlib import Path

import click

from migrator.cli.command import (
    Choice,
    Context,
    Exit,
    execute_option,
    org_option,
    production_option,
    templates_option,
    unreviewed_option,
    verb,
)


@click.command()
@org_option
@execute_option
@production_option
@unreviewed_option
@templates_option
@click.option(
    "--junit",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Also write the result as JUnit XML, one test a component.",
)
@click.option(
    "--undo",
    is_flag=True,
    help="Remove the components instead; refused while they hold records.",
)
@verb
def command(
    context: Context,
    *,
    org_spec: str,
    execute: bool,
    yes_production: str,
    allow_unreviewed: bool,
    templates: Path | None,
    junit: Path | None,
    undo: bool,
) -> Exit:
    """
    Have the org validate the metadata; with --execute put it there.

    Refuses (3) when a component of the same name exists that this migration did not
    make. With --undo the same components are taken out again, which is refused (3) as
    long as an object holds records or somebody else has one of the permission sets.
    """
    if undo and junit is not None:
        raise click.UsageError("--junit is for deployments; leave it out with --undo")
    choice = Choice(
        execute=execute,
        yes_production=yes_production,
        allow_unreviewed=allow_unreviewed,
    )
    if undo:
        return _undo(context, org_spec, choice, templates)
    return perform(context, org_spec, choice, templates=templates, junit=junit)


def _undo(
    context: Context, org_spec: str, choice: Choice, templates: Path | None
) -> Exit:
    from migrator.steps.loading import load_mapping
    from migrator.steps.undoing import UndoOptions, undo

    output = context.output()
    run = context.run()
    folders = context.templates(templates)
    with context.org(org_spec) as org:
        allowed = choice.confirmed(org)
        outcome = undo(
            run=run,
            org=org,
            mapping=load_mapping(run),
            migration=context.migration(),
            options=UndoOptions(
                templates=folders,
                execute=allowed.execute,
                yes_production=allowed.yes_production or None,
            ),
            progress=output.progress(org),
        )
    done = "removed" if outcome.executed else "can be removed; nothing was written"
    output.line(f"  {outcome.report.components} components {done}")
    output.findings(outcome.findings)
    output.document(
        {
            "removed": outcome.executed,
            "components": outcome.report.components,
            "id": outcome.report.id,
            "findings": outcome.findings,
        }
    )
    return Exit.DONE


def perform(
    context: Context,
    org_spec: str,
    choice: Choice,
    *,
    templates: Path | None = None,
    junit: Path | None = None,
) -> Exit:
    """
    The verb without click, for the demo.
    """
    from migrator.steps.deploying import DeployOptions, deploy
    from migrator.steps.loading import load_mapping

    output = context.output()
    run = context.run()
    folders = context.templates(templates)
    with context.org(org_spec) as org:
        allowed = choice.confirmed(org)
        outcome = deploy(
            run=run,
            org=org,
            mapping=load_mapping(run),
            migration=context.migration(),
            options=DeployOptions(
                execute=allowed.execute,
                yes_production=allowed.yes_production or None,
                allow_unreviewed=allowed.allow_unreviewed,
                templates=folders,
                junit=junit,
            ),
            progress=output.progress(org),
        )
    done = "deployed" if choice.execute else "validated; nothing was written"
    output.line(f"  {outcome.report.components} components {done}")
    output.findings(outcome.findings)
    verb_ = "copy" if choice.execute else "deploy --execute"
    output.next(f"migrator -C {context.root} {verb_} --org {org_spec}")
    output.document(
        {
            "deployed": choice.execute,
            "components": outcome.report.components,
            "id": outcome.report.id,
            "findings": outcome.findings,
        }
    )
    return Exit.DONE
