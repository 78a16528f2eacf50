"""
What `plan` and `review` say about the records behind a decision, and about approvals.
"""

from __future__ import annotations

from migrator.model.finding import Code, Level

# -- What the extract shows -----------------------------------------------------------

ALWAYS_EMPTY = Code(
    word="always-empty",
    level=Level.INFO,
    sentence="Empty in all {records:,} records.",
    remedy="a candidate for skip",
    means="A field that nobody ever filled.",
)
ALWAYS_THE_SAME = Code(
    word="always-the-same",
    level=Level.INFO,
    sentence="The same value in all {records:,} records.",
    remedy="a candidate for skip, if nobody needs it",
    means="A field that tells no record from another.",
)
NO_EMAIL = Code(
    word="no-email",
    level=Level.WARNING,
    setting="type",
    sentence="{cells:,} cells are no e-mail addresses, which the field type may "
    "refuse.",
    remedy="use Text(80)",
    means="The org checks the addresses of a field of the type Email.",
)
NOT_AVAILABLE = Code(
    word="not-available",
    level=Level.INFO,
    sentence="{cells:,} cells hold the text #N/A, which means empty in load files; "
    "these records are sent another way.",
    means="Such a text is kept like any other.",
)
VALUE_RULE = Code(
    word="value-rule",
    level=Level.INFO,
    setting="rule",
    sentence="{rule}{count}{kept}.",
    means="What a `rule:` does to the values, and to how many records.",
)

# -- Approvals ------------------------------------------------------------------------

UNREVIEWED = Code(
    word="unreviewed",
    level=Level.WARNING,
    sentence="{entries}",
    remedy="migrator review approve --by NAME; for a rehearsal: --allow-unreviewed",
    means="`--allow-unreviewed` let a rehearsal go on; every report says so.",
)
ROWS_NOT_APPROVED = Code(
    word="rows-not-approved",
    level=Level.WARNING,
    setting="rows",
    sentence="{rule}, {reason}: leaves nothing out until it is approved",
    remedy="migrator review approve, or take the rule out",
    means="A rule for records acts only once somebody has approved it. In a "
    "reconciliation it is told as info.",
)
