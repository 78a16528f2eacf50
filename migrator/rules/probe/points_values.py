"""
Points about values: what is stored of what was sent.
"""

from __future__ import annotations

from migrator.model.probe import Point

VALUES = (
    Point(
        id="text-line-feed",
        family="values",
        question="Does a line feed inside a quoted cell of a load file arrive?",
        relied_on_by="rules/copy/convert: texts travel with LF, quoted",
        expected="kept",
    ),
    Point(
        id="text-crlf-in-file",
        family="values",
        question=(
            "What becomes of CR LF inside a quoted cell of a job with line ending LF?"
        ),
        relied_on_by="rules/copy/convert: CR LF becomes LF before it is sent",
        expected="the job fails",
    ),
    Point(
        id="text-crlf-by-rest",
        family="values",
        question="What becomes of CR LF in a text written over REST?",
        relied_on_by="rules/reconcile/equivalence: line breaks are compared as LF",
        expected="becomes LF",
    ),
    Point(
        id="text-cr-by-rest",
        family="values",
        question="What becomes of a lone CR in a text written over REST?",
        relied_on_by="rules/reconcile/equivalence: line breaks are compared as LF",
        expected="becomes LF",
    ),
    Point(
        id="text-trim",
        family="values",
        question=(
            "Which characters around a text are dropped (tried: space, tab, LF,"
            " CR, VT, FF, U+00A0, U+3000)?"
        ),
        relied_on_by=(
            "rules/copy/convert: BLANKS, trimmed before sending and before comparing"
        ),
        expected="space, tab, LF, CR, VT, FF",
    ),
    Point(
        id="text-trim-long",
        family="values",
        question="The same for long text?",
        relied_on_by="rules/copy/convert: one list of blanks for all texts",
        expected="space, tab, LF, CR, VT, FF",
    ),
    Point(
        id="text-trim-in-file",
        family="values",
        question=(
            "Are blanks around a quoted cell of a load file dropped, a no-break"
            " space kept?"
        ),
        relied_on_by="rules/copy/convert: BLANKS",
        expected="blanks dropped, no-break space kept",
    ),
    Point(
        id="text-only-blanks",
        family="values",
        question="What becomes of a text of blanks only?",
        relied_on_by="rules/copy/convert: blank is null",
        expected="null",
    ),
    Point(
        id="text-too-long",
        family="values",
        question="What becomes of a text longer than its field?",
        relied_on_by=(
            "rules/copy/convert: a text that does not fit is a finding, the org "
            "never cuts"
        ),
        expected="refused: STRING_TOO_LONG",
    ),
    Point(
        id="html-plain",
        family="values",
        question="Is plain, well-formed HTML stored as it was sent?",
        relied_on_by="rules/reconcile: rich text is compared as text",
        expected="kept",
    ),
    Point(
        id="csv-bom",
        family="values",
        question="What does a byte order mark at the start of a load file do?",
        relied_on_by="rules/copy/convert: load files have none",
        expected="the job fails",
    ),
    Point(
        id="number-18-digits",
        family="values",
        question="Do 18 digits arrive, read over REST and by a Bulk query?",
        relied_on_by="rules/copy/convert: numbers are digits, never floats",
        expected="all digits both ways",
    ),
    Point(
        id="number-extra-decimals",
        family="values",
        question="What becomes of decimals beyond the scale?",
        relied_on_by="rules/copy/convert: digits the target has no place for",
        expected="cut",
    ),
    Point(
        id="number-exponent",
        family="values",
        question="Is 1.5E3 taken as a number?",
        relied_on_by="rules/reconcile/equivalence: numbers are compared by value",
        expected="taken as 1500",
    ),
    Point(
        id="number-too-large",
        family="values",
        question="What becomes of more whole digits than the field has?",
        relied_on_by="rules/copy/convert: digits before the point are never cut",
        expected="refused: NUMBER_OUTSIDE_VALID_RANGE",
    ),
    Point(
        id="number-malformed",
        family="values",
        question="What becomes of letters in a number's cell?",
        relied_on_by="rules/copy/convert: malformed numbers are a finding",
        expected="refused: INVALID_FIELD",
    ),
    Point(
        id="number-echo",
        family="values",
        question="How does a job's result echo 912260031?",
        relied_on_by=(
            "org/ingest: results are joined on the origin id, not on echoed values"
        ),
        expected="9.12260031E8",
    ),
    Point(
        id="number-in-bulk-query",
        family="values",
        question="How does a Bulk query write 912260031?",
        relied_on_by="rules/reconcile: numbers are parsed as decimals",
        expected="9.12260031E8",
    ),
    Point(
        id="picklist-outside-restricted",
        family="values",
        question="Is a value outside a restricted list taken?",
        relied_on_by="rules/plan/proposal: picklists are made unrestricted",
        expected="refused: INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
    ),
    Point(
        id="picklist-outside-open",
        family="values",
        question="Is a value outside an unrestricted list taken as it is?",
        relied_on_by="rules/plan/proposal: picklists are made unrestricted",
        expected="taken as sent",
    ),
    Point(
        id="picklist-case",
        family="values",
        question="Is OPEN stored as sent where the list has Open?",
        relied_on_by=(
            "rules/plan/proposal: the list holds every spelling found, by one of them"
        ),
        expected="spelled as defined",
    ),
    Point(
        id="multi-select-order",
        family="values",
        question="In which order are the values of a multi-select stored?",
        relied_on_by="rules/reconcile/equivalence: multi-selects have one order",
        expected="order of the definition",
    ),
    Point(
        id="email-malformed",
        family="values",
        question="Is an address without an @ taken by an email field?",
        relied_on_by=(
            "rules/plan/field_types: addresses become text unless all are well-formed"
        ),
        expected="refused: INVALID_EMAIL_ADDRESS",
    ),
    Point(
        id="encrypted-masked",
        family="values",
        question="Does a user without View Encrypted Data read a mask?",
        relied_on_by="steps/guards: masks are not read as values",
        expected="masked",
        needs="Classic Encryption, and a user without View Encrypted Data",
    ),
    Point(
        id="currency-missing",
        family="values",
        question="Which currency does a record without one get?",
        relied_on_by="rules/copy/convert: CurrencyIsoCode is always sent",
        expected="the user's",
        needs="several currencies",
    ),
    Point(
        id="currency-inactive",
        family="values",
        question="Is a currency taken that the org has not switched on?",
        relied_on_by="rules/copy/convert: CurrencyIsoCode is carried as it is",
        expected="refused: INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
        needs="several currencies",
    ),
    Point(
        id="datetime-fraction",
        family="values",
        question="What becomes of 789 milliseconds?",
        relied_on_by="rules/reconcile: datetimes are compared to the second",
        expected="whole seconds",
    ),
    Point(
        id="unique-case-sensitive",
        family="values",
        question=(
            "Are keys that differ only in case two keys where the field is "
            "case-sensitive?"
        ),
        relied_on_by="rules/target/objects: Origin_Id__c is unique and case-sensitive",
        expected="two keys",
    ),
    Point(
        id="unique-folded",
        family="values",
        question="And one key where it is not?",
        relied_on_by="rules/plan/proposal: uniqueness is checked on the data",
        expected="refused: DUPLICATE_VALUE",
    ),
    Point(
        id="row-error-form",
        family="values",
        question="Has a row's error the form CODE:message:fields --?",
        relied_on_by="org/ingest: parse_row_error",
        expected="CODE:message:fields --",
    ),
    Point(
        id="processed-counts-failed",
        family="values",
        question="Does a job's number of processed records include the failed ones?",
        relied_on_by="steps/copy/jobs: accepted = processed - failed",
        expected="included",
    ),
)
