"""
Approvals: what they cover, what voids them, and what they leave alone.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from migrator.model.codes.plan import CHANGED_FIELD
from migrator.model.field_type import FieldType
from migrator.model.finding import Level
from migrator.model.kinds.table import Kind
from migrator.model.mapping import (
    Mapping,
    OwnerChoice,
    RowRule,
    Status,
    TextRule,
)
from migrator.model.migration import Migration
from migrator.model.names import ApiName
from migrator.model.row_rule import Condition
from migrator.model.target import Sharing
from migrator.model.treatment import Treatment
from migrator.rules.plan.proposal import plan
from migrator.rules.review.approval import (
    Grounds,
    approvers,
    basis_of,
    in_force,
    standings,
    unapproved,
    unapproved_sentence,
)
from tests.builders.describes import a_described, a_described_object

INVOICE = ApiName("ONB2__Invoice__c")
NOTE = a_described("ONB2__Note__c", length=40)
TOTAL = a_described("ONB2__Total__c", "currency", precision=18, scale=2)
DESCRIBES = {INVOICE: a_described_object(INVOICE, NOTE, TOTAL)}
GROUNDS = Grounds(describes=DESCRIBES, templates=dict.fromkeys(Kind, "as shipped"))


def _approved(grounds: Grounds = GROUNDS) -> Mapping:
    mapping = plan(
        dict(grounds.describes), Migration(id="abcd1234", objects=(INVOICE,))
    )
    (mapped,) = mapping.objects
    entries = {each.source: each for each in mapped.fields}
    signed = {
        each.name: replace(
            entries[ApiName(each.name)],
            status=Status.APPROVED,
            by="Eva",
            on="2026-11-22T10:00:00Z",
            basis=each.basis,
            digest=each.digest,
        )
        for each in standings(mapping, grounds)
    }
    return replace(mapping, objects=(replace(mapped, fields=tuple(signed.values())),))


def _acting(mapping: Mapping) -> Mapping:
    return in_force(mapping, standings(mapping, GROUNDS))


def _waiting(mapping: Mapping, grounds: Grounds = GROUNDS) -> dict[str, str]:
    found = unapproved(standings(mapping, grounds))
    return {each.name: each.reason for each in found}


def _entry_edited(mapping: Mapping, source: str, **changes: Any) -> Mapping:
    (mapped,) = mapping.objects
    fields = tuple(
        replace(each, **changes) if each.source == source else each
        for each in mapped.fields
    )
    return replace(mapping, objects=(replace(mapped, fields=fields),))


def _object_edited(mapping: Mapping, **changes: Any) -> Mapping:
    (mapped,) = mapping.objects
    return replace(mapping, objects=(replace(mapped, **changes),))


def test_what_was_approved_holds() -> None:
    """Untouched, every entry stands under the name it was approved by."""
    found = standings(_approved(), GROUNDS)
    assert found
    assert not unapproved(found)
    (eva,) = approvers(found)
    assert (eva.by, eva.entries) == ("Eva", len(found))
    assert unapproved_sentence(found) == ""


@pytest.mark.parametrize(
    "edit",
    [
        {"target": ApiName("Remark__c")},
        {"type": FieldType.parse("Text(41)")},
        {"why": "because"},
        {"label": "Remark"},
        {"help": "what was noted"},
        {"loses": "the end"},
        {"volatile": True},
        {"treatment": Treatment.FREEZE},
    ],
)
def test_an_edit_voids_its_entry_alone(edit: dict[str, Any]) -> None:
    """Whatever of an entry changes, the others keep their approval."""
    mapping = _entry_edited(_approved(), NOTE.name, **edit)
    assert _waiting(mapping) == {NOTE.name: "edited since"}


@pytest.mark.parametrize(
    "edit",
    [
        {"target": ApiName("Bill__c")},
        {"sharing": Sharing.READ_WRITE},
        {"owner": OwnerChoice.KEEP},
        {"label": "Bill"},
    ],
)
def test_the_entry_of_the_id_stands_for_the_object(edit: dict[str, Any]) -> None:
    """What is decided about the record itself is approved with its key."""
    assert _waiting(_object_edited(_approved(), **edit)) == {"Id": "edited since"}


def test_the_rule_for_texts_is_approved_with_the_records() -> None:
    """It changes values, so it cannot be changed behind an approval."""
    mapping = replace(_approved(), text=TextRule(trim=False))
    assert _waiting(mapping) == {"Id": "edited since"}


def test_remarks_void_nothing() -> None:
    """Findings come and go with the data; a note may be added to."""
    first = _approved()
    told = first.objects[0].fields[0].findings
    mapping = _entry_edited(first, NOTE.name, note="see ticket 12", findings=told)
    assert _waiting(mapping) == {}


def test_a_describe_that_says_otherwise_voids_what_it_touches() -> None:
    """And says what was and what is."""
    longer = a_described("ONB2__Note__c", length=80)
    now = replace(
        GROUNDS, describes={INVOICE: a_described_object(INVOICE, longer, TOTAL)}
    )
    assert _waiting(_approved(), now) == {
        NOTE.name: "the describe said string(40), now string(80)"
    }


def test_labels_and_permissions_of_the_describe_void_nothing() -> None:
    """Another user, another language: the same decision."""
    other = replace(NOTE, label="Notiz", help_text="Hilfe", createable=False)
    now = replace(
        GROUNDS, describes={INVOICE: a_described_object(INVOICE, other, TOTAL)}
    )
    assert _waiting(_approved(), now) == {}


def test_a_changed_template_voids_the_fields_it_prints() -> None:
    """Text fields alone, when the template of texts changed."""
    now = replace(GROUNDS, templates={**GROUNDS.templates, Kind.CURRENCY: "own"})
    assert _waiting(_approved(), now) == {TOTAL.name: "its template changed since"}


def test_a_status_written_by_hand_is_no_approval() -> None:
    """Who approved what has to be known."""
    mapping = _entry_edited(_approved(), NOTE.name, digest="", by="")
    assert "review approve" in _waiting(mapping)[NOTE.name]


def test_planning_again_marks_what_changed_under_an_approval() -> None:
    """The decision stays, its status becomes changed, a finding says what changed."""
    first = _approved()
    longer = a_described("ONB2__Note__c", length=80)
    now = {INVOICE: a_described_object(INVOICE, longer, TOTAL)}
    again = plan(now, Migration(id="abcd1234", objects=(INVOICE,)), previous=first)
    entry = again.objects[0].entry(NOTE.name)
    assert entry is not None
    assert (entry.status, str(entry.type)) == (Status.CHANGED, "Text(40)")
    (news,) = (each for each in entry.findings if each.code == CHANGED_FIELD.word)
    assert news.level is Level.WARNING
    assert "string(40)" in news.message
    assert "string(80)" in news.message
    total = again.objects[0].entry(TOTAL.name)
    assert total == first.objects[0].entry(TOTAL.name)


def test_the_sentence_names_the_entries() -> None:
    """The first few by name, the rest counted."""
    mapping = _entry_edited(_approved(), NOTE.name, label="Remark")
    mapping = _entry_edited(mapping, TOTAL.name, status=Status.PROPOSED)
    found = standings(mapping, GROUNDS)
    sentence = unapproved_sentence(found)
    assert sentence.startswith(f"2 of {len(found)} mapping entries are not approved")
    assert f"{INVOICE}.{NOTE.name} (edited since) and 1 more" in sentence


def test_the_basis_says_what_decisions_are_made_from() -> None:
    """One line, the sizes plain and long parts by digest."""
    assert basis_of(None) == "not described"
    assert basis_of(TOTAL) == "currency(18, 2)"
    formula = replace(TOTAL, calculated=True, calculated_formula="1+1")
    other = replace(formula, calculated_formula="1+2")
    assert basis_of(formula).startswith("currency(18, 2), formula ")
    assert basis_of(formula) != basis_of(other)
    hidden = replace(formula, calculated_formula=None)
    assert basis_of(hidden) == "currency(18, 2), calculated"


DRAFTS = RowRule(exclude=Condition(field=NOTE.name, is_=("Draft",)), why="never issued")


def _ruled(rule: RowRule) -> Mapping:
    mapping = _approved()
    return replace(mapping, objects=(replace(mapping.objects[0], rows=(rule,)),))


def test_a_rule_leaves_nothing_out_until_it_is_approved() -> None:
    """As it stands, on the field that was described; the entries do not care."""
    mapping = _ruled(DRAFTS)
    assert _waiting(mapping) == {"rows[1]": ""}
    assert _acting(mapping) == _approved()
    found = standings(mapping, GROUNDS)[0]
    signed = replace(
        DRAFTS, status=Status.APPROVED, by="Eva", basis=found.basis, digest=found.digest
    )
    assert _waiting(_ruled(signed)) == {}
    assert in_force(_ruled(signed), standings(_ruled(signed), GROUNDS)) == _ruled(
        signed
    )
    for changed, reason in (
        (replace(signed, why="otherwise"), "edited since"),
        (
            replace(signed, exclude=replace(DRAFTS.exclude, is_=("Open",))),
            "edited since",
        ),
        (replace(signed, digest=""), "without the digest of `review approve`"),
    ):
        assert _waiting(_ruled(changed)) == {"rows[1]": reason}
        assert (
            not in_force(_ruled(changed), standings(_ruled(changed), GROUNDS))
            .objects[0]
            .rows
        )
    longer = replace(NOTE, length=80)
    other = Grounds(
        describes={INVOICE: a_described_object(INVOICE, longer, TOTAL)},
        templates=GROUNDS.templates,
    )
    assert _waiting(_ruled(signed), other)["rows[1]"].endswith("now string(80)")
