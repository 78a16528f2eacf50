"""
What `describe` finds, and what a describe file lacks.
"""

from __future__ import annotations

from migrator.model.finding import Code, Level

HIDDEN_FIELD = Code(
    word="hidden-field",
    level=Level.BLOCKER,
    sentence="{where} exists in the org, but field-level security hides it from "
    "{user}: its values would be left behind",
    remedy="deploy {setup}/ and assign {permission_set} to {user}, or give the user "
    "another permission set that reads {where}; then run `migrator describe` again",
    means="A describe shows only what its user may read; the org's own list of fields "
    "shows the rest.",
)
HIDDEN_OBJECT = Code(
    word="hidden-object",
    level=Level.BLOCKER,
    sentence="{name} exists in the org, but {user} may not see it",
    remedy="give {user} a permission set with Read and View All on {name}, then run "
    "`migrator describe` again",
    means="An object to migrate is out of the user's sight.",
)
MISSING_OBJECT = Code(
    word="missing-object",
    level=Level.BLOCKER,
    sentence="{name} does not exist in the org {org}",
    remedy="install the package, or take the object out of migration.yaml, then run "
    "`migrator describe` again",
    means="`migration.yaml` names an object that this org does not have.",
)
UNSEEN_NEIGHBOUR = Code(
    word="unseen-neighbour",
    level=Level.WARNING,
    sentence="{name} is referred to, but cannot be seen: references to it are kept as "
    "ids without names",
    remedy="give the user Read on {name} and run `migrator describe` again, if the "
    "names matter",
    means="The name of a referenced record is read through its object.",
)
DESCRIBE_CHANGED = Code(
    word="describe-changed",
    level=Level.INFO,
    sentence="{what} {change}",
    remedy="run `migrator plan` again",
    means="A field, list view or value set is new, gone, hidden or other than at the "
    "last describe.",
)
LAYOUT_CHANGED = Code(
    word="layout-changed",
    level=Level.INFO,
    sentence="the layout {name} {change}",
    remedy="run `migrator plan` again; to follow a changed layout, delete `layout:` of "
    "the object from mapping.yaml first",
    means="The package's page layout is new, gone or other than at the last describe.",
)
DEFINITIONS_UNREAD = Code(
    word="definitions-unread",
    level=Level.WARNING,
    sentence="The org does not give metadata of the type {kind} ({reason}): {lost}.",
    remedy="give {user} the permission Modify Metadata Through Metadata API Functions, "
    "then run `migrator describe` again",
    means="Some facts stand in the metadata alone; the plan is made without them.",
)
DESCRIBE_INCOMPLETE = Code(
    word="describe-incomplete",
    level=Level.WARNING,
    sentence="The describe gives no {key} for {count} of {fields} fields; the default "
    "was taken.",
    remedy="make the file again with `migrator describe --org ORG`",
    means="A describe file from elsewhere lacks attributes that decide types.",
)
DESCRIBE_WITHOUT_NAME = Code(
    word="describe-without-name",
    level=Level.INFO,
    sentence="The describe gives no {keys}; the file's name was used.",
    means="A describe file needs nothing but `fields`.",
)
DESCRIBED_TWICE = Code(
    word="described-twice",
    level=Level.WARNING,
    sentence="{one} and {other} both describe {name}; {taken} was taken.",
    remedy="keep one of the two files",
    means="Two describe files are about one object.",
)
