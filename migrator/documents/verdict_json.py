"""
The reconciliation as JSON, for pipelines and for comparing two runs.
"""

from __future__ import annotations

from migrator.model.verdict import Verdict


def verdict_json(verdict: Verdict) -> str:
    """
    The text of `report/reconciliation.json`; amounts are decimal strings.
    """
    raise NotImplementedError
