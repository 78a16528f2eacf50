"""
`probe`: what only a real org knows, asked with a small object that is taken away again.
"""

from __future__ import annotations

from migrator.steps.probe.probe import ProbePlan, plan_probe, probe
from migrator.steps.probe.report import compare_files, write_report

__all__ = ["ProbePlan", "compare_files", "plan_probe", "probe", "write_report"]
