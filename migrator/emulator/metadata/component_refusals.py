"""
What the org refuses because of other components: lookups, limits, permission sets.

Sources: Metadata API guide (CustomField, PermissionSet, Layout), the custom field
allocations per edition, and collected deploy failures.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from migrator.emulator.metadata.refusals import problem_at
from migrator.emulator.schema.field_types import CUSTOM_TYPES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from migrator.emulator.metadata.catalog import Catalog, ObjectFacts
    from migrator.emulator.metadata.refusals import Problem
    from migrator.emulator.metadata.xml_tree import Node

__all__ = [
    "application_problems",
    "custom_permission_problems",
    "layout_problems",
    "limit_problems",
    "list_view_problems",
    "permission_set_problems",
    "reference_problems",
    "sharing_problem",
    "tab_problems",
    "translation_problems",
    "validation_rule_problems",
]

# No cascade or restrict to these, and no master-detail either.
_SOFT_PARENTS: Final = frozenset({"user", "group", "recordtype", "profile", "product2"})
_NO_MASTERS: Final = _SOFT_PARENTS | {
    "lead",
    "pricebook2",
    "orderitem",
    "quotelineitem",
    "idea",
    "businesshours",
}
_FIELDS_PER_EDITION: Final = {
    "Professional Edition": 100,
    "Enterprise Edition": 500,
    "Developer Edition": 500,
    "Unlimited Edition": 800,
    "Performance Edition": 800,
}
_STANDARD_COLUMNS: Final = frozenset(
    """NAME OBJECT_ID CREATED_DATE CREATEDBY_USER CREATEDBY_USER.ALIAS LAST_UPDATE
    UPDATEDBY_USER UPDATEDBY_USER.ALIAS OWNER.ALIAS OWNER.FIRST_NAME OWNER.LAST_NAME
    CURRENCY_ISO_CODE RECORDTYPE LAST_ACTIVITY""".split()  # noqa: SIM905 - 14 words
)
_USER_PERMISSIONS: Final = frozenset(
    """ApiEnabled BulkApiHardDelete CustomizeApplication EditTask ExportReport
    ManageContentPermissions ManageFilesAndAttachments ModifyAllData ModifyMetadata
    QueryAllFiles RunReports ViewAllData ViewEncryptedData ViewSetup ViewRoles
    AssignPermissionSets ManageUsers ContentAdministrator""".split()  # noqa: SIM905
)
_AUDIT_PERMISSIONS: Final = frozenset({"CreateAuditFields", "UpdateWithInactiveOwners"})
# The fully supported languages, and those for end users only.
_LANGUAGES: Final = frozenset(
    ("da", "de", "en_US", "es", "es_MX", "fi", "fr", "it", "ja", "ko", "nl_NL", "no")
) | {
    *("pt_BR", "ru", "sv", "th", "zh_CN", "zh_TW", "ar", "bg", "cs", "el", "en_AU"),
    *("en_CA", "en_GB", "en_IN", "hr", "hu", "in", "iw", "pl", "pt_PT", "ro", "sk"),
    *("sl", "tr", "uk", "vi"),
}
_RULE_NAME = re.compile(r"[A-Za-z](?:_?[A-Za-z0-9])*\Z")


def reference_problems(
    catalog: Catalog, owner: ObjectFacts, field: Node
) -> Iterator[Problem]:
    """
    Yield what is wrong with a field's relationship and with its place in the org.
    """
    for text in _relationship_texts(catalog, owner, field):
        yield problem_at(field, text)
    if field.text("type") == "Hierarchy":
        yield problem_at(field, "Not emulated: a CustomField of type Hierarchy")
    if field.flag("trackHistory") and not owner.has_history:
        yield problem_at(
            field,
            f"The entity: {owner.name} does not have history tracking enabled",
        )
    value_set = field.first("valueSet")
    if value_set is not None and value_set.text("valueSetName"):
        name = value_set.text("valueSetName")
        yield problem_at(
            field, f"In field: valueSetName - no GlobalValueSet named {name} found"
        )


def _relationship_texts(
    catalog: Catalog, owner: ObjectFacts, field: Node
) -> Iterator[str]:
    kind, parent_name = field.text("type"), field.text("referenceTo")
    known = CUSTOM_TYPES.get(kind)
    if known is None or not known.is_relationship or not parent_name:
        return
    parent = catalog.get(parent_name)
    if parent is None:
        yield (
            f"referenceTo value of '{parent_name}' does not resolve to a valid "
            "sObject type"
        )
        return
    constraint = field.text("deleteConstraint") or "SetNull"
    if parent.name.lower() in _SOFT_PARENTS and constraint != "SetNull":
        yield (
            "Cannot add a lookup relationship child with cascade or restrict options "
            f"to {parent.name}"
        )
    if kind == "MasterDetail" and parent.name.lower() in _NO_MASTERS:
        yield f"Cannot create a master-detail relationship to {parent.name}"
    relationship = field.text("relationshipName")
    own = f"{owner.name}.{field.text('fullName')}".lower()
    others = [
        each
        for each in catalog.taken_by(parent.name, relationship)
        if each.lower() != own
    ]
    if relationship and others:
        yield (
            f"There is already a Child Relationship named {relationship} on "
            f"{parent.name}."
        )


def limit_problems(owner: ObjectFacts, edition: str) -> Iterator[str]:
    """
    Yield the allocations that *owner* exceeds with all its fields, new ones included.
    """
    custom = [
        each
        for name, each in owner.fields.items()
        if each.custom and not name.endswith("__s")
    ]
    kinds = [each.kind for each in custom]
    known = [CUSTOM_TYPES[each] for each in kinds if each in CUSTOM_TYPES]
    fields = _FIELDS_PER_EDITION.get(edition, 500)
    for count, most, code, what in (
        (kinds.count("MasterDetail"), 2, "", "master-detail relationships"),
        (
            sum(each.is_relationship for each in known),
            40,
            "",
            "relationship fields",
        ),
        (kinds.count("Summary"), 25, "", "roll-up summary fields"),
        (
            sum(each.indexed for each in custom),
            25,
            "CUSTOM_FIELD_INDEX_LIMIT_EXCEEDED",
            "unique and external id fields",
        ),
        (
            sum(each.tracked for each in custom),
            20,
            "NUM_HISTORY_FIELDS_BY_SOBJECT_EXCEEDED",
            "history-tracked fields",
        ),
        (
            sum(each.long_text for each in custom),
            1_638_400,
            "CUSTOM_CLOB_FIELD_LIMIT_EXCEEDED",
            "characters of long text",
        ),
        (
            # A location takes three places: its two parts and one of the platform's.
            len(custom) + 2 * kinds.count("Location"),
            fields,
            "CUSTOM_ENTITY_OR_FIELD_LIMIT",
            "custom fields",
        ),
    ):
        if count > most:
            head = f"{code}: " if code else ""
            yield f"{head}Maximum number of {what} ({most}) reached on {owner.name}"


def sharing_problem(facts: ObjectFacts) -> str | None:
    """
    Say why the sharing model does not fit the fields of a custom object.
    """
    model = facts.sharing_model
    if facts.masters() and model != "ControlledByParent":
        return (
            f"Cannot set sharingModel to {model} on a CustomObject with a "
            "MasterDetail relationship field"
        )
    if not facts.masters() and model == "ControlledByParent":
        return (
            "Cannot set sharingModel to ControlledByParent on a CustomObject without "
            "a MasterDetail relationship field"
        )
    return None


def permission_set_problems(
    catalog: Catalog, node: Node, *, audit_fields: bool
) -> Iterator[Problem]:
    """
    Yield what is wrong with a permission set's lines.
    """
    if not node.text("label").strip():
        yield problem_at(node, "Required field is missing: label")
    for line in node.children:
        for text in _line_texts(catalog, node, line):
            yield problem_at(line, text)
    known = _USER_PERMISSIONS | (_AUDIT_PERMISSIONS if audit_fields else frozenset())
    for line in node.all("userPermissions"):
        if line.text("name") not in known:
            yield problem_at(line, f"Unknown user permission: {line.text('name')}")


def _line_texts(catalog: Catalog, node: Node, line: Node) -> Iterator[str]:
    if line.name == "fieldPermissions":
        yield from _field_line(catalog, line)
    elif line.name == "objectPermissions":
        yield from _object_line(catalog, node, line)
    elif line.name == "tabSettings":
        tab = line.text("tab")
        if not tab.startswith("standard-") and tab.lower() not in catalog.tabs:
            yield f"In field: tab - no CustomTab named {tab} found"
    elif line.name == "applicationVisibilities":
        name = line.text("application")
        if name.lower() not in catalog.applications:
            yield f"In field: application - no CustomApplication named {name} found"
    elif line.name == "customPermissions":
        name = line.text("name")
        if name.lower() not in catalog.custom_permissions:
            yield f"In field: name - no CustomPermission named {name} found"
    elif line.name not in _PLAIN_LINES:
        yield f"Not emulated: {line.name} in a permission set"


_PLAIN_LINES: Final = frozenset(
    {"fullName", "label", "description", "userPermissions", "hasActivationRequired"}
)


def _field_line(catalog: Catalog, line: Node) -> Iterator[str]:
    object_name, _, field_name = line.text("field").partition(".")
    if catalog.get(object_name) is None:
        yield f"In field: field - no CustomObject named {object_name} found"
        return
    found = catalog.field(object_name, field_name)
    if found is None:
        yield f"In field: field - no CustomField named {line.text('field')} found"
    elif not found.permissionable:
        yield f"You cannot deploy to a required field: {line.text('field')}"
    if line.flag("editable") and not line.flag("readable"):
        yield (
            f"Permission Edit {line.text('field')} depends on permission(s): "
            f"Read {line.text('field')}"
        )


_DEPENDENCIES: Final = (
    ("allowCreate", "Create", ("allowRead",)),
    ("allowEdit", "Edit", ("allowRead",)),
    ("allowDelete", "Delete", ("allowEdit", "allowRead")),
    ("viewAllRecords", "View All", ("allowRead",)),
    (
        "modifyAllRecords",
        "Modify All",
        ("allowDelete", "allowEdit", "allowRead", "viewAllRecords"),
    ),
)
_VERBS: Final = {
    "allowRead": "Read",
    "allowEdit": "Edit",
    "allowDelete": "Delete",
    "viewAllRecords": "View All",
}


def _object_line(catalog: Catalog, node: Node, line: Node) -> Iterator[str]:
    name = line.text("object")
    facts = catalog.get(name)
    if facts is None:
        yield f"In field: object - no CustomObject named {name} found"
        return
    for flag, verb, needs in _DEPENDENCIES:
        missing = [_VERBS[each] for each in needs if not line.flag(each)]
        if line.flag(flag) and missing:
            needed = ", ".join(f"{each} {name}" for each in missing)
            yield f"Permission {verb} {name} depends on permission(s): {needed}"
    if not line.flag("allowRead"):
        return
    readable = {
        each.text("object").lower()
        for each in node.all("objectPermissions")
        if each.flag("allowRead")
    }
    for master in facts.masters():
        for parent in master.reference_to:
            if parent.lower() not in readable:
                yield f"Permission Read {name} depends on permission(s): Read {parent}"


def layout_problems(catalog: Catalog, full_name: str, node: Node) -> Iterator[Problem]:
    """
    Yield what is wrong with a page layout: unknown fields, required ones left out.
    """
    object_name = full_name.partition("-")[0]
    facts = catalog.get(object_name)
    if facts is None:
        yield problem_at(
            node, f"In field: layout - no CustomObject named {object_name} found"
        )
        return
    placed: dict[str, str] = {}
    for item in (each for each in node.walk() if each.name == "layoutItems"):
        field_name = item.text("field")
        if not field_name:
            continue
        found = facts.fields.get(field_name.lower())
        behavior = item.text("behavior")
        if found is None:
            yield problem_at(
                item,
                f"In field: field - no CustomField named {object_name}.{field_name} "
                "found",
            )
        elif behavior == "Required" and (found.has_formula or found.kind in _COMPUTED):
            yield problem_at(item, f"Field:{field_name} must not be Required")
        placed[field_name.lower()] = behavior
    yield from _left_out(facts, placed, node)


_COMPUTED: Final = frozenset({"AutoNumber", "Summary"})


def _left_out(
    facts: ObjectFacts, placed: dict[str, str], node: Node
) -> Iterator[Problem]:
    for each in facts.fields.values():
        needed = each.custom and (each.required or each.kind == "MasterDetail")
        if facts.custom and each.name == "Name":
            needed = True
        if needed and each.name.lower() not in placed:
            yield problem_at(
                node,
                f"Layout must contain an item for required layout field: {each.name}",
            )


def list_view_problems(owner: ObjectFacts, node: Node) -> Iterator[Problem]:
    """
    Yield what is wrong with a list view's columns, filters and scope.
    """
    columns = [each.content for each in node.all("columns")]
    columns += [each.text("field") for each in node.all("filters")]
    for column in columns:
        known = column.lower() in owner.fields and column.endswith("__c")
        if column not in _STANDARD_COLUMNS and not known:
            yield problem_at(node, f"Could not resolve list view column: {column}")
    if node.text("filterScope") == "Mine" and owner.masters():
        yield problem_at(node, "Invalid scope:Mine, not allowed")


def validation_rule_problems(node: Node) -> Iterator[Problem]:
    """
    Yield what is wrong with a validation rule, its formula left unread.
    """
    if not _RULE_NAME.match(node.text("fullName")):
        yield problem_at(
            node,
            "The validation name can only contain alphanumeric characters, must begin "
            "with a letter, cannot end with an underscore or contain two consecutive "
            "underscore characters",
        )


def tab_problems(catalog: Catalog, full_name: str, node: Node) -> Iterator[Problem]:
    """
    Yield what is wrong with a custom object's tab; other kinds of tabs are not
    emulated.
    """
    if not node.flag("customObject"):
        yield problem_at(node, "Not emulated: a tab that is not for a custom object")
        return
    facts = catalog.get(full_name)
    if facts is None or not facts.custom:
        yield problem_at(
            node, f"In field: customObject - no CustomObject named {full_name} found"
        )
    if not re.match(r"Custom\d+: .+", node.text("motif")):
        yield problem_at(node, "Must specify a motif for the CustomTab")


def translation_problems(
    catalog: Catalog, full_name: str, node: Node
) -> Iterator[Problem]:
    """
    Yield what is wrong with an object's labels in another language: every language
    counts as switched on in this org, and its custom objects as all there is to
    translate.
    """
    owner_name, _, language = full_name.rpartition("-")
    facts = catalog.get(owner_name)
    if facts is None or not facts.custom:
        text = f"In field: fullName - no CustomObject named {owner_name} found"
        yield problem_at(node, text)
        return
    if language not in _LANGUAGES:
        yield problem_at(node, f"Not available for deploy: language {language}")
    seen: set[str] = set()
    for line in node.all("fields"):
        name = line.text("name")
        known = facts.fields.get(name.lower())
        if name.lower() == "name" or (known and not known.custom):
            text = f"Cannot translate standard field: {owner_name}.{name}"
            yield problem_at(line, text)
        elif known is None:
            text = f"In field: name - no CustomField named {owner_name}.{name} found"
            yield problem_at(line, text)
        if name.lower() in seen:
            yield problem_at(line, f"Duplicate name specified: {name}")
        seen.add(name.lower())


def application_problems(catalog: Catalog, node: Node) -> Iterator[Problem]:
    """
    Yield what is wrong with an app: its label and the tabs it lists.
    """
    if not node.text("label").strip():
        yield problem_at(
            node, "Must specify a non-empty label for the CustomApplication"
        )
    for tab in node.all("tabs"):
        name = tab.content
        if not name.startswith("standard-") and name.lower() not in catalog.tabs:
            yield problem_at(tab, f"In field: tab - no CustomTab named {name} found")


def custom_permission_problems(node: Node) -> Iterator[Problem]:
    """
    Yield what is wrong with a custom permission: its label, what it asks for beside it.
    """
    if not node.text("label").strip():
        yield problem_at(
            node, "Must specify a non-empty label for the CustomPermission"
        )
    for element in ("connectedApp", "externalClientApplication", "requiredPermission"):
        if node.has(element):
            yield problem_at(node, f"Not emulated: {element} of a CustomPermission")
