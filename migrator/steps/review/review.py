"""
`review`: the mapping as a page to read and a sheet to edit.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from migrator.documents.mapping.schema import mapping_digest
from migrator.documents.review.page import render_review
from migrator.documents.review.sheet_csv import render_review_csv
from migrator.documents.review.sheet_xlsx import render_workbook
from migrator.errors import RunDirectoryError
from migrator.model.names import ApiName
from migrator.model.records import Observed
from migrator.model.review import Review
from migrator.rules.review.review import Seen
from migrator.rules.review.review import review as gathered
from migrator.rundir.snapshots import Extract
from migrator.rundir.snapshots.profile import masked, profile, samples
from migrator.steps.plan import chosen_extract
from migrator.steps.review.check import check_file
from migrator.steps.row_rules import changed_by_rules, foreseen
from migrator.steps.workspace import Workspace


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewOptions:
    """
    What the operator asked for.
    """

    org_id: str | None = None
    """Whose extract is profiled, when several orgs have one."""
    with_samples: bool = False
    csv: bool = False
    """True to write the sheet as CSV as well."""
    unmasked: bool = False
    """True when samples show what the records hold."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewOutcome:
    """
    What was written.
    """

    review: Review
    files: tuple[Path, ...]


def write_review(workspace: Workspace, *, options: ReviewOptions) -> ReviewOutcome:
    """
    `review/mapping.html` and `review/mapping.xlsx` of the mapping in *workspace*.

    With samples the page is another file, `mapping.sample.html`, which git ignores and
    others cannot read, and no sheet is made.
    """
    run, shown = workspace.run, current_review(workspace, options)
    page = render_review(
        shown, workspace.environment, with_samples=options.with_samples
    )
    if options.with_samples:
        file = run.review / "mapping.sample.html"
        run.write_private(file, page.encode("utf-8"))
        return ReviewOutcome(review=shown, files=(file,))
    names = ("mapping.html", "mapping.xlsx", "mapping.csv")
    html, xlsx, csv = (run.review / name for name in names)
    run.write_text(html, page)
    run.write_bytes(xlsx, render_workbook(shown))
    if not options.csv:
        return ReviewOutcome(review=shown, files=(html, xlsx))
    run.write_text(csv, render_review_csv(shown))
    return ReviewOutcome(review=shown, files=(html, xlsx, csv))


def current_review(workspace: Workspace, options: ReviewOptions) -> Review:
    """
    Return the mapping of *workspace* with everything that is known about it.
    """
    mapping = check_file(workspace).mapping
    return gathered(
        mapping,
        workspace.grounds,
        workspace.standings,
        seen=_seen(workspace, options),
        migration_id=workspace.migration.id,
        digest=mapping_digest(mapping),
    )


def _seen(workspace: Workspace, options: ReviewOptions) -> Seen:
    run, mapping = workspace.run, workspace.mapping
    names = tuple(each.source for each in mapping.objects)
    extract = chosen_extract(run, names, options.org_id)
    if extract is None:
        if options.with_samples:
            raise RunDirectoryError(
                "there is no extract to take samples from",
                hint=f"migrator -C {run.root} extract --org ORG",
            )
        return Seen()
    there = [name for name in names if extract.is_complete(name)]
    columns: dict[tuple[ApiName, str], Observed] = {}
    cells: dict[tuple[ApiName, str], tuple[str, ...]] = {}
    for name in there:
        seen = profile(extract, name, workspace.describes.get(name))
        columns.update({(name, column): seen[column] for column in seen})
        if options.with_samples:
            cells.update(_samples(extract, name, unmasked=options.unmasked))
    records = {name: extract.rows(name) for name in there}
    return Seen(
        columns=columns,
        samples=cells,
        records=records,
        excluded=foreseen(extract, mapping),
        changed=changed_by_rules(extract, mapping),
    )


def _samples(
    extract: Extract, name: ApiName, *, unmasked: bool
) -> dict[tuple[ApiName, str], tuple[str, ...]]:
    return {
        (name, column): cells if unmasked else tuple(map(masked, cells))
        for column, cells in samples(extract, name).items()
    }
