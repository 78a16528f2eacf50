"""
What the components of a mapping are called, for who asks the org about them: known
without building one.
"""

from __future__ import annotations

from migrator.model.mapping import Mapping
from migrator.model.migration import Migration
from migrator.model.target import ComponentNames
from migrator.rules.target.permission_sets import (
    archive_name,
    made_permission_sets,
    unseal_permission,
)


def component_names(mapping: Mapping, migration: Migration) -> ComponentNames:
    """
    Return the names that `build_target` would give.
    """
    return ComponentNames(
        fields={each.target: each.made_fields for each in mapping.objects},
        permission_sets=made_permission_sets(mapping, migration),
        application=archive_name(mapping, migration),
        custom_permission=unseal_permission(mapping, migration).name,
    )
