"""
sObject describes as Salesforce's JSON, read into the model.
"""

from __future__ import annotations

from migrator.model.describe import ObjectDescribe
from migrator.model.finding import Finding


def parse_describe(
    text: str, *, file: str
) -> tuple[ObjectDescribe, tuple[Finding, ...]]:
    """
    The describe in *text*, and what it left out; *file* names it in messages.
    """
    raise NotImplementedError
