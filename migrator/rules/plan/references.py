"""
What becomes of a reference: followed, kept as a lookup, or remembered as text.

A lookup to an object of the package would be a dependency on the package, and that
blocks its uninstall; so whatever stays behind with the package is remembered as text.
`rules.plan.entry` has the last word: system fields, and the forty relationships an
object may have.
"""

from __future__ import annotations

from collections.abc import Collection

from migrator.model.describe import FieldDescribe
from migrator.model.names import ApiName, in_namespace, is_custom
from migrator.model.treatment import Treatment

_LOOKUP_TARGETS = frozenset(
    {
        *("Account", "Asset", "Campaign", "Case", "Contact", "Contract", "Group"),
        *("Lead", "Opportunity", "Order", "Pricebook2", "Product2", "User"),
    }
)
"""
Standard objects that a custom lookup may always point at. A custom field of the source
that points at another one proves that this is possible; a standard field does not.
"""


def treatment_of(
    field: FieldDescribe, *, migrated: Collection[ApiName], namespace: str
) -> Treatment:
    """
    PARENT, LOOKUP or SNAPSHOT for the reference *field*.
    """
    if len(field.reference_to) != 1:
        return Treatment.SNAPSHOT
    (referred,) = field.reference_to
    if referred in migrated:
        return Treatment.PARENT
    if in_namespace(referred, namespace):
        return Treatment.SNAPSHOT
    if is_custom(referred):
        return Treatment.LOOKUP
    standard = "__" not in referred
    if standard and (field.custom or referred in _LOOKUP_TARGETS):
        return Treatment.LOOKUP
    return Treatment.SNAPSHOT
