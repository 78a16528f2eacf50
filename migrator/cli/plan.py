"""
`migrator plan`.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import click

from migrator.cli.command import Context, verb
from migrator.cli.exit_codes import Exit
from migrator.model.codes import review as codes
from migrator.model.names import ApiName

if TYPE_CHECKING:
    from migrator.cli.output import Output
    from migrator.model.finding import Finding
    from migrator.model.mapping import Mapping
    from migrator.steps.plan import PlanOutcome

_OF_DATA = {
    codes.ALWAYS_EMPTY.word: "always empty (candidates for skip)",
    codes.ALWAYS_THE_SAME.word: "always the same (candidates for skip)",
    codes.NO_EMAIL.word: "with cells that are no e-mail addresses",
    codes.NOT_AVAILABLE.word: "with the text #N/A",
}
"""What findings about the records are counted as."""


@click.command()
@click.option(
    "--describes",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="A folder of describe JSON files (default: describes/ here).",
)
@click.option(
    "--object",
    "objects",
    multiple=True,
    metavar="NAME",
    help="Plan this object, besides those already in the mapping.",
)
@click.option(
    "--related",
    is_flag=True,
    help="Also plan all of the package that hangs on these objects.",
)
@click.option(
    "--org-id", metavar="ID", help="Whose extract decides types, if several have one."
)
@verb
def command(
    context: Context,
    *,
    describes: Path | None,
    objects: tuple[str, ...],
    related: bool,
    org_id: str | None,
) -> Exit:
    """
    Propose mapping.yaml from the describes, and from the extract when there is one.

    Needs no org. Decisions that were reviewed or edited stay as they are.
    """
    names = tuple(ApiName(name) for name in objects)
    return perform(
        context, describes=describes, objects=names, related=related, org_id=org_id
    )


def perform(
    context: Context,
    *,
    describes: Path | None = None,
    objects: tuple[ApiName, ...] = (),
    related: bool = False,
    org_id: str | None = None,
) -> Exit:
    """
    Return the verb without click, for the demo.
    """
    from migrator.model.finding import blockers
    from migrator.steps.plan import plan

    output = context.output()
    outcome = plan(
        context.workspace(),
        describes_dir=describes,
        objects=objects,
        related=related,
        org_id=org_id,
    )
    _show(output, outcome.mapping)
    output.findings(outcome.findings)
    _show_data(output, outcome.findings)
    _show_rows(output, outcome)
    output.line("  wrote mapping.yaml" if outcome.written else "  mapping.yaml stays")
    output.document(
        {
            "written": outcome.written,
            "findings": outcome.findings,
            "left_out": outcome.left_out,
        }
    )
    if blockers(outcome.findings):
        return Exit.DECIDE
    output.next(f"migrator -C {context.root} review")
    return Exit.DONE


def _show_data(output: Output, findings: tuple[Finding, ...]) -> None:
    """
    How many fields the records say something about; -v and the review name them.
    """
    counted = Counter(each.code for each in findings if each.code in _OF_DATA)
    told = [f"{counted[code]} {w}" for code, w in _OF_DATA.items() if counted[code]]
    if counted:
        output.line(
            f"  fields by their data: {', '.join(told)}; -v and the review name them"
        )


def _show_rows(output: Output, outcome: PlanOutcome) -> None:
    """
    Show what `rows:` leaves out, or would once it is approved.
    """
    for mapped in outcome.mapping.objects:
        counted = {e.reason: e for e in outcome.left_out.get(mapped.source, ())}
        for number, rule in enumerate(mapped.rows, start=1):
            found = counted.get(rule.reason)
            records = f"{found.records:,} records" if found else "records"
            output.line(
                f"  {mapped.source}.rows[{number}] ({rule.status.value}): leaves "
                f"{records} out once approved, {rule.reason}"
            )


def _show(output: Output, mapping: Mapping) -> None:
    """
    How many fields of each object are treated how.
    """
    from migrator.model.treatment import Treatment

    words = [treatment.value for treatment in Treatment]
    rows = []
    for each in mapping.objects:
        count = Counter(field.treatment.value for field in each.fields)
        figures = [str(count[word] or "-") for word in words]
        rows.append((f"{each.source} -> {each.target}", *figures))
    output.table(("Fields", *words), rows)
