"""
Who may see, fill and empty the archive: a permission set for each, nobody has two.
"""

from __future__ import annotations

import re
from collections import abc
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace

from migrator.model.describe import ObjectDescribe
from migrator.model.mapping import AuditChoice, Mapping
from migrator.model.migration import Migration
from migrator.model.names import PART_SUFFIX, ApiName, bare
from migrator.model.target import (
    CustomPermission,
    FieldPermission,
    ObjectPermission,
    PermissionSet,
    TargetObject,
)
from migrator.rules.target.words import marked


@dataclass(frozen=True, slots=True, kw_only=True)
class PermissionSetNames:
    """
    The API names of the permission sets of one migration.
    """

    reader: str
    loader: str
    unloader: str
    loader_audit: str
    """Only made when the org's own audit fields are to be set."""


def archive_name(mapping: Mapping, migration: Migration) -> str:
    """
    Return what the archive as a whole is called: `Invoice_Archive`.

    The stem is the first object's name, with the naming prefix when any object carries
    it, so that a second archive in the same org gets names of its own.
    """
    stems = [bare(each.target) for each in mapping.objects] or ["Empty"]
    prefix = migration.naming.prefix
    wanted = migration.naming.always_prefix or any(
        _carries(stem, prefix) for stem in stems
    )
    stem = stems[0]
    if prefix and wanted and not _carries(stem, prefix):
        stem = f"{prefix}_{stem}"
    return f"{re.sub(r'_+', '_', stem).strip('_')}_Archive"


def permission_set_names(mapping: Mapping, migration: Migration) -> PermissionSetNames:
    """
    Return what the permission sets of *mapping* are called: `Invoice_Archive_Reader`.
    """
    name = archive_name(mapping, migration)
    return PermissionSetNames(
        reader=f"{name}_Reader",
        loader=f"{name}_Loader",
        unloader=f"{name}_Unloader",
        loader_audit=f"{name}_Loader_Audit",
    )


def unseal_permission(mapping: Mapping, migration: Migration) -> CustomPermission:
    """
    Return the permission with which a sealed record may still be changed.
    """
    name = f"{archive_name(mapping, migration)}_Unseal"
    return CustomPermission(
        name=name,
        label=name.replace("_", " "),
        description=marked(
            "Changes records of a sealed archive: for repairs only.", migration.marker
        ),
    )


def _carries(stem: str, prefix: str) -> bool:
    return bool(prefix) and stem.casefold().startswith(f"{prefix}_".casefold())


def permission_sets(
    objects: tuple[TargetObject, ...], mapping: Mapping, migration: Migration
) -> tuple[PermissionSet, ...]:
    """
    Return the reader, the loader and the unloader of *objects*; for audit fields one
    more.
    """
    names = permission_set_names(mapping, migration)
    marker = migration.marker
    shown = _Shown(
        objects=tuple(sorted(objects, key=lambda made: made.name)),
        application=archive_name(mapping, migration),
    )
    reader = _permission_set(
        names.reader,
        marked("Reads the whole archive and changes nothing.", marker),
        shown,
        writes=False,
    )
    loader = replace(
        _permission_set(
            names.loader,
            marked("Fills the archive: for the copy only.", marker),
            shown,
            writes=True,
        ),
        custom_permissions=(unseal_permission(mapping, migration).name,),
    )
    unloader = _unloader(names.unloader, shown.objects, marker)
    if not _sets_audit_fields(mapping):
        return reader, loader, unloader
    return reader, loader, unloader, _audit_set(names.loader_audit, marker)


def made_permission_sets(mapping: Mapping, migration: Migration) -> tuple[str, ...]:
    """
    Return the names of those that `permission_sets` makes, in its order.
    """
    names = permission_set_names(mapping, migration)
    made = (names.reader, names.loader, names.unloader)
    return (*made, names.loader_audit) if _sets_audit_fields(mapping) else made


def _sets_audit_fields(mapping: Mapping) -> bool:
    return any(each.audit is not AuditChoice.TEXT_COPY for each in mapping.objects)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Shown:
    """
    What the reader and the loader show.
    """

    objects: tuple[TargetObject, ...]
    application: str


