"""
What the check of a mapping finds about objects, names, types and references.

`plan`, `review`, `generate`, `deploy` and `copy` run it; nothing is made while one of
the blockers stands.
"""

from __future__ import annotations

from migrator.model.finding import Code, Level

# -- Objects --------------------------------------------------------------------------

NO_ORIGIN_ID = Code(
    word="no-origin-id",
    level=Level.BLOCKER,
    sentence="The field Id has to be kept in {key} as {type}: records are found again "
    "by it.",
    remedy="run `migrator plan`; it adds the entry",
    means="Every write is repeated safely by that key, and every comparison uses it.",
)
NO_NAME = Code(
    word="no-name",
    level=Level.WARNING,
    sentence="No field gives the new records a name; they will carry their own id as "
    "name.",
    remedy="give one entry the target Name and the type Name(80)",
    means="People look records up by their name.",
)
NO_ENTRY = Code(
    word="no-entry",
    level=Level.BLOCKER,
    sentence="The describe shows this field, the mapping does not.",
    remedy="run `migrator plan`; it adds the entry",
    means="Every source field has exactly one entry, so that none is forgotten.",
)
OBJECT_NOT_MAPPED = Code(
    word="object-not-mapped",
    level=Level.BLOCKER,
    sentence="migration.yaml lists this object, the mapping does not have it.",
    remedy="run `migrator plan`, it adds the object; or take it out of migration.yaml",
    means="An object that fell out of the mapping would be missed by nobody.",
)
SHARING = Code(
    word="sharing",
    level=Level.BLOCKER,
    setting="sharing",
    sentence="ControlledByParent needs a master-detail, and there is none.",
    remedy="set sharing to Private",
    means="Only a detail takes over the sharing of its master.",
)
OVER_LIMIT = Code(
    word="over-limit",
    level=Level.BLOCKER,
    sentence="{problem}",
    remedy="set fields that nobody needs to skip, then run `migrator plan` again",
    means="The new object would have more fields, relationships, unique fields or "
    "characters of long text than an object of this edition may have.",
)
LAYOUT_WITHOUT_ENTRY = Code(
    word="layout-without-entry",
    level=Level.BLOCKER,
    setting="layout",
    sentence="layout names {field}, which has no entry",
    remedy="write the name of a source field of this object",
    means="`layout:` is written in source fields.",
)
LIST_VIEW_WITHOUT_ENTRY = Code(
    word="list-view-without-entry",
    level=Level.BLOCKER,
    setting="list_views",
    sentence="the list view {name} names {field}, which has no entry",
    remedy="write the name of a source field of this object",
    means="`list_views:` is written in source fields.",
)
LIST_VIEW_NOT_MADE = Code(
    word="list-view-not-made",
    level=Level.WARNING,
    setting="list_views",
    sentence="The list {label} ({name}) is left out: {obstacle}.",
    remedy="add one like it under `list_views:` if people need it",
    means="A list of the mapping shows a field that is no longer carried over as one "
    "that lists can show.",
)

# -- Names ----------------------------------------------------------------------------

DUPLICATE_TARGET = Code(
    word="duplicate-target",
    level=Level.BLOCKER,
    setting="target",
    sentence="{name} is filled by {owner} already.",
    remedy="give one of them another target",
    means="Two objects, or two fields of one, would become the same.",
)
ILLEGAL_NAME = Code(
    word="illegal-name",
    level=Level.BLOCKER,
    setting="target",
    sentence="{name} is no custom name of one's own; expected a letter, then letters, "
    "digits and single underscores, at most {most}, then __c.",
    means="The org refuses such a name.",
)
RESERVED_NAME = Code(
    word="reserved-name",
    level=Level.BLOCKER,
    setting="target",
    sentence="{name} is a reserved word of the platform; expected another name.",
    means="The org refuses such a name.",
)
ILLEGAL_RELATIONSHIP_NAME = Code(
    word="illegal-relationship-name",
    level=Level.BLOCKER,
    setting="relationship_name",
    sentence="{name!r} cannot name a relationship; expected a letter, then letters, "
    "digits and single underscores, at most {most}.",
    means="The org refuses such a name.",
)
RELATIONSHIP_NAME_TAKEN = Code(
    word="relationship-name-taken",
    level=Level.BLOCKER,
    setting="relationship_name",
    sentence="{parent} has a relationship {name} already, from {owner}.",
    remedy="give it another name",
    means="A parent's child relationships have names of their own, over all objects.",
)
LABEL = Code(
    word="label",
    level=Level.BLOCKER,
    setting="label",
    sentence="{setting} {problem}.",
    means="A label has something in it, and at most 40 characters.",
)

# -- Types ----------------------------------------------------------------------------

