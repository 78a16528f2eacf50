"""
Points about null: empty cells, `#N/A`, defaults.
"""

from __future__ import annotations

from migrator.model.probe import Point

NULLS = (
    Point(
        id="empty-cell-text",
        family="nulls",
        question="What does an empty cell give a text field with a default on insert?",
        relied_on_by="rules/target/objects: targets have no defaults",
        expected="the default",
    ),
    Point(
        id="na-cell-text",
        family="nulls",
        question="What does #N/A give a text field with a default on insert?",
        relied_on_by="rules/copy/convert: null is #N/A",
        expected="null",
    ),
    Point(
        id="empty-cell-number",
        family="nulls",
        question=(
            "What does an empty cell give a number field with a default on insert?"
        ),
        relied_on_by="rules/target/objects: targets have no defaults",
        expected="the default",
    ),
    Point(
        id="na-cell-number",
        family="nulls",
        question="What does #N/A give a number field with a default on insert?",
        relied_on_by="rules/copy/convert: null is #N/A",
        expected="null",
    ),
    Point(
        id="empty-cell-date",
        family="nulls",
        question="What does an empty cell give a date field with a default on insert?",
        relied_on_by="rules/target/objects: targets have no defaults",
        expected="the default",
    ),
    Point(
        id="na-cell-date",
        family="nulls",
        question="What does #N/A give a date field with a default on insert?",
        relied_on_by="rules/copy/convert: null is #N/A",
        expected="null",
    ),
    Point(
        id="empty-cell-choice",
        family="nulls",
        question=(
            "What does an empty cell give a picklist field with a default on insert?"
        ),
        relied_on_by="rules/target/objects: targets have no defaults",
        expected="the default",
    ),
    Point(
        id="na-cell-choice",
        family="nulls",
        question="What does #N/A give a picklist field with a default on insert?",
        relied_on_by="rules/copy/convert: null is #N/A",
        expected="null",
    ),
    Point(
        id="empty-cell-checkbox",
        family="nulls",
        question=(
            "What does an empty cell give a checkbox field with a default on insert?"
        ),
        relied_on_by="rules/target/objects: targets have no defaults",
        expected="the default",
    ),
    Point(
        id="na-cell-checkbox",
        family="nulls",
        question="What does #N/A give a checkbox field with a default on insert?",
        relied_on_by="rules/copy/convert: null is #N/A",
        expected="false",
    ),
    Point(
        id="empty-cell-on-update",
        family="nulls",
        question="What does an empty cell do on update?",
        relied_on_by="rules/copy/convert: null is #N/A",
        expected="left alone",
    ),
    Point(
        id="na-cell-on-update",
        family="nulls",
        question="What does #N/A do on update?",
        relied_on_by="rules/copy/convert: null is #N/A",
        expected="null",
    ),
    Point(
        id="relationship-empty",
        family="nulls",
        question="What does an empty cell in a column Parent__r.Origin_Id__c give?",
        relied_on_by="rules/copy/convert: no parent is an empty cell",
        expected="no parent",
    ),
    Point(
        id="relationship-na",
        family="nulls",
        question="What does #N/A in a column Parent__r.Origin_Id__c do?",
        relied_on_by="rules/copy/convert: no parent is an empty cell",
        expected="refused: INVALID_FIELD",
    ),
    Point(
        id="reference-na",
        family="nulls",
        question="What does #N/A in a column of ids give?",
        relied_on_by="rules/copy/convert: null is #N/A",
        expected="no parent",
    ),
    Point(
        id="na-by-rest",
        family="nulls",
        question="Does the literal text #N/A arrive over REST?",
        relied_on_by="rules/copy/convert: rest_rows",
        expected="kept",
    ),
    Point(
        id="name-empty",
        family="nulls",
        question="What is the name of a record without one?",
        relied_on_by="rules/reconcile: a blank name is the record id",
        expected="the record id",
    ),
)
