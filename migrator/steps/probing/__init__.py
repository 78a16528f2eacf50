"""
`probe`: what only a real org knows, asked with a small object that is taken away again.
"""

from __future__ import annotations

from migrator.steps.probing.reporting import compare_files, write_report
from migrator.steps.probing.running import ProbePlan, plan_probe, probe

__all__ = ["ProbePlan", "compare_files", "plan_probe", "probe", "write_report"]
