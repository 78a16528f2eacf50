"""
Who may see and fill the archive: a permission set to read it and one to load it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from migrator.model.mapping import Mapping
from migrator.model.migration import Migration
from migrator.model.names import ApiName, bare
from migrator.model.target import (
    FieldPermission,
    ObjectPermission,
    PermissionSet,
    TargetObject,
)
from migrator.rules.wording import marked


@dataclass(frozen=True, slots=True, kw_only=True)
class PermissionSetNames:
    """
    The API names of the two permission sets of one migration.
    """

    reader: str
    loader: str


def permission_set_names(mapping: Mapping, migration: Migration) -> PermissionSetNames:
    """
    What the permission sets of *mapping* are called: `Invoice_Archive_Reader`.

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
    stem = re.sub(r"_+", "_", stem).strip("_")
    return PermissionSetNames(
        reader=f"{stem}_Archive_Reader", loader=f"{stem}_Archive_Loader"
    )


def _carries(stem: str, prefix: str) -> bool:
    return bool(prefix) and stem.casefold().startswith(f"{prefix}_".casefold())


def permission_sets(
    objects: tuple[TargetObject, ...], mapping: Mapping, migration: Migration
) -> tuple[PermissionSet, ...]:
    """
    The reader and the loader of *objects*.
    """
    names = permission_set_names(mapping, migration)
    reader = _permission_set(
        names.reader,
        marked("Reads the whole archive and changes nothing.", migration.marker),
        objects,
        writes=False,
    )
    loader = _permission_set(
        names.loader,
        marked("Fills the archive: for the copy only.", migration.marker),
        objects,
        writes=True,
    )
    return reader, loader


def _permission_set(
    name: str, description: str, objects: tuple[TargetObject, ...], *, writes: bool
) -> PermissionSet:
    by_name = sorted(objects, key=lambda made: made.name)
    fields = (
        FieldPermission(
            object=made.name, field=field.name, readable=True, editable=writes
        )
        for made in by_name
        for field in made.fields
        if field.needs_permission
    )
    return PermissionSet(
        name=name,
        label=name.replace("_", " "),
        description=description,
        objects=tuple(_object_permission(made.name, writes=writes) for made in by_name),
        fields=tuple(sorted(fields, key=lambda each: (each.object, each.field))),
        tabs=tuple(made.name for made in by_name),
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
