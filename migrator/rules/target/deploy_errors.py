"""
What an org says to a deployment it refuses: what each sentence means for an archive.

Every entry has one of three classes. *Prevented*: the generator prints nothing that
the org would say this to. *Checked*: `rules.check` or the plan finds it before the
deployment. *Explained*: only the org can know; the advice says what to do.

The sentences are those of real orgs, matched by pattern: they come with names and
places inside, and in the language of the user.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Handling(StrEnum):
    """
    What the program does about a deploy error.
    """

    PREVENTED = "prevented"
    CHECKED = "checked"
    EXPLAINED = "explained"


@dataclass(frozen=True, slots=True, kw_only=True)
class DeployError:
    """
    One kind of refusal.
    """

    code: str
    """A short stable word."""
    pattern: re.Pattern[str]
    handling: Handling
    advice: str
    """What to do when the org says it all the same."""


_OWN_TEMPLATE = (
    "the shipped templates never print this; compare your own template with ours"
)
_ENTRY = "correct the entry in mapping.yaml"


def _row(code: str, pattern: str, handling: Handling, advice: str) -> DeployError:
    return DeployError(
        code=code,
        pattern=re.compile(pattern, re.IGNORECASE),
        handling=handling,
        advice=advice,
    )


def _prevented(code: str, pattern: str, advice: str = _OWN_TEMPLATE) -> DeployError:
    return _row(code, pattern, Handling.PREVENTED, advice)


def _checked(code: str, pattern: str, advice: str = _ENTRY) -> DeployError:
    return _row(code, pattern, Handling.CHECKED, advice)


def _explained(code: str, pattern: str, advice: str) -> DeployError:
    return _row(code, pattern, Handling.EXPLAINED, advice)


DEPLOY_ERRORS: tuple[DeployError, ...] = (
    # -- elements that a field type refuses or demands --------------------------------
    _prevented(
        "text-area-length",
        r"Can not specify 'length' for a CustomField of type TextArea",
    ),
    _prevented(
        "required-not-allowed",
        r"Can not specify 'required' for a CustomField of type (?!Checkbox)\w+",
    ),
    _prevented(
        "checkbox-required",
        r"Can not specify 'required' for a CustomField of type Checkbox",
    ),
    _prevented(
        "master-detail-constraint",
        r"Can not specify 'deleteConstraint' for a CustomField of type MasterDetail",
    ),
    _prevented(
        "master-detail-required",
        r"Master-Detail Relationship Fields Cannot be Optional or Required",
    ),
    _prevented(
        "lookup-filter",
        r"Lookup filters are only supported on Lookup Relationship Fields",
    ),
    _prevented(
        "lookup-order",
        r"Can not specify 'relationshipOrder' for a CustomField of type Lookup",
    ),
    _prevented(
        "summary-digits",
        r"Can not specify '(precision|scale|length)' for a CustomField of type Summary",
    ),
    _prevented(
        "hierarchy-reference",
        r"Can not specify 'referenceTo' for a CustomField of type Hierarchy",
    ),
    _prevented(
        "checkbox-default",
        r"Must specify 'defaultValue' for a CustomField of type Checkbox",
    ),
    _prevented(
        "formula-unique",
        r"Can not specify '?unique'? for CustomFields that have a formula",
    ),
    _prevented(
        "formula-external-id",
        r"Can not specify '?externalId'? for CustomFields that have a formula",
    ),
    _checked(
        "long-text-minimum",
        r"Invalid length, minimum is",
        "give the long text at least 256 characters, or make it TextArea",
    ),
    # -- relationships ----------------------------------------------------------------
    _prevented(
        "required-lookup-constraint",
        r"must specify either cascade delete or restrict delete for required lookup",
    ),
    _checked(
        "soft-parent",
        r"Cannot add a lookup relationship child with cascade or restrict options",
        "links to User, Group, Product2 and the like cannot be required: remove "
        "`required` in mapping.yaml",
    ),
    _prevented(
        "cascade-lookup", r"If you want to cascade delete, please contact salesforce"
    ),
    _explained(
        "child-relationship-taken",
        r"There is already a Child Relationship named",
        "a field of that parent has the name; a deleted field or object keeps it for "
        "15 days. Erase it in Setup > Object Manager > Deleted Objects (or under "
        "Deleted Fields of the child), or wait, or change `relationship_name` of these "
        "entries in mapping.yaml and generate again",
    ),
    _checked(
        "relationship-name-length",
        r"relationship name too long|data value too large",
        "shorten `relationship_name` in mapping.yaml to 40 characters",
    ),
    _prevented(
        "sharing-model", r"Cannot set sharingModel to \w+ on a CustomObject with"
    ),
    _explained(
        "unknown-parent",
        r"referenceTo value of .* does not resolve|Entity '.*' (was )?not found",
        "the object that the lookup points at is not in this org, or the user may not "
        "see it; use snapshot with Text(18) for the entry, or add the object",
    ),
    # -- permission sets --------------------------------------------------------------
    _prevented(
        "permission-on-required",
        r"You cannot deploy to a required field",
    ),
    _prevented("permission-on-parent", r"Permission .* depends on permission\(s\)"),
    _explained(
        "unknown-user-permission",
        r"Unknown user permission",
        "switch on Set Audit Fields upon Record Creation in Setup > User Interface, or "
        "set `audit: text-copy` in mapping.yaml",
    ),
    # -- objects and manifest ---------------------------------------------------------
    _prevented("history-tracking", r"does not have history tracking enabled"),
    _checked(
        "object-label", r"Must specify a non-empty (plural)?label for the CustomObject"
    ),
    _prevented(
        "manifest-without-file", r"was named in package\.xml, but was not found"
    ),
    _prevented("file-without-manifest", r"Not in package\.xml"),
    _checked("name-suffix", r"fullName must end with"),
    _prevented("standard-field-name", r"Could not resolve standard field's name"),
    _prevented("unknown-field", r"no CustomField named .* found"),
    _explained(
        "unknown-object",
        r"no CustomObject named .* found",
        "the object is neither in this org nor in the mapping; use snapshot with "
        "Text(18) for entries that point at it",
    ),
    _prevented("element-twice", r"Element .* is duplicated at this location"),
    _prevented("element-misplaced", r"Element .* invalid at this location"),
    # -- picklists --------------------------------------------------------------------
    _prevented(
        "value-set-both", r"Value set must reference a value set name or define"
    ),
    _checked(
        "duplicate-value",
        r"duplicate value found",
        "two values differ in case alone: use Text(255) for the entry",
    ),
    _explained(
        "duplicate-label",
        r"Duplicate label",
        "a deployed picklist is merged with the values the org has, and one of those "
        "has this label under another name: rename it in Setup, or use Text(255)",
    ),
    _checked("picklist-value-name", r"Invalid fullName"),
    _prevented("picklist-data-type", r"Invalid data type"),
    _prevented("non-strict-picklist", r"Non-strict picklists are not supported"),
    # -- roll-ups and formulas, which are never printed -------------------------------
    _prevented("summary-count", r"bad value for restricted picklist field"),
    _prevented(
        "summary-name", r"Must specify the name in the CustomObject\.CustomField"
    ),
    _prevented("formula-picklist", r"is a picklist field\. Picklist fields are only"),
    _prevented("formula-long-text", r"You referenced an unsupported field type called"),
    _prevented("formula-field", r"Field \S+ does not exist"),
    _prevented("formula-parameter", r"Incorrect parameter type for function"),
    _prevented("formula-length", r"Formula is too long"),
    _prevented("formula-compiled", r"Compiled formula is too big"),
    # -- what the org has already -----------------------------------------------------
    _explained(
        "formula-to-value",
        r"Cannot update a field from a Formula to something else",
        "the org's field of that name is a formula: give the entry another target, or "
        "delete the field first",
    ),
    _explained(
        "type-change",
        r"Cannot change (the )?(type|field type)",
        "a field with values keeps its type: give the entry another target, or unload "
        "the records and delete the field first",
    ),
    _explained(
        "used-on-page",
        r"is used in a component on the .* Lightning page",
        "take the field from that Lightning page, then delete it",
    ),
    _explained(
        "referenced-elsewhere",
        r"is referenced elsewhere in salesforce",
        "something in the org uses the component: Setup shows it under Where is this "
        "used?; remove that use first",
    ),
    _explained(
        "upsert-field",
        r"Invalid field for upsert, must be an External Id",
        "Apex or a flow of the org upserts by a field that is no external id: look at "
        "the class or flow that the message names",
    ),
    # -- layouts, list views, rules, translations -------------------------------------
    _prevented("layout-required", r"Field:\S+ must not be Required"),
    _prevented("layout-field", r"Field \S+ is not available for"),
    _prevented("list-view-column", r"Could not resolve list view column"),
    _prevented("list-view-scope", r"Invalid scope:"),
    _prevented("rule-name", r"The validation name can only contain"),
    _prevented("translated-name", r"Cannot translate standard field"),
    _explained(
        "language-off",
        r"Not available for deploy for this organization",
        "switch on the Translation Workbench with the languages that migration.yaml "
        "lists (Setup > Translation Language Settings), or take them out there",
    ),
    # -- the request itself -----------------------------------------------------------
    _explained(
        "unknown-property",
        r"Invalid/null property",
        "the API version is older than the elements: raise `api_ceiling` in "
        "migration.yaml",
    ),
    _explained(
        "unreadable",
        r"UNKNOWN_EXCEPTION",
        "the org could not read the package and does not say where: deploy half of the "
        "objects at a time to find the file, and give Salesforce Support the ErrorId",
    ),
    _explained(
        "session",
        r"INVALID_SESSION_ID",
        "sign in again and run the same command; what was sent goes on in the org",
    ),
    # -- limits and names -------------------------------------------------------------
    _checked(
        "limit",
        r"_LIMIT_EXCEEDED|CUSTOM_ENTITY_OR_FIELD_LIMIT|_BY_SOBJECT_EXCEEDED"
        r"|PICKLIST_INACTIVE_VALUES_EXCEEDED|Maximum number of ",
        "set fields that nobody needs to skip, or lookups to snapshot, in mapping.yaml",
    ),
    _checked(
        "name-taken",
        r"DUPLICATE_(CUSTOM_ENTITY_DEFINITION|DEVELOPER_NAME|MASTER_LABEL)"
        r"|CANNOT_MODIFY_MANAGED_OBJECT|INVALID_NAMESPACE_PREFIX"
        r"|Cannot modify managed object|reserved (word|name)",
        "the name belongs to somebody else: give the target another name in "
        "mapping.yaml, or set `naming: {always_prefix: true}` in migration.yaml",
    ),
)
"""The more special sentence stands before the more general one."""


def recognised(sentence: str) -> DeployError | None:
    """
    Return the kind of refusal that *sentence* is, None for one that nobody has met.
    """
    return next((each for each in DEPLOY_ERRORS if each.pattern.search(sentence)), None)


def advice(sentences: Iterable[str]) -> tuple[str, ...]:
    """
    Return what to do about *sentences*: each advice once, with how many it is about.
    """
    counts: dict[str, int] = {}
    for sentence in sentences:
        found = recognised(sentence)
        if found is not None:
            counts[found.advice] = counts.get(found.advice, 0) + 1
    return tuple(
        words if count == 1 else f"{words} ({count} components)"
        for words, count in counts.items()
    )
