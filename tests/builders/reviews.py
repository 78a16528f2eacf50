"""
Reviews for the tests of what is made from them.
"""

from __future__ import annotations

from migrator.documents.mapping.schema import mapping_digest
from migrator.model.describe import FieldDescribe, ObjectDescribe
from migrator.model.kinds.table import Kind
from migrator.model.mapping import Mapping
from migrator.model.migration import Migration
from migrator.model.names import ApiName
from migrator.model.review import Review
from migrator.rules.plan.proposal import plan
from migrator.rules.review.approval import Grounds, standings
from migrator.rules.review.review import Seen, review
from tests.builders.describes import (
    SAMPLES,
    a_described,
    a_described_object,
    read_describes,
)

INVOICE = ApiName("ONB2__Invoice__c")
MIGRATION = Migration(id="0123456789")


def grounds(describes: dict[ApiName, ObjectDescribe]) -> Grounds:
    """Templates that never change."""
    return Grounds(describes=describes, templates=dict.fromkeys(Kind, "shipped"))


def a_review(
    mapping: Mapping,
    describes: dict[ApiName, ObjectDescribe],
    seen: Seen | None = None,
) -> Review:
    """What is shown of *mapping*."""
    stood_on = grounds(describes)
    return review(
        mapping,
        stood_on,
        standings(mapping, stood_on),
        seen=seen or Seen(),
        migration_id=MIGRATION.id,
        digest=mapping_digest(mapping),
    )


def the_sample() -> Review:
    """The proposal for the shipped describes."""
    describes = read_describes(SAMPLES)
    return a_review(plan(describes, MIGRATION), describes)


def of_fields(*fields: FieldDescribe, seen: Seen | None = None) -> Review:
    """One object with *fields*."""
    describes = {INVOICE: a_described_object(INVOICE, *fields)}
    migration = Migration(id=MIGRATION.id, objects=(INVOICE,))
    return a_review(plan(describes, migration), describes, seen)


def a_wide_review(count: int) -> Review:
    """One object with *count* text fields."""
    fields = (a_described(f"ONB2__Note{n}__c", length=40) for n in range(count))
    return of_fields(*fields)
