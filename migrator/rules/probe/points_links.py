"""
Points about parents: deletes, new parents, locks.
"""

from __future__ import annotations

from migrator.model.probe import Point

LINKS = (
    Point(
        id="restrict-refuses-delete",
        family="links",
        question="Is a parent with a Restrict lookup pointing at it deleted?",
        relied_on_by="rules/target/objects: restrict-lookup an invoice keeps its lines",
        expected="refused: DELETE_FAILED",
    ),
    Point(
        id="master-detail-cascades",
        family="links",
        question="Do details go with their master?",
        relied_on_by="rules/target/objects: master-detail is the reviewer's choice",
        expected="details go too",
    ),
    Point(
        id="set-null-clears",
        family="links",
        question="Is an optional lookup emptied when its parent goes?",
        relied_on_by="rules/target/objects: lookups to other people's records",
        expected="emptied",
    ),
    Point(
        id="detail-new-parent",
        family="links",
        question="Is the parent column of a detail taken in an update?",
        relied_on_by="rules/copy/convert: updates leave a detail's parent out",
        expected="refused: INVALID_FIELD_FOR_INSERT_UPDATE",
    ),
    Point(
        id="lock-restrict-lookup",
        family="links",
        question=(
            "Does inserting a child with a Restrict lookup wait for the parent's lock?"
        ),
        relied_on_by="rules/copy/convert: parts are cut where the parent changes",
        expected="waits",
        needs="anonymous Apex, which holds the parent",
    ),
    Point(
        id="lock-master-detail",
        family="links",
        question="Does inserting a detail wait for its master's lock?",
        relied_on_by="rules/copy/convert: parts are cut where the parent changes",
        expected="waits",
        needs="anonymous Apex, which holds the parent",
    ),
    Point(
        id="lock-set-null-lookup",
        family="links",
        question="Does inserting a child with an optional lookup wait?",
        relied_on_by="rules/copy/convert: only the parent link decides the order",
        expected="does not wait",
        needs="anonymous Apex, which holds the parent",
    ),
)
