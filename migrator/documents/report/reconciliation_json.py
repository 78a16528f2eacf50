"""
The reconciliation as JSON, for pipelines and for comparing two runs.
"""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

from migrator.model.finding import Finding
from migrator.model.names import ApiName
from migrator.model.verdict import Difference, ObjectVerdict, Total, Verdict


def verdict_json(verdict: Verdict) -> str:
    """
    Return the text of `report/reconciliation.json`: no record values, amounts as text.

    `totals` is `{field: {currency: {year: {"source": ..., "target": ...}}}}`; the
    currency is empty in an org with a single one, the year where a record has no date.
    Where the two differ, `agreed` is the part that agreed losses and value rules
    account for, and `unexplained` what named records and cells do not account for.
    """
    content = {
        "objects": [_object(each) for each in verdict.objects],
        "differences": verdict.differences,
        "result": verdict.result.value,
        "org": {"id": verdict.org_id, "name": verdict.org_name},
        "migration": verdict.migration_id,
        "made_at": verdict.made_at.isoformat(timespec="seconds"),
        "made_by": verdict.made_by,
        "mapping_digest": verdict.mapping_digest,
        "unreviewed": verdict.unreviewed,
        "approvers": [
            {"by": each.by, "entries": each.entries, "last_on": each.last_on}
            for each in verdict.approvers
        ],
        "named_differences": [_difference(each) for each in verdict.examples],
        "findings": [_finding(each) for each in verdict.findings],
        "repaired": [
            {
                "target": each.target,
                "inserted": each.inserted,
                "updated": each.updated,
            }
            for each in verdict.repairs
        ],
    }
    return json.dumps(content, indent=2, ensure_ascii=False) + "\n"


def spelled(amounts: tuple[Decimal, ...]) -> tuple[str, ...]:
    """
    Decimals as text, all with as many places as the longest needs; no digit is lost.
    """
    plain = [format(amount, "f") for amount in amounts]
    fractions = [text.partition(".")[2].rstrip("0") for text in plain]
    places = max(map(len, fractions), default=0)
    return tuple(_with_places(text, places) for text in plain)


def _with_places(text: str, places: int) -> str:
    whole, _, fraction = text.partition(".")
    return f"{whole}.{fraction[:places].ljust(places, '0')}" if places else whole


def _object(verdict: ObjectVerdict) -> dict[str, Any]:
    return {
        "source": verdict.source,
        "target": verdict.target,
        "source_records": verdict.source_records,
        "target_records": verdict.target_records,
        "excluded": [
            {
                "reason": each.reason,
                "records": each.records,
                "approved_by": each.by,
                "note": each.note,
            }
            for each in verdict.excluded
        ],
        "cells_compared": verdict.cells_compared,
        "differences": verdict.differences,
        "normalised": verdict.normalised,
        "snapshot_cells": verdict.snapshot_cells,
        "changed_by_rule": [
            {
                "field": each.field,
                "rule": each.rule,
                "records": each.records,
                "kept_in": each.kept_in,
                "approved_by": each.by,
                "note": each.note,
            }
            for each in verdict.changed
        ],
        "losses": [
            {"field": each.field, "agreed": each.agreed, "cells": each.cells}
            for each in verdict.losses
        ],
        "not_compared": [
            {"field": each.field, "cells": each.cells, "why": each.why}
            for each in verdict.not_compared
        ],
        "by_field": dict(verdict.by_field),
        "digests_sha256": verdict.digest,
        "totals": _totals(verdict.totals),
    }


def _totals(
    totals: tuple[Total, ...],
) -> dict[ApiName, dict[str, dict[str, dict[str, str]]]]:
    nested: dict[ApiName, dict[str, dict[str, dict[str, str]]]] = {}
    for each in totals:
        source, target = spelled((each.source, each.target))
        years = nested.setdefault(each.field, {}).setdefault(each.currency, {})
        parts = {"agreed": each.agreed, "unexplained": each.unexplained}
        years[str(each.year or "")] = {"source": source, "target": target} | {
            name: format(amount, "f") for name, amount in parts.items() if amount
        }
    return nested


def _difference(each: Difference) -> dict[str, Any]:
    return {
        "object": each.object,
        "record": each.origin_id,
        "field": each.source_field,
        "target_field": each.target_field,
        "damage": each.damage.value,
    }


def _finding(each: Finding) -> dict[str, Any]:
    return {
        "level": each.level.value,
        "code": each.code,
        "message": each.message,
        "object": each.object,
        "field": each.field,
        "remedy": each.remedy,
    }
