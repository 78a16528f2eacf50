"""
What `plan` finds and keeps in `mapping.yaml`, beside the entry it is about.
"""

from __future__ import annotations

from migrator.model.finding import Code, Level

# -- Types ----------------------------------------------------------------------------

TYPE_WITHOUT_DATA = Code(
    word="type-without-data",
    level=Level.WARNING,
    sentence="{guess}",
    remedy="run `migrator extract --org ORG`, then `migrator plan` again",
    means="Only an extract shows how long a formula's text is, or how many decimals a "
    "formula or roll-up has; a type was assumed.",
)
RICH_TEXT_IMAGES = Code(
    word="rich-text-images",
    level=Level.WARNING,
    sentence="Images inside rich text stay bound to the packaged record and will not "
    "show after the uninstall.",
    remedy="look through the field's images before the package is removed",
    means="The text is copied, the pictures that it points at are not.",
)
ENCRYPTED = Code(
    word="encrypted",
    level=Level.WARNING,
    sentence="The values are masked for users without View Encrypted Data; who "
    "extracts, copies and reconciles needs that permission.",
    remedy="give it to that user, or set the treatment to skip; to keep the values as "
    "open text, set the type to Text and write `loses: encryption`",
    means="Without the permission the masks would be copied in place of the values.",
)
DIGITS_DO_NOT_FIT = Code(
    word="digits-do-not-fit",
    level=Level.BLOCKER,
    setting="type",
    sentence="The records hold up to {whole} digits before and {decimals} after the "
    "decimal point, more than the {precision} (with at most {scale} decimals) of any "
    "number field.",
    remedy="set the type to Text(255), or write what may be lost under `loses:`; then "
    "run `migrator plan` again",
    means="No number field of the platform holds every digit that the extract shows.",
)
LOCATION_DIGITS_DO_NOT_FIT = Code(
    word="location-digits-do-not-fit",
    level=Level.BLOCKER,
    setting="type",
    sentence="The records hold more than the {scale} decimals of a location.",
    remedy="set {location} to skip and the two parts to Number, or write what may be "
    "lost under `loses:`",
    means="Two numbers can hold more decimals than the field that shows them on a map.",
)
SCALE_WIDENED = Code(
    word="scale-widened",
    level=Level.INFO,
    sentence="The records carry {found} decimals where the describe says {described}; "
    "the field is made wide enough.",
    means="Formulas, roll-ups and the API may carry more decimals than a page shows.",
)
PICKLIST_AS_TEXT = Code(
    word="picklist-as-text",
    level=Level.INFO,
    sentence="A picklist would not do, because {problem}; the value is kept as text.",
    means="A picklist's values have limits of their own, which old records may exceed.",
)

# -- What is not carried over ---------------------------------------------------------

READS_CLOCK = Code(
    word="reads-clock",
    level=Level.INFO,
    sentence="The formula's value changes from day to day; the copy is compared with "
    "the extract.",
    means="The value of the day of the extract stays.",
)
INDEX_NOT_CARRIED = Code(
    word="index-not-carried",
    level=Level.INFO,
    sentence="An external id in the source; in the new object only {key} is, because "
    "all of them share {places} places.",
    means="The values are copied; searching by them is slower.",
)
UNIQUE_NOT_CARRIED = Code(
    word="unique-not-carried",
    level=Level.INFO,
    sentence="Unique in the source and plain in the new object: {reason}.",
    means="The values are copied; the org does not guard them any more.",
)
DEPENDENCY_NOT_CARRIED = Code(
    word="dependency-not-carried",
    level=Level.INFO,
    sentence="{controller} decides in the source which values may be chosen; the "
    "archive takes every value, because old records keep pairs that are no longer "
    "allowed.{pairs}",
    means="A dependent picklist becomes a plain one.",
)
LINK_AS_MARKUP = Code(
    word="link-as-markup",
    level=Level.INFO,
    sentence="The formula prints a link or an image as HTML; its markup is kept as "
    "text, exactly as the API gives it.",
    means="What was a link on the page reads as its source text in the archive.",
)
FILTER_NOT_CARRIED = Code(
    word="filter-not-carried",
    level=Level.INFO,
    sentence="The source's lookup has a filter; the archive takes every reference, "
    "because old records may break a filter that is younger.",
    means="A lookup filter is checked when a record is written, not afterwards.",
)
RELATIONSHIP_LIMIT = Code(
    word="relationship-limit",
    level=Level.WARNING,
    sentence="An object may have {most} relationships; this one is kept as text.",
    remedy="set another lookup of this object to snapshot if this one matters more",
    means="Parents are linked first, then lookups in the order of the describe.",
)
NO_RECORDS_TO_KEEP = Code(
    word="no-records-to-keep",
    level=Level.WARNING,
    sentence="{name} is {reason}. It was left out.",
    remedy="take it out of migration.yaml",
    means="Custom metadata, platform events and settings hold no records that a custom "
    "object could keep.",
)
SEVERAL_LAYOUTS = Code(
    word="several-layouts",
    level=Level.INFO,
    sentence="The sections follow the layout {first}; there are others: {others}.",
    remedy="arrange `layout:` in mapping.yaml as you like",
    means="The archive has one page layout an object.",
)
LIST_VIEW_LEFT_OUT = Code(
    word="list-view-left-out",
    level=Level.INFO,
    sentence="The list {label} ({name}) is left out: {obstacle}.",
    remedy="add one like it under `list_views:` if people need it",
    means="A list of the source shows or asks something the new object cannot show.",
)

# -- Names ----------------------------------------------------------------------------

RENAMED = Code(
    word="renamed",
    level=Level.INFO,
    sentence="The plain name is another field's or cannot be used, so this one is "
    "{target}.",
    means="The customer's own field keeps its name; the package's gives way.",
)
NAME_TAKEN = Code(
    word="name-taken",
    level=Level.INFO,
    sentence="The org has an object of the plain name already, so this one is "
    "{target}.",
    remedy="change `target:` to another free name if you like",
    means="What this migration did not create in the org is never touched.",
)
DESCRIBE_WITHOUT_ID = Code(
    word="describe-without-id",
    level=Level.INFO,
    sentence="The describe lists no Id; the entry for it was added, because every "
    "object has one.",
    means="A describe file that was cut short.",
)

# -- Planned again --------------------------------------------------------------------

NEW_FIELD = Code(
    word="new-field",
    level=Level.INFO,
    sentence="The field was not there when the mapping was made.",
    means="The mark stays until somebody has reviewed the entry.",
)
CHANGED_FIELD = Code(
    word="changed-field",
    level=Level.WARNING,
    sentence="Approved when the describe said {before}; it now says {now}.",
    remedy="look at the entry again, then `migrator review approve`",
    means="The approval was given for another source field than the one there is.",
)
VANISHED_FIELD = Code(
    word="vanished-field",
    level=Level.BLOCKER,
    sentence="The describe does not show this field any more{was}.",
    remedy="check the field's security and describe again; if the field is gone for "
    "good, set treatment to skip or remove the entry",
    means="Nothing is made of the entry before a person has decided.",
)
GIVEN_UP_FIELD = Code(
    word="given-up-field",
    level=Level.INFO,
    sentence="The describe does not show this field any more{was}.",
    remedy="remove the entry when nobody needs it",
    means="A field that has vanished and that the mapping skips.",
)