def _unloader(
    name: str, objects: tuple[TargetObject, ...], marker: str
) -> PermissionSet:
    """
    Who has it may delete every record of the archive, whoever owns it.

    Delete alone ends at the user's own records (Sharing, "Modify All"): the copy may
    have given them to an archive user.
    """
    return PermissionSet(
        name=name,
        label=name.replace("_", " "),
        description=marked(
            "Deletes records of the archive: unload takes it up and gives it back.",
            marker,
        ),
        objects=tuple(
            replace(
                _object_permission(made.name, writes=True),
                create=False,
                delete=True,
                modify_all=True,
            )
            for made in objects
        ),
        fields=(),
        tabs=(),
    )


def _audit_set(name: str, marker: str) -> PermissionSet:
    """
    Return the org refuses it until "Set Audit Fields upon Record Creation" is switched
    on in Setup > User Interface; that is why it stands apart from the loader.
    """
    return PermissionSet(
        name=name,
        label=name.replace("_", " "),
        description=marked("Sets audit fields: for the copy only.", marker),
        objects=(),
        fields=(),
        tabs=(),
        user_permissions=("CreateAuditFields", "UpdateWithInactiveOwners"),
    )


def _permission_set(
    name: str, description: str, shown: _Shown, *, writes: bool
) -> PermissionSet:
    fields = (
        FieldPermission(
            object=made.name, field=field.name, readable=True, editable=writes
        )
        for made in shown.objects
        for field in made.fields
        if field.needs_permission
    )
    return PermissionSet(
        name=name,
        label=name.replace("_", " "),
        description=description,
        objects=tuple(
            _object_permission(made.name, writes=writes) for made in shown.objects
        ),
        fields=tuple(sorted(fields, key=lambda each: (each.object, each.field))),
        tabs=tuple(made.name for made in shown.objects),
        applications=(shown.application,),
    )


SOURCE_READER = "Migration_Source_Reader"


def source_reader(
    described: abc.Mapping[ApiName, ObjectDescribe],
    migrated: Collection[ApiName],
    hidden: Iterable[tuple[ApiName, ApiName]],
    marker: str,
) -> PermissionSet:
    """
    Who has it sees every record and field of the *migrated* objects, encrypted text
    without its mask; nothing more.

    *hidden* are fields, by object, that exist and are not described. Masters that are
    not migrated are readable as well: the org refuses Read on a detail without it. It
    names packaged objects, so it has to go before the package can.
    """
    objects = [described[name] for name in migrated if name in described]
    masters = {
        parent
        for each in objects
        for field in each.fields
        if field.is_master_detail
        for parent in field.reference_to
    }
    # A geolocation is named as a whole, its two parts are no fields of their own.
    shown = {
        (each.name, field.name)
        for each in objects
        for field in each.fields
        if field.permissionable and not field.name.endswith(PART_SUFFIX)
    }
    is_masked = any(field.row.is_masked for each in objects for field in each.fields)
    fields = sorted(shown | set(hidden))
    names = {each.name for each in objects}
    return PermissionSet(
        name=SOURCE_READER,
        label=SOURCE_READER.replace("_", " "),
        description=marked(
            "Reads everything that is to be migrated. Delete it before the package is "
            "uninstalled.",
            marker,
        ),
        objects=tuple(
            replace(
                _object_permission(name, writes=False),
                view_all=name in names,
            )
            for name in sorted(names | masters)
        ),
        fields=tuple(
            FieldPermission(object=owner, field=field, readable=True, editable=False)
            for owner, field in fields
        ),
        tabs=(),
        user_permissions=("ViewEncryptedData",) if is_masked else (),
    )


def _object_permission(name: ApiName, *, writes: bool) -> ObjectPermission:
    """
    View All for both: the copy has to see every record to know what is there.
    """
    return ObjectPermission(
        object=name,
        create=writes,
        read=True,
        edit=writes,
        delete=False,
        view_all=True,
        modify_all=False,
    )
