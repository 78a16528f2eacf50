"""
What the check of a mapping finds about picklist values, `rule:` and `rows:`.
"""

from __future__ import annotations

from migrator.model.finding import Code, Level

# -- Values of picklists --------------------------------------------------------------

VALUES_TYPE = Code(
    word="values-type",
    level=Level.BLOCKER,
    setting="values",
    sentence="{type} has no values.",
    remedy="remove them",
    means="Only picklists have `values:`.",
)
NO_VALUES = Code(
    word="no-values",
    level=Level.BLOCKER,
    setting="values",
    sentence="A picklist needs at least one value.",
    remedy="use Text(255) instead",
    means="The org makes no picklist without values.",
)
TOO_MANY_VALUES = Code(
    word="too-many-values",
    level=Level.BLOCKER,
    setting="values",
    sentence="{count} values; at most {most} fit.",
    remedy="use Text(255) instead",
    means="A picklist has room for a thousand values, a multi-select one for 500.",
)
VALUE_TOO_LONG = Code(
    word="value-too-long",
    level=Level.BLOCKER,
    setting="values",
    sentence="A value has more than {most} characters.",
    remedy="use LongTextArea instead",
    means="So long a value is no choice of a list.",
)
VALUES_TOO_LONG = Code(
    word="values-too-long",
    level=Level.BLOCKER,
    setting="values",
    sentence="The values have more than {most:,} characters in all.",
    remedy="use Text(255) instead",
    means="The org limits the sum over a picklist's values.",
)
VALUES_ALIKE = Code(
    word="values-alike",
    level=Level.BLOCKER,
    setting="values",
    sentence="Two values differ in case alone; the platform would store one of them "
    "for both.",
    remedy="use Text(255) instead",
    means="Text keeps both spellings.",
)

# -- Value rules ----------------------------------------------------------------------

CHANGES_VALUES = Code(
    word="changes-values",
    level=Level.WARNING,
    setting="rule",
    sentence="rule: replaces values, and the originals are kept nowhere; every changed "
    "record is counted as changed by rule.",
    remedy="keep them with `original_target`, or approve it with --note",
    means="What the source said can be read in the extract alone.",
)
RULE_TREATMENT = Code(
    word="rule-treatment",
    level=Level.BLOCKER,
    setting="rule",
    sentence="rule: {what} takes none.",
    remedy="remove it, or use copy",
    means="A rule goes with copy and freeze, and with no formula that reads the clock.",
)
RULE_ON_LOCATION = Code(
    word="rule-on-location",
    level=Level.BLOCKER,
    setting="rule",
    sentence="rule: a location takes none.",
    remedy="give it to its two parts",
    means="A geolocation is written through its latitude and its longitude.",
)
RULE_KEEPS_NOTHING = Code(
    word="rule-keeps-nothing",
    level=Level.BLOCKER,
    setting="rule",
    sentence="rule: truncate needs a length above 0.",
    remedy="mend it",
    means="A text that is cut to nothing is no text.",
)
RULE_RESULT = Code(
    word="rule-result",
    level=Level.BLOCKER,
    setting="rule",
    sentence="rule: {values} is not among the picklist's values.",
    remedy="add it to `values`",
    means="What a rule makes of a value has to be one of the new picklist.",
)
RULE_PART = Code(
    word="rule-part",
    level=Level.BLOCKER,
    setting="rule",
    sentence="rule: {field} cannot be put together: the describe shows no such "
    "readable field.",
    remedy="use names of fields of this object, to the letter",
    means="`concatenate` reads fields of the same record.",
)
RULE_OWNERS_FIELD = Code(
    word="rule-owners-field",
    level=Level.BLOCKER,
    setting="rule",
    sentence="rule: owners is for OwnerId alone.",
    remedy="use map",
    means="Only owners are looked up among the org's users.",
)
RULE_OWNERS_NOT_KEPT = Code(
    word="rule-owners-not-kept",
    level=Level.BLOCKER,
    setting="rule",
    sentence="rule: owners needs an object that keeps its owners.",
    remedy="set owner to keep",
    means="With `owner: archive-user` one user owns all.",
)
RULE_OWNERS_IDS = Code(
    word="rule-owners-ids",
    level=Level.BLOCKER,
    setting="rule",
    sentence="rule: owners are user ids of 18 characters, and nobody is no owner.",
    remedy="write the ids as the extract has them",
    means="Every record has an owner.",
)

# -- Rules for records ----------------------------------------------------------------

ROWS_WITHOUT_WHY = Code(
    word="rows-without-why",
    level=Level.BLOCKER,
    setting="rows",
    sentence="rows, entry {number}: why is empty.",
    remedy="say why these records stay behind",
    means="Reports count what was left out under its reason.",
)
ROWS_EMPTY_TEXT = Code(
    word="rows-empty-text",
    level=Level.BLOCKER,
    setting="rows",
    sentence="rows, entry {number}: a text to compare with is empty.",
    remedy="use blank: true or not_blank: true",
    means="An empty cell is no text.",
)
ROWS_FIELD = Code(
    word="rows-field",
    level=Level.BLOCKER,
    setting="rows",
    sentence="rows, entry {number}: {field}: the describe shows no such field{meant}.",
    remedy="use the name of a field of this object, to the letter",
    means="A condition asks a field of the record itself.",
)
ROWS_UNREADABLE = Code(
    word="rows-unreadable",
    level=Level.BLOCKER,
    setting="rows",
    sentence="rows, entry {number}: {field} ({type}) cannot be read as text.",
    remedy="ask another",
    means="Compounds and files are not part of an extract.",
)
ROWS_DATES = Code(
    word="rows-dates",
    level=Level.BLOCKER,
    setting="rows",
    sentence="rows, entry {number}: {field} is {type}; before and after are for dates.",
    remedy="use is, is_not, blank or not_blank",
    means="Other values have no order that both sides agree on.",
)
ROWS_NUMBERS = Code(
    word="rows-numbers",
    level=Level.BLOCKER,
    setting="rows",
    sentence="rows, entry {number}: {field} is {type}: one number has many spellings.",
    remedy="ask a text, picklist, checkbox, date or reference field",
    means="Values are compared as the text they were received as.",
)
ROWS_CHECKBOX = Code(
    word="rows-checkbox",
    level=Level.BLOCKER,
    setting="rows",
    sentence="rows, entry {number}: {field} is a checkbox.",
    remedy="compare it with true or false",
    means="A checkbox has two values.",
)
ROWS_VALUE = Code(
    word="rows-value",
    level=Level.BLOCKER,
    setting="rows",
    sentence="rows, entry {number}: {field} has no value {values}.",
    remedy="use the API names of the values, to the letter",
    means="A misspelt value would leave out nothing, in silence.",
)