NO_TARGET = Code(
    word="no-target",
    level=Level.BLOCKER,
    sentence="An entry needs a target and a type.",
    remedy="write both, or set the treatment to skip",
    means="Only skip goes without.",
)
TYPE_RANGE = Code(
    word="type-range",
    level=Level.BLOCKER,
    setting="type",
    sentence="{type}: {problem}.",
    means="A length, a number of digits or a choice that the type does not allow.",
)
NAME_TYPE = Code(
    word="name-type",
    level=Level.BLOCKER,
    setting="type",
    sentence="The target Name and the type Name(80) go together.",
    means="Every object has one name field, and it is called Name.",
)
STANDARD_TYPE = Code(
    word="standard-type",
    level=Level.BLOCKER,
    setting="type",
    sentence="Standard is the type of CurrencyIsoCode alone.",
    means="The org makes that field itself.",
)
VISIBLE_LINES = Code(
    word="visible-lines",
    level=Level.BLOCKER,
    setting="visible_lines",
    sentence="{problem}.",
    means="How tall a field is shown has bounds of its own for each type.",
)
REQUIRED = Code(
    word="required",
    level=Level.BLOCKER,
    setting="required",
    sentence="Only the link to a parent may be required: a required field refuses "
    "records that are older than the rule.",
    remedy="remove `required`",
    means="An archive takes every record that there is.",
)
CASE_SENSITIVE_ALONE = Code(
    word="case-sensitive-alone",
    level=Level.BLOCKER,
    setting="case_sensitive",
    sentence="case_sensitive is for a unique Text alone.",
    remedy="remove it",
    means="It says how two values are told apart, and only unique texts are.",
)
UNIQUE_TYPE = Code(
    word="unique-type",
    level=Level.BLOCKER,
    setting="unique",
    sentence="{type} cannot be unique.",
    remedy="remove `unique`",
    means="The org knows unique texts, numbers and e-mail addresses.",
)
UNIQUE_AFTER_CHANGES = Code(
    word="unique-after-changes",
    level=Level.BLOCKER,
    setting="unique",
    sentence="Values that are changed or cut may become equal, and the org would "
    "refuse all but the first.",
    remedy="remove `unique`",
    means="`unique` does not go together with `rule:` or `loses:`.",
)

# -- Treatments and references --------------------------------------------------------

TREATMENT_TYPE = Code(
    word="treatment-type",
    level=Level.BLOCKER,
    setting="treatment",
    sentence="{treatment} with {type}: expected {expected}.",
    means="`parent` and `lookup` make references, the other treatments do not.",
)
PACKAGE_REFERENCE = Code(
    word="package-reference",
    level=Level.BLOCKER,
    setting="type",
    sentence="A link to {referred} would keep the package from being uninstalled.",
    remedy="use snapshot with Text(18)",
    means="Nothing that is made may depend on the package.",
)
PARENT_NOT_MAPPED = Code(
    word="parent-not-mapped",
    level=Level.BLOCKER,
    setting="type",
    sentence="{referred} is no target in this mapping, so nothing could be linked.",
    remedy="use lookup or snapshot, or map the object",
    means="A parent is found by the key that its copy carries.",
)
DETAIL_OF_OTHERS = Code(
    word="detail-of-others",
    level=Level.BLOCKER,
    setting="type",
    sentence="Deleting a record of {referred} would delete the archive.",
    remedy="use Lookup({referred})",
    means="No archive object is the detail of a standard or customer object.",
)
LOOKUP_TO_COPIED = Code(
    word="lookup-to-copied",
    level=Level.BLOCKER,
    setting="treatment",
    sentence="{referred} is copied too.",
    remedy="use parent",
    means="A lookup keeps pointing at records that stay; these are copied.",
)
LOCATION_PART_MISSING = Code(
    word="location-part-missing",
    level=Level.BLOCKER,
    setting="target",
    sentence="Nothing fills {part}, and {location} cannot be written itself.",
    remedy="give an entry the target {part}, or set this one to skip",
    means="A geolocation is written through its latitude and its longitude.",
)
LOCATION_PART_TYPE = Code(
    word="location-part-type",
    level=Level.BLOCKER,
    setting="type",
    sentence="A part of {location} is {expected}, not {type}.",
    remedy="write that type",
    means="Latitude and longitude have the decimals of their location.",
)
LOCATION_PART_ALONE = Code(
    word="location-part-alone",
    level=Level.BLOCKER,
    setting="target",
    sentence="{part} belongs to no location that is made.",
    remedy="give it a target of its own, ending with __c",
    means="Names ending with __s belong to the parts of a location.",
)

# -- Against the describe -------------------------------------------------------------

UNKNOWN_FIELD = Code(
    word="unknown-field",
    level=Level.BLOCKER,
    setting="source",
    sentence="The describe does not show this field.",
    remedy="run `migrator plan`, or remove the entry",
    means="An entry's `source` names no field of the object.",
)
COPIES_CALCULATION = Code(
    word="copies-calculation",
    level=Level.BLOCKER,
    setting="treatment",
    sentence="The source works this value out itself; the copy keeps what was shown.",
    remedy="use freeze",
    means="Formulas, roll-ups and auto numbers are frozen, and say so.",
)
LOSES = Code(
    word="loses",
    level=Level.BLOCKER,
    setting="type",
    sentence="{loss}.",
    remedy="widen the type, or say under `loses:` what may go",
    means="The type has no room for all that the describe allows.",
)
LOSES_AS_AGREED = Code(
    word="loses-as-agreed",
    level=Level.WARNING,
    setting="type",
    sentence="{loss}.",
    means="The same under `loses:` or a `rule:`; reports count the records it touches.",
)
LOSES_NOTHING = Code(
    word="loses-nothing",
    level=Level.INFO,
    setting="loses",
    sentence="{type} has room for all that the describe allows; `loses:` may be "
    "needless.",
    means="Whether it is, the records say.",
)
DETAIL_NOT_LINKED = Code(
    word="detail-not-linked",
    level=Level.BLOCKER,
    setting="treatment",
    sentence="Points at {referred}, which is copied too, but is not linked to the "
    "copy.",
    remedy="use parent",
    means="Details without their master: a line that belongs to no invoice.",
)
PARENT_NOT_LINKED = Code(
    word="parent-not-linked",
    level=Level.WARNING,
    setting="treatment",
    sentence="Points at {referred}, which is copied too, but is not linked to the "
    "copy.",
    remedy="use parent",
    means="The id is kept as text; nobody can click from one copy to the other.",
)
