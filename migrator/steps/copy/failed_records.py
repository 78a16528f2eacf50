"""
The records an org refused, as a file for the person who mends them.
"""

from __future__ import annotations

from migrator.documents.report.failures_csv import failures_csv
from migrator.rules.copy.convert import (
    Conversion,
    convert,
    load_columns,
    picked,
    rest_records,
)
from migrator.rundir.journal import Journal
from migrator.rundir.layout import RunDirectory
from migrator.rundir.snapshots import Extract


def write_refused(
    run: RunDirectory, journal: Journal, extract: Extract, conversion: Conversion
) -> None:
    """
    `report/private/failed-<object>.csv` with every refused record, or no such file.
    """
    mapped = conversion.mapped
    path = run.private_report / f"failed-{mapped.target}.csv"
    failures = journal.failures(mapped.target)
    if not failures:
        run.remove(path)
        return
    wanted = {row.origin_id for row in failures}
    sent: dict[str, dict[str, str | None]] = {}
    for frame in extract.frames(mapped.source):
        converted = convert(picked(frame, wanted), conversion, check=False)
        for made in (converted.frame, converted.rest_rows):
            sent |= {str(r["Origin_Id__c"]): r for r in rest_records(made)}
    columns = load_columns(conversion)
    run.write_private(path, failures_csv(failures, columns, sent))
