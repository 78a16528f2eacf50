"""
`migrator deploy`.
"""

from __future__ import annotations

from pathlib import Path

import click

from migrator.cli.command import (
    Context,
    execute_option,
    org_option,
    production_option,
    templates_option,
    unreviewed_option,
    verb,
    with_typed_name,
)
from migrator.cli.exit_codes import Exit
from migrator.model.consent import Consent


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
    consent = Consent(
        execute=execute,
        yes_production=yes_production,
        allow_unreviewed=allow_unreviewed,
    )
    if undo:
        return _undo(context, org_spec, consent, templates)
    return perform(context, org_spec, consent, templates=templates, junit=junit)


def _undo(
    context: Context, org_spec: str, consent: Consent, templates: Path | None
) -> Exit:
    from migrator.steps.deploy.undo import undo

    output, workspace = context.output(), context.workspace(templates=templates)
    with context.org(org_spec, ceiling=workspace.migration.api_ceiling) as org:
        outcome = undo(
            workspace,
            org=org,
            consent=with_typed_name(consent, org),
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
    consent: Consent,
    *,
    templates: Path | None = None,
    junit: Path | None = None,
) -> Exit:
    """
    Return the verb without click, for the demo.
    """
    from migrator.steps.deploy.deploy import deploy

    output, workspace = context.output(), context.workspace(templates=templates)
    with context.org(org_spec, ceiling=workspace.migration.api_ceiling) as org:
        outcome = deploy(
            workspace,
            org=org,
            consent=with_typed_name(consent, org),
            progress=output.progress(org),
            junit=junit,
        )
    done = "deployed" if consent.execute else "validated; nothing was written"
    output.line(f"  {outcome.report.components} components {done}")
    output.findings(outcome.findings)
    verb_ = "copy" if consent.execute else "deploy --execute"
    output.next(f"migrator -C {context.root} {verb_} --org {org_spec}")
    output.document(
        {
            "deployed": consent.execute,
            "components": outcome.report.components,
            "id": outcome.report.id,
            "findings": outcome.findings,
        }
    )
    return Exit.DONE
