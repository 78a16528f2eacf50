"""
What a reader of a reconciliation should know besides the differences.
"""

from __future__ import annotations

from migrator.model.finding import Code, Level

UNMAPPED_FIELD = Code(
    word="unmapped-field",
    level=Level.BLOCKER,
    sentence="the org shows this field, the mapping does not",
    remedy="describe, extract and plan again; then review and copy",
    means="It came after the describe, or its entry was lost; either way nobody would "
    "compare it.",
)
FIELD_NOT_SHOWN = Code(
    word="field-not-shown",
    level=Level.BLOCKER,
    sentence="the mapping carries this field, the org does not show it",
    remedy="check the field's security; if it is gone, describe and plan again",
    means="What cannot be read cannot be compared.",
)
ABANDONED_OBJECT = Code(
    word="abandoned-object",
    level=Level.BLOCKER,
    sentence="{target} was made by this migration and no object of the mapping fills "
    "it any more, so what it holds was not compared",
    remedy="put its source back into migration.yaml and mapping.yaml, or remove "
    "{target} from the org",
    means="The org remembers by our mark what the mapping has forgotten.",
)
CURRENCY_COMPARED = Code(
    word="currency-compared",
    level=Level.INFO,
    sentence="no entry carries the currency of the record; it was compared all the "
    "same",
    means="An amount is one only with its currency: 100 USD are not 100 EUR.",
)
NOTHING_COMPARED = Code(
    word="nothing-compared",
    level=Level.WARNING,
    sentence="neither side has records, so nothing was compared",
    means="No difference among no records proves nothing.",
)
FIELD_CLAIMS_MISSING = Code(
    word="field-claims-missing",
    level=Level.INFO,
    sentence="{count} fields of {target} do not say which field they come from, so "
    "that could not be held against the mapping",
    means="The description of every field we deploy names its source; somebody has "
    "changed it, or the org does not show it.",
)
ORG_SUMS_CONVERTED = Code(
    word="org-sums-converted",
    level=Level.WARNING,
    sentence="the org converts its own sums of {currencies} to the corporate currency, "
    "so they were compared between source and target but not with the records read",
    means="In an org with several currencies SOQL converts the sums of amounts.",
)
ORG_SUM_REFUSED = Code(
    word="org-sum-refused",
    level=Level.INFO,
    sentence="the org does not add this field up itself, so its sum comes only from "
    "the records read",
    means="Some formulas cannot be aggregated.",
)
SURPLUS_NOT_REPAIRED = Code(
    word="surplus-not-repaired",
    level=Level.BLOCKER,
    sentence="{count:,} records of {target} that the source does not have, are left "
    "alone",
    remedy="look at them in the org: what nobody sent is not ours to delete",
    means="`--repair` deletes nothing.",
)
DUPLICATE_NOT_REPAIRED = Code(
    word="duplicate-not-repaired",
    level=Level.BLOCKER,
    sentence="{count:,} records of {target} that are there twice, are left alone",
    remedy="look at them in the org and delete the ones that are wrong",
    means="`--repair` deletes nothing.",
)
MASTER_NOT_REPAIRED = Code(
    word="master-not-repaired",
    level=Level.BLOCKER,
    sentence="{count:,} records of {target} that hang on another master, and a "
    "master-detail cannot be moved, are left alone",
    remedy="delete these copies in the org and repair again: then they are inserted",
    means="A detail stays under the master it was made for.",
)
