"""
What `copy` finds in the records before it writes, and beside them in the org.
"""

from __future__ import annotations

from migrator.model.finding import Code, Level

_WIDEN = (
    "widen `type` of the entry in mapping.yaml, or agree with `loses:` and have it "
    "approved"
)
_OTHER_TYPE = "change `type` of the entry in mapping.yaml"
_MEND = "mend the records in the org, or change the entry in mapping.yaml"
_EXTRACT = "migrator describe, then migrator extract, then copy again"


def _each(what: str) -> str:
    """
    Return the sentence about cells of which *what* holds; ids are named, values never.
    """
    return f"{{cells}} cells for {{target}}: each {what} (records {{ids}})"


# -- Cells that do not fit ------------------------------------------------------------

NOT_EXTRACTED = Code(
    word="not-extracted",
    level=Level.BLOCKER,
    sentence=_each("needs {path}, which the extract does not have"),
    remedy=_EXTRACT,
    means="The extract is older than the entry, or its user did not see the field.",
)
NAME_NOT_EXTRACTED = Code(
    word="name-not-extracted",
    level=Level.WARNING,
    sentence=_each("needs {path}, which the extract does not have"),
    remedy=_EXTRACT,
    means="The id of the referenced record is kept, its name is not.",
)
VALUE_MISSING = Code(
    word="value-missing",
    level=Level.BLOCKER,
    sentence=_each("is required and has no value"),
    remedy=_MEND,
    means="The parent link, the name and a checkbox cannot be empty.",
)
PARENT_MISSING = Code(
    word="parent-missing",
    level=Level.BLOCKER,
    sentence=_each("points at a record that is not among those copied"),
    remedy=_MEND,
    means="The org refuses a record whose required parent is not there.",
)
LINK_LEFT_EMPTY = Code(
    word="link-left-empty",
    level=Level.WARNING,
    sentence=_each(
        "points at a record that is not among those copied; the link stays empty, its "
        "id is kept"
    ),
    remedy=_MEND,
    means="The record is copied, and the id says what it pointed at.",
)
NOT_A_NUMBER = Code(
    word="not-a-number",
    level=Level.BLOCKER,
    sentence=_each("is no number"),
    remedy=_OTHER_TYPE,
    means="A text that was mapped to a number.",
)
TOO_MANY_DIGITS = Code(
    word="too-many-digits",
    level=Level.BLOCKER,
    sentence=_each("has more than {room} digits before the decimal point"),
    remedy=_OTHER_TYPE,
    means="No digit before the point may get lost, agreed or not.",
)
DIGITS_LOST = Code(
    word="digits-lost",
    level=Level.BLOCKER,
    sentence=_each("has more than {scale} digits after the decimal point"),
    remedy=_WIDEN,
    means="The org would round them without a word.",
)
TIME_LOST = Code(
    word="time-lost",
    level=Level.BLOCKER,
    sentence=_each("has a time of day"),
    remedy=_WIDEN,
    means="A date-time that was mapped to a date.",
)
NOT_A_DATE = Code(
    word="not-a-date",
    level=Level.BLOCKER,
    sentence=_each("is no date"),
    remedy=_OTHER_TYPE,
    means="A text that was mapped to a date.",
)
NOT_A_DATE_TIME = Code(
    word="not-a-date-time",
    level=Level.BLOCKER,
    sentence=_each("is no date-time"),
    remedy=_OTHER_TYPE,
    means="A text that was mapped to a date-time.",
)
NOT_A_TIME = Code(
    word="not-a-time",
    level=Level.BLOCKER,
    sentence=_each("is no time of day"),
    remedy=_OTHER_TYPE,
    means="A text that was mapped to a time.",
)
NOT_A_CHECKBOX = Code(
    word="not-a-checkbox",
    level=Level.BLOCKER,
    sentence=_each("is neither true nor false"),
    remedy=_OTHER_TYPE,
    means="A text that was mapped to a checkbox.",
)
NOT_AN_ID = Code(
    word="not-an-id",
    level=Level.BLOCKER,
    sentence=_each("is no id of 18 characters"),
    remedy=_OTHER_TYPE,
    means="A text that was mapped to a link.",
)
TOO_LONG = Code(
    word="too-long",
    level=Level.BLOCKER,
    sentence=_each("is longer than {length} characters"),
    remedy=_WIDEN,
    means="The org would refuse the record.",
)

# -- The org --------------------------------------------------------------------------

SURPLUS_RECORDS = Code(
    word="surplus-records",
    level=Level.BLOCKER,
    sentence="{target} holds {count:,} records that {source} does not have (any more): "
    "deleted there since, or made by somebody else; they are left alone",
    remedy="migrator reconcile --org ORG names them, and confirms nothing before they "
    "are gone or back",
    means="What nobody sent is not ours to delete.",
)
NOT_KEPT = Code(
    word="not-kept",
    level=Level.BLOCKER,
    sentence="{count:,} records of {target} were sent, and hold something else: a "
    "detail cannot be moved under another master, or somebody changes them at the same "
    "time",
    remedy="migrator reconcile --org ORG names them",
    means="What is stored is read back where it is in doubt; it is not what was meant.",
)
NOT_DEPLOYED = Code(
    word="not-deployed",
    level=Level.INFO,
    sentence="the target objects are not in the org yet, or the user has not been "
    "given them: everything counts as to be sent",
    remedy="migrator deploy --org ORG --execute",
    means="Without `--execute` a copy can be forecast before anything is deployed.",
)
