"""
The decision about one field, before it has a name in the new home.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import replace

from migrator.model.codes import plan as codes
from migrator.model.describe import FieldDescribe
from migrator.model.field_type import ID_TYPE, FieldType
from migrator.model.finding import Finding
from migrator.model.kinds.row import KindRow
from migrator.model.kinds.table import Kind
from migrator.model.limits import MAX_INDEXED, MAX_NAME_LENGTH, MAX_RELATIONSHIPS
from migrator.model.mapping import ORIGIN_ID, ParentLink
from migrator.model.names import ApiName
from migrator.model.treatment import Treatment
from migrator.rules.plan.draft import Draft, Scene
from migrator.rules.plan.field_types import choose
from migrator.rules.plan.locations import location_of, location_type, part_type
from migrator.rules.plan.picklist_dependencies import dependency
from migrator.rules.plan.references import treatment_of
from migrator.rules.plan.uniqueness import uniqueness

NAME = ApiName("Name")
_DATE_TIME = FieldType(kind=Kind.DATE_TIME)
_STANDARD = FieldType(kind=Kind.STANDARD)


def _system(
    source: str, target: str, why: str, *, type_: FieldType = ID_TYPE, name: str = ""
) -> Draft:
    """
    Return a field that every object has; *name* ends the path and the target of its
    name.
    """
    stem = target.removesuffix("__c")
    return Draft(
        source=ApiName(source),
        treatment=Treatment.SYSTEM,
        why=why,
        type=type_,
        target=ApiName(target),
        name_source=name,
        name_target=ApiName(f"{stem}_Name__c") if name else None,
    )


_SYSTEM_FIELDS = (
    _system(
        "Id", ORIGIN_ID, "the record's own id; every later step finds the record by it"
    ),
    _system(
        "OwnerId",
        "Origin_Owner__c",
        "who owned the record; kept as text, because owners leave and are renamed",
        name="Owner.Name",
    ),
    _system(
        "CreatedDate",
        "Origin_Created_Date__c",
        "when the record was made; the copy gets a date of its own beside it",
        type_=_DATE_TIME,
    ),
    _system(
        "CreatedById",
        "Origin_Created_By__c",
        "who made the record; kept as text beside whoever makes the copy",
        name="CreatedBy.Name",
    ),
    _system(
        "LastModifiedDate",
        "Origin_Last_Modified_Date__c",
        "when the record was last changed; the copy gets a date of its own",
        type_=_DATE_TIME,
    ),
    _system(
        "LastModifiedById",
        "Origin_Last_Modified_By__c",
        "who changed the record last; kept as text",
        name="LastModifiedBy.Name",
    ),
    _system(
        "CurrencyIsoCode",
        "CurrencyIsoCode",
        "the currency of the record's amounts; the new object has the same field",
        type_=_STANDARD,
    ),
)
_SYSTEM = {str(each.source): each for each in _SYSTEM_FIELDS}
"""Fields that every object has, and where their values go."""

ORIGIN_NAMES = tuple(
    name
    for each in _SYSTEM.values()
    for name in (each.target, each.name_target)
    if name is not None
)
"""Target names that belong to these fields on every object."""

RECORD_ID = _SYSTEM["Id"]

_LEFT_BEHIND = {
    "IsDeleted": "records in the recycle bin are not copied",
    "SystemModstamp": "the platform's own bookkeeping, which nobody can write",
    "LastActivityDate": "worked out from activities, which nobody can write",
    "LastViewedDate": "says when the running user looked at the record",
    "LastReferencedDate": "says when the running user looked at a related record",
    "UserRecordAccessId": "says what the running user may do with the record",
    "ConnectionReceivedId": "Salesforce to Salesforce bookkeeping",
    "ConnectionSentId": "Salesforce to Salesforce bookkeeping",
}
"""Standard fields that are not carried over, each with the reason."""


def draft(field: FieldDescribe, scene: Scene, linked: Collection[ApiName]) -> Draft:
    """
    Return what becomes of *field*; *linked* are the references that may stay links.
    """
    if field.name in _SYSTEM:
        return _SYSTEM[field.name]
    if field.name in _LEFT_BEHIND:
        return _skip(field, _LEFT_BEHIND[field.name])
    if field.type == "reference":
        return _reference(field, scene, linked)
    if field == scene.describe.name_field and field.length <= MAX_NAME_LENGTH:
        return _name(field)
    location = location_of(field, scene.describe)
    if location is not None:
        return _part(field, location, scene)
    return _location(field, scene) or _value(field, scene)


def _skip(field: FieldDescribe, why: str) -> Draft:
    return Draft(source=field.name, treatment=Treatment.SKIP, why=why)


def _name(field: FieldDescribe) -> Draft:
    kept = field.auto_number or field.calculated
    why = "the record's name"
    if field.auto_number:
        why = "auto number; the number that was given is kept, not counted anew"
    return Draft(
        source=field.name,
        treatment=Treatment.FREEZE if kept else Treatment.COPY,
        why=why,
        type=FieldType(kind=Kind.NAME, length=MAX_NAME_LENGTH),
        target=NAME,
    )


def _location(field: FieldDescribe, scene: Scene) -> Draft | None:
    made = location_type(field, scene) if field.type == "location" else None
    if made is None:
        return None
    return Draft(
        source=field.name,
        treatment=Treatment.COPY,
        why="the same kind of field; its two numbers carry the value",
        type=made,
    )


def _part(field: FieldDescribe, location: FieldDescribe, scene: Scene) -> Draft:
    made, findings = part_type(field, location, scene)
    return Draft(
        source=field.name,
        treatment=Treatment.COPY,
        why=f"part of {location.name}, which makes the field",
        type=made,
        location=location.name,
        findings=findings,
    )


def _value(field: FieldDescribe, scene: Scene) -> Draft:
    seen = scene.seen(field.name)
    choice = choose(field, seen)
    if choice.type is None:
        return _skip(field, choice.skipped)
    volatile = field.calculated and field.changes_by_itself
    unique, doubts = uniqueness(field, choice.type, seen)
    noticed = _findings(field, scene, volatile=volatile)
    findings = (*choice.findings, *doubts, *noticed)
    kept = field.calculated or field.auto_number
    return Draft(
        source=field.name,
        treatment=Treatment.FREEZE if kept else Treatment.COPY,
        why=_why(field, volatile=volatile),
        type=choice.type,
        values=choice.values,
        unique=unique,
        case_sensitive=unique and field.case_sensitive,
        visible_lines=_unusual_lines(choice.type.row, field),
        volatile=volatile,
        findings=findings,
    )


def _unusual_lines(row: KindRow, field: FieldDescribe) -> int:
    """
    How tall the field is shown; 0 for what the setup pages propose anyway.
    """
    wanted = row.visible_lines(field.visible_lines)
    return 0 if wanted == row.visible_lines() else wanted


def _why(field: FieldDescribe, *, volatile: bool) -> str:
    if volatile:
        return "formula that reads the clock; the value on the day of the extract stays"
    if field.calculated_formula:
        return "formula; the value that was shown is kept, not recomputed"
    if field.summary:
        return f"roll-up, {field.summary}; the value shown is kept, not recomputed"
    if field.calculated:
        return "roll-up or hidden formula; the value shown is kept, not recomputed"
    if field.auto_number:
        return "auto number; the number that was given is kept, not counted anew"
    return "the same kind of field, the same value"


def _findings(
    field: FieldDescribe, scene: Scene, *, volatile: bool
) -> Iterator[Finding]:
    if volatile:
        yield codes.READS_CLOCK()
    if field.external_id:
        yield codes.INDEX_NOT_CARRIED(key=ORIGIN_ID, places=MAX_INDEXED)
    if field.controller:
        pairs = dependency(field, scene.describe)
        yield codes.DEPENDENCY_NOT_CARRIED(controller=field.controller, pairs=pairs)
    if field.calculated and field.html_formatted:
        yield codes.LINK_AS_MARKUP()


# -- References -----------------------------------------------------------------------


def links(scene: Scene) -> tuple[ApiName, ...]:
    """
    Return the reference fields that stay links: all parents, then lookups as they come,
    up to the 40 that an object may have.
    """
    fates = {
        field.name: _fate(field, scene)
        for field in scene.describe.fields
        if field.type == "reference" and field.name not in _SYSTEM
    }
    parents = [name for name, fate in fates.items() if fate is Treatment.PARENT]
    lookups = [name for name, fate in fates.items() if fate is Treatment.LOOKUP]
    return tuple((parents + lookups)[:MAX_RELATIONSHIPS])


def _fate(field: FieldDescribe, scene: Scene) -> Treatment:
    return treatment_of(field, migrated=scene.targets, namespace=scene.namespace)


def _reference(
    field: FieldDescribe, scene: Scene, linked: Collection[ApiName]
) -> Draft:
    fate = _fate(field, scene)
    if fate is Treatment.SNAPSHOT or field.name not in linked:
        return _snapshot(field, scene, over_limit=fate is not Treatment.SNAPSHOT)
    made = _parent(field, scene) if fate is Treatment.PARENT else _lookup(field, scene)
    if field.filtered:
        return replace(made, findings=(codes.FILTER_NOT_CARRIED(),))
    return made


def _parent(field: FieldDescribe, scene: Scene) -> Draft:
    (referred,) = field.reference_to
    detail = field.is_master_detail and referred != scene.describe.name
    master = detail and scene.parent_link is ParentLink.MASTER_DETAIL
    kind = Kind.MASTER_DETAIL if master else Kind.LOOKUP
    required = detail and not master
    return Draft(
        source=field.name,
        treatment=Treatment.PARENT,
        why=f"points at {referred}, which is copied too; linked to the copy through "
        f"{ORIGIN_ID}",
        type=FieldType(kind=kind, reference_to=scene.targets[referred]),
        # A link that may be empty keeps the id, in case the parent was not copied.
        siblings=() if detail else Treatment.PARENT.row.siblings,
        is_reference=True,
        required=required,
        referred=scene.targets[referred],
    )


def _lookup(field: FieldDescribe, scene: Scene) -> Draft:
    (referred,) = field.reference_to
    why = f"points at {referred}, which stays; its id and name are kept as text as well"
    if field.is_master_detail:
        why = f"{why}, and deleting it takes no record away"
    path = scene.name_path(field)
    return Draft(
        source=field.name,
        treatment=Treatment.LOOKUP,
        why=why,
        type=FieldType(kind=Kind.LOOKUP, reference_to=referred),
        siblings=_siblings(Treatment.LOOKUP, path),
        name_source=path,
        is_reference=True,
        referred=referred,
    )


def _snapshot(field: FieldDescribe, scene: Scene, *, over_limit: bool) -> Draft:
    path = scene.name_path(field)
    limit = codes.RELATIONSHIP_LIMIT(most=MAX_RELATIONSHIPS)
    return Draft(
        source=field.name,
        treatment=Treatment.SNAPSHOT,
        why=_why_snapshot(field, scene.namespace, has_name=bool(path)),
        type=ID_TYPE,
        end="Id",
        siblings=_siblings(Treatment.SNAPSHOT, path),
        name_source=path,
        is_reference=True,
        findings=(limit,) if over_limit else (),
    )


def _siblings(treatment: Treatment, path: str) -> tuple[str, ...]:
    """
    Return the texts beside a reference; no name where its *path* cannot be read.
    """
    return tuple(each for each in treatment.row.siblings if path or each != "Name")


def _why_snapshot(field: FieldDescribe, namespace: str, *, has_name: bool) -> str:
    what = "its id and name are kept as text" if has_name else "its id is kept as text"
    if len(field.reference_to) > 1:
        return f"points at several kinds of object; {what}"
    if not field.reference_to:
        return f"points at an object the describe does not name; {what}"
    (referred,) = field.reference_to
    if referred.casefold().startswith(f"{namespace}__".casefold()):
        return f"points at {referred}, which leaves with the package; {what}"
    return f"points at {referred}, which a custom field cannot look up here; {what}"
