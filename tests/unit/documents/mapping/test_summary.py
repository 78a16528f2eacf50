"""
A mapping in figures, counted from what every other verb reads.
"""

from __future__ import annotations

import pytest

from migrator.documents.mapping.summary import MappingSummary, summarize_mapping
from migrator.errors import MappingError

TEXT = """\
version: 1
namespace: ONB2
objects:
  - source: ONB2__Invoice__c
    rows:
      - status: proposed
    findings:
      - level: blocker
        message: "level: blocker"
    fields:
      - source: Id
        status: approved  # seen with the auditor
        digest: 0123456789abcdef-01234567
      - source: ONB2__A__c
        digest: "0123456789abcdef-01234567"
        status: "approved"
      - {source: ONB2__B__c, status: approved, digest: 0123456789abcdef-01234567}
      - source: ONB2__C__c
        status: approved
      - source: ONB2__D__c
        status: changed
        why: |
          status: approved
        findings:
          - level: blocker
          - {level: warning}
"""


def test_decisions_are_counted_however_they_are_written() -> None:
    """With a remark behind, in quotes, in braces; text that looks like it is text."""
    summary = summarize_mapping(TEXT, file="mapping.yaml")
    assert summary == MappingSummary(entries=6, approved=3, blockers=2)


def test_an_approval_without_a_digest_is_none() -> None:
    """Somebody wrote it by hand, and `review check` would not take it."""
    assert summarize_mapping(TEXT.replace("digest", "note"), file="x").approved == 0


@pytest.mark.parametrize("text", ["", "objects: 7", "- a", "objects: [{fields: {}}]"])
def test_another_shape_is_not_counted(text: str) -> None:
    """What it should be, the other verbs say."""
    assert summarize_mapping(text, file="x").entries == 0


def test_what_is_no_yaml_is_told_with_its_line() -> None:
    """As the other verbs say it."""
    with pytest.raises(MappingError, match=r"mapping\.yaml:3: no YAML"):
        summarize_mapping("objects:\n  - [a\n", file="mapping.yaml")
