"""
The points that `probe` asks, and how an org's answers are judged and compared.
"""

from __future__ import annotations

from migrator.rules.probe.judging import POINTS, compare_reports, judged

__all__ = ["POINTS", "compare_reports", "judged"]
