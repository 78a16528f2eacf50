"""
Points about metadata: what is refused, shown and made.
"""

from __future__ import annotations

from migrator.model.probe import Point

SCHEMA = (
    Point(
        id="new-field-sight",
        family="schema",
        question="Does anybody see a deployed field before a permission set grants it?",
        relied_on_by="steps/copy/guards: the Loader permission set is assigned first",
        expected="hidden",
    ),
    Point(
        id="formula-text",
        family="schema",
        question="Does describe show the text of an own formula?",
        relied_on_by="rules/plan/field_types: calculatedFormula",
        expected="shown",
    ),
    Point(
        id="long-text-length",
        family="schema",
        question="Which length does describe give a long text of 2,000?",
        relied_on_by="rules/plan/field_types: lengths come from describe",
        expected="2000",
    ),
    Point(
        id="layout-default",
        family="schema",
        question=(
            "Does a layout named after the object's label replace the one the "
            "platform made?"
        ),
        relied_on_by="rules/target/objects: the layout is called <Label> Layout",
        expected="replaced",
    ),
    Point(
        id="relationship-name-after-delete",
        family="schema",
        question=(
            "Is a child relationship's name free once its field was deleted "
            "without purge?"
        ),
        relied_on_by="rules/target/names: relationship names come from both ends",
        expected="taken",
    ),
    Point(
        id="master-detail-same-package",
        family="schema",
        question="Does a master-detail deploy together with its master?",
        relied_on_by="rules/target/objects: one bundle for all objects",
        expected="deployed",
    ),
    Point(
        id="layout-name-encoded",
        family="schema",
        question=(
            "Is a layout found whose name is percent-encoded in file and manifest?"
        ),
        relied_on_by="documents/metadata/files: layout_member",
        expected="decoded",
    ),
    Point(
        id="description-over-1000",
        family="schema",
        question="Is a description of 1,001 characters taken?",
        relied_on_by="rules/target/words: MAX_DESCRIPTION",
        expected="refused",
    ),
    Point(
        id="help-over-510",
        family="schema",
        question="Is a help text of 511 characters taken?",
        relied_on_by="model/limits: MAX_HELP",
        expected="refused",
    ),
    Point(
        id="label-over-40",
        family="schema",
        question="Is a label of 41 characters taken?",
        relied_on_by="model/limits: MAX_LABEL",
        expected="refused",
    ),
    Point(
        id="api-name-over-40",
        family="schema",
        question="Is an API name of 41 characters taken?",
        relied_on_by="model/limits: MAX_API_NAME",
        expected="refused",
    ),
    Point(
        id="relationship-name-over-40",
        family="schema",
        question="Is a child relationship name of 41 characters taken?",
        relied_on_by="model/limits: MAX_RELATIONSHIP_NAME",
        expected="refused",
    ),
    Point(
        id="text-over-255",
        family="schema",
        question="Is a text field of 256 characters taken?",
        relied_on_by="model/limits: MAX_TEXT",
        expected="refused",
    ),
    Point(
        id="long-text-under-256",
        family="schema",
        question="Is a long text of 255 characters taken?",
        relied_on_by="model/limits: MIN_LONG_TEXT",
        expected="refused",
    ),
    Point(
        id="long-text-over-131072",
        family="schema",
        question="Is a long text of 131,073 characters taken?",
        relied_on_by="model/limits: MAX_LONG_TEXT",
        expected="refused",
    ),
    Point(
        id="long-text-sum",
        family="schema",
        question="Are long texts of 1,703,936 characters taken by one object?",
        relied_on_by="model/limits: MAX_LONG_TEXT_SUM",
        expected="refused",
    ),
    Point(
        id="html-lines-under-10",
        family="schema",
        question="Is rich text of 9 visible lines taken?",
        relied_on_by="rules/plan/field_types: visible lines",
        expected="refused",
    ),
    Point(
        id="multi-select-lines-over-10",
        family="schema",
        question="Is a multi-select of 11 visible lines taken?",
        relied_on_by="rules/plan/field_types: visible lines",
        expected="refused",
    ),
    Point(
        id="multi-select-over-500",
        family="schema",
        question="Is a multi-select of 501 values taken?",
        relied_on_by="model/limits: MAX_MULTISELECT_VALUES",
        expected="refused",
    ),
    Point(
        id="picklist-over-1000",
        family="schema",
        question="Is a picklist of 1,001 values taken?",
        relied_on_by="model/limits: MAX_PICKLIST_VALUES",
        expected="refused",
    ),
    Point(
        id="picklist-value-over-255",
        family="schema",
        question="Is a picklist value of 256 characters taken?",
        relied_on_by="model/limits: MAX_PICKLIST_VALUE",
        expected="refused",
    ),
    Point(
        id="picklist-characters-over-15000",
        family="schema",
        question="Are picklist values of 15,300 characters together taken?",
        relied_on_by="model/limits: MAX_PICKLIST_CHARACTERS",
        expected="refused",
    ),
    Point(
        id="relationships-over-40",
        family="schema",
        question="Are 41 lookups taken by one object?",
        relied_on_by="model/limits: MAX_RELATIONSHIPS",
        expected="refused",
    ),
    Point(
        id="indexed-over-25",
        family="schema",
        question="Are 26 unique fields and external ids taken by one object?",
        relied_on_by="model/limits: MAX_INDEXED",
        expected="refused",
    ),
    Point(
        id="precision-over-18",
        family="schema",
        question="Is a number of 19 digits taken?",
        relied_on_by="model/limits: MAX_PRECISION",
        expected="refused",
    ),
    Point(
        id="long-text-required",
        family="schema",
        question="Is a required long text taken?",
        relied_on_by="rules/target/objects: only the parent link is required",
        expected="refused",
    ),
    Point(
        id="lookup-required-set-null",
        family="schema",
        question="Is a required lookup that clears on delete taken?",
        relied_on_by="rules/target/objects: a required lookup is Restrict",
        expected="refused",
    ),
    Point(
        id="lookup-restrict-user",
        family="schema",
        question="Is a Restrict lookup to User taken?",
        relied_on_by="rules/target/objects: lookups to users are optional",
        expected="refused",
    ),
    Point(
        id="case-sensitive-without-unique",
        family="schema",
        question="Is caseSensitive taken on a field that is not unique?",
        relied_on_by=(
            "templates/metadata/fields/Text: caseSensitive stands with unique only"
        ),
        expected="refused",
    ),
    Point(
        id="permission-for-required",
        family="schema",
        question="Is a permission set taken that names a required field?",
        relied_on_by="model/target: needs_permission",
        expected="refused",
    ),
    Point(
        id="storage-per-record",
        family="schema",
        question="How much data storage does one record take?",
        relied_on_by="steps/reconcile/org_sums: 2 KB a record",
        expected="2 KB",
        needs="ten thousand records and a day, because storage is counted late",
    ),
)
