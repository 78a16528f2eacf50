"""
The reconciliation as a page that a person reads, prints and keeps.
"""

from __future__ import annotations

from jinja2 import Environment

from migrator.model.verdict import Verdict


def render_verdict(verdict: Verdict, environment: Environment) -> str:
    """
    One self-contained HTML page: no script, no font, no picture from elsewhere.
    """
    raise NotImplementedError
