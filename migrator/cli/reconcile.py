"""
`migrator reconcile`.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import click

from migrator.cli.command import (
    Context,
    execute_option,
    org_option,
    production_option,
    unreviewed_option,
    verb,
    with_typed_name,
)
from migrator.cli.exit_codes import Exit
from migrator.model.consent import Consent
from migrator.model.verdict import Result

if TYPE_CHECKING:
    from migrator.cli.output import Output
    from migrator.model.names import ApiName
    from migrator.model.verdict import ObjectVerdict, Verdict
    from migrator.rundir.layout import RunDirectory
    from migrator.steps.reconcile.reconcile import ReconcileOutcome
    from migrator.steps.reconcile.repair import RepairOutcome

SHOWN_DIFFERENCES = 20
HEADLINES = ("GrandTotal", "PosTotal", "Amount")
"""The package's words for what an invoice is about, the best first."""


@click.command()
@org_option
@click.option(
    "--repair",
    is_flag=True,
    help="Say what would be sent again; with --execute send it and compare again.",
)
@execute_option
@production_option
@unreviewed_option
@verb
def command(
    context: Context,
    *,
    org_spec: str,
    repair: bool,
    execute: bool,
    yes_production: str,
    allow_unreviewed: bool,
) -> Exit:
    """
    Read both sides again, compare every mapped cell, and write report/.

    Ends with 3 when anything differs, each difference named by record and field, when
    something could not be compared, and when the mapping is not approved as it stands.
    With --repair the differing cells and the records without a copy are sent again.
    """
    consent = Consent(
        execute=execute,
        yes_production=yes_production,
        allow_unreviewed=allow_unreviewed,
    )
    if repair:
        return perform_repair(context, org_spec, consent)
    if execute or yes_production:
        raise click.UsageError("reconcile alone writes nothing; add --repair")
    return perform(context, org_spec, consent)


def perform(context: Context, org_spec: str, consent: Consent) -> Exit:
    """
    Return the verb without click, for the demo.
    """
    from migrator.steps.reconcile.reconcile import reconcile

    output, workspace = context.output(), context.workspace()
    with context.org(org_spec, ceiling=workspace.migration.api_ceiling) as org:
        outcome = reconcile(
            workspace,
            org=org,
            progress=output.progress(org),
            allow_unreviewed=consent.allow_unreviewed,
        )
    _show(output, outcome.verdict)
    output.findings(outcome.findings)
    output.document(_document(workspace.run, outcome))
    return _exit(outcome.verdict)


def _exit(verdict: Verdict) -> Exit:
    settled = {Result.EQUAL, Result.EMPTY}
    return Exit.DONE if verdict.result in settled else Exit.DECIDE


def perform_repair(context: Context, org_spec: str, consent: Consent) -> Exit:
    """
    Return the verb with `--repair`.
    """
    from migrator.steps.reconcile.repair import repair

    output, workspace = context.output(), context.workspace()
    with context.org(org_spec, ceiling=workspace.migration.api_ceiling) as org:
        outcome = repair(
            workspace,
            org=org,
            consent=with_typed_name(consent, org),
            progress=output.progress(),
        )
    _show(output, outcome.compared.verdict)
    _show_repair(output, outcome)
    output.findings((*outcome.compared.findings, *outcome.findings))
    document = _document(workspace.run, outcome.compared)
    output.document(
        {**document, "executed": outcome.executed, "repaired": outcome.objects}
    )
    if outcome.objects and not outcome.executed:
        output.next(
            f"migrator -C {context.root} reconcile --repair --execute --org {org_spec}"
        )
    return _exit(outcome.compared.verdict)


def _document(run: RunDirectory, outcome: ReconcileOutcome) -> dict[str, Any]:
    return {
        "differences": outcome.verdict.differences,
        "result": outcome.verdict.result.value,
        "report": str(run.report / "reconciliation.json"),
        "findings": outcome.findings,
    }


def _show_repair(output: Output, outcome: RepairOutcome) -> None:
    head = "Repaired" if outcome.executed else "Would repair"
    if not outcome.objects:
        output.line("  nothing to repair")
        return
    output.table(
        (head, "Inserted", "Updated", "Cells", "Refused"),
        [
            (
                f"{each.source} -> {each.target}",
                f"{each.inserted:,}",
                f"{each.updated:,}",
                f"{each.cells:,}",
                f"{each.failed:,}",
            )
            for each in outcome.objects
        ],
    )


def _show(output: Output, verdict: Verdict) -> None:
    columns = ("Reconciled", "Source", "Target", "Cells compared", "Differences")
    output.table(
        columns,
        [
            (
                f"{each.source} -> {each.target}",
                f"{each.source_records:,}",
                f"{each.target_records:,}",
                f"{each.cells_compared:,}",
                f"{each.differences:,}",
            )
            for each in verdict.objects
        ],
    )
    _show_totals(output, verdict)
    for difference in verdict.examples[:SHOWN_DIFFERENCES]:
        target = f" -> {difference.target_field}" if difference.target_field else ""
        place = f" {difference.source_field}{target}" if difference.source_field else ""
        output.line(
            f"  {difference.object} {difference.origin_id}{place}: {difference.damage}",
            "red",
        )
    for each in verdict.objects:
        for loss in each.losses:
            output.line(f"  {loss.field}: {loss.cells:,} cells, agreed: {loss.agreed}")
        for change in each.changed:
            output.line(
                f"  {each.source}.{change.field}: {change.records:,} records changed "
                f"by rule, {change.rule}"
            )
        for left_out in each.excluded:
            output.line(
                f"  {each.source}: {left_out.records:,} records left out, "
                f"{left_out.reason}"
            )
    for each in verdict.objects:
        for left in each.not_compared:
            output.line(
                f"  {each.source}.{left.field}: {left.cells:,} cells not compared, "
                f"{left.why}",
                "yellow",
            )
    good = verdict.result in {Result.EQUAL, Result.EMPTY}
    output.line(
        f"  {verdict.differences:,} differences. Values: report/private/",
        "bold green" if good else "bold red",
    )


def _show_totals(output: Output, verdict: Verdict) -> None:
    """
    Sum per currency over all years: one amount an object, every amount with `-v`.
    """
    rows = []
    for each in verdict.objects:
        fields = dict.fromkeys(total.field for total in each.totals)
        best = (f for word in HEADLINES for f in fields if word in f)
        headline = next(best, next(iter(fields), None))
        shown = [f for f in fields if output.verbosity > 0 or f == headline]
        rows += [row for field in shown for row in _sums(each, field)]
    if rows:
        output.table(("Total", "Currency", "Source", "Target"), rows)


def _sums(verdict: ObjectVerdict, field: ApiName) -> list[tuple[str, str, str, str]]:
    found = [total for total in verdict.totals if total.field == field]
    rows = []
    for currency in sorted({total.currency for total in found}):
        mine = [total for total in found if total.currency == currency]
        source = sum((total.source for total in mine), Decimal(0))
        target = sum((total.target for total in mine), Decimal(0))
        place = f"{verdict.source}.{field}"
        rows.append((place, currency, f"{source:,}", f"{target:,}"))
    return rows
