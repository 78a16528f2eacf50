"""
`migration.yaml`: what to migrate, and the choices that hold for the whole migration.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from migrator.model.names import ApiName

DEFAULT_OBJECTS = (
    ApiName("ONB2__Invoice__c"),
    ApiName("ONB2__InvoiceLineItem__c"),
    ApiName("ONB2__TaxDetail__c"),
    ApiName("ONB2__Balance__c"),
)
DRAFT_FIELD, DRAFT = ApiName("ONB2__Status__c"), "Draft"
"""How the package marks a record that was never issued; leaving these is proposed."""
DEFAULT_API_CEILING = "66.0"
"""The newest version whose metadata schema is published (see docs/architecture.md)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Naming:
    """
    How target objects are named.
    """

    prefix: str = "JustOn"
    """Put before the name of an object whose plain name is taken in the org."""
    always_prefix: bool = False
    """Prefix every object, also those whose plain name is free."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Migration:
    """
    One migration, as `init` starts it and people edit it.
    """

    id: str
    """Random; marks every component this migration makes as its own."""
    namespace: str = "ONB2"
    objects: tuple[ApiName, ...] = DEFAULT_OBJECTS
    cancellation_date: date | None = None
    naming: Naming = field(default_factory=Naming)
    api_ceiling: str = DEFAULT_API_CEILING
    languages: tuple[str, ...] = ()
    """Languages to have labels in besides the org's own, as codes such as `de`."""
    templates: str | None = None
    """A folder whose templates replace ours by name, relative to `migration.yaml`."""

    @property
    def marker(self) -> str:
        """
        The words that end the description of every component made by this migration.
        """
        return f"[migrator {self.id}]"


@dataclass(frozen=True, slots=True, kw_only=True)
class OrgFacts:
    """
    What `describe --org` learns about the org itself (`describes/org.json`).
    """

    org_id: str
    name: str
    organization_type: str
    is_sandbox: bool
    api_version: str
    currencies: tuple[str, ...] = ()
    """Active currency codes; empty when the org has a single currency."""
    taken_names: tuple[ApiName, ...] = ()
    """Names the targets would have that other people's objects already carry."""
