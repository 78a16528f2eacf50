"""
The mapping: the reviewed decision that drives schema, deploy, copy and reconciliation.
"""

from __future__ import annotations

from collections import abc
from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum

from migrator.model.field_type import FieldType
from migrator.model.finding import Finding
from migrator.model.kinds.row import Family
from migrator.model.labels import NO_LABELS, NO_VALUE_LABELS, Labels, ValueLabels
from migrator.model.names import PART_SUFFIX, ApiName, namespace_of
from migrator.model.row_rule import Condition
from migrator.model.source_layout import Section, View
from migrator.model.target import Sharing
from migrator.model.treatment import Treatment
from migrator.model.value_rule import ValueRule

MAPPING_VERSION = 1
ORIGIN_ID = ApiName("Origin_Id__c")
"""The external id on every target object: the 18-character id of the source record."""


class Status(StrEnum):
    """
    Whether a person has agreed to an entry.
    """

    PROPOSED = "proposed"
    APPROVED = "approved"
    CHANGED = "changed"


class ParentLink(StrEnum):
    """
    How a child points at its parent.
    """

    RESTRICT_LOOKUP = "restrict-lookup"
    """A required lookup; a parent that has children cannot be deleted."""
    MASTER_DETAIL = "master-detail"


class OwnerChoice(StrEnum):
    """
    Who owns the copied records.
    """

    ARCHIVE_USER = "archive-user"
    """Whoever runs the copy; the source owner stays as text."""
    KEEP = "keep"


class AuditChoice(StrEnum):
    """
    Whether the org's own audit fields are set as well.
    """

    TEXT_COPY = "text-copy"
    """Only the `Origin_*` copies, which are what is promised and compared."""
    KEEP = "keep"


APPROVAL = ("by", "author", "on", "note", "basis", "digest")
"""The settings of an entry that say who approved what; they decide nothing."""


class LineBreaks(StrEnum):
    """
    What becomes of line breaks inside text.
    """

    LF = "lf"


@dataclass(frozen=True, slots=True, kw_only=True)
class TextRule:
    """
    What the platform itself does to every text, declared once and compared modulo it.
    """

    line_breaks: LineBreaks = LineBreaks.LF
    """CRLF and CR become LF: the load file allows one kind of line break only."""
    trim: bool = True
    """Blanks around a text are not stored."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldMapping:
    """
    The decision about one source field.
    """

    source: ApiName
    target: ApiName | None
    """The field that holds the value; None for `skip`."""
    type: FieldType | None
    """The type of *target*; None for `skip`."""
    treatment: Treatment
    why: str
    status: Status = Status.PROPOSED
    by: str = ""
    """Who approved it; the settings down to `digest` are `review approve`'s."""
    author: str = ""
    """Whom git knew at the keyboard."""
    on: str = ""
    """When, as ISO 8601 in UTC."""
    note: str = ""
    """What the reviewer wants remembered."""
    basis: str = ""
    """What the describe said about the source field then (`rules.review.approval`)."""
    digest: str = ""
    """Of the entry, its basis and its template; any later edit makes it misfit."""
    label: str = ""
    labels: Labels = NO_LABELS
    """The label in other languages (`languages:` of `migration.yaml`)."""
    help: str = ""
    helps: Labels = NO_LABELS
    """The help text in other languages."""
    values: tuple[str, ...] = ()
    """Picklist values of *target*: described ones, active and not, and found ones."""
    value_labels: ValueLabels = NO_VALUE_LABELS
    """What the values are called in other languages."""
    unique: bool = False
    """No two records may have the same value, as in the source."""
    case_sensitive: bool = False
    """True when a unique text tells capitals from small letters."""
    visible_lines: int = 0
    """How tall the field is shown; 0 for what the setup pages propose."""
    relationship_name: str = ""
    """The child relationship's name on the parent, unique there."""
    required: bool = False
    """True for the parent link alone."""
    id_target: ApiName | None = None
    """Text(18) sibling that keeps the id *target* points at today."""
    name_source: str = ""
    """SOQL path of the referenced record's name, for instance `Owner.Name`."""
    name_target: ApiName | None = None
    """Text(255) sibling that keeps the value of *name_source*."""
    volatile: bool = False
    """A formula that reads the clock: compared with the extract, not with today."""
    loses: str = ""
    """What a reviewer has agreed to lose, for instance "digits after the second"."""
    rule: ValueRule | None = None
    """Puts another value in the place of the source's."""
    original_target: ApiName | None = None
    """Sibling that keeps the source's value where a rule changes it."""
    original_type: FieldType | None = None
    """The type of *original_target*; Text(255) when it is not given."""
    findings: tuple[Finding, ...] = ()

    @property
    def named_targets(self) -> tuple[tuple[str, ApiName], ...]:
        """
        Every target field that this entry fills, with the setting that names it.
        """
        named = {
            "target": self.target,
            "id_target": self.id_target,
            "name_target": self.name_target,
            "original_target": self.original_target,
        }
        return tuple((key, name) for key, name in named.items() if name is not None)

    @property
    def targets(self) -> tuple[ApiName, ...]:
        """
        Every target field that this entry fills, the siblings included.
        """
        return tuple(name for _, name in self.named_targets)

    @property
    def made_targets(self) -> tuple[ApiName, ...]:
        """
        Those of `targets` that `generate` makes: not Name or CurrencyIsoCode, and not
        the latitude and longitude that a location brings along.
        """
        given = self.type is not None and not self.type.row.is_own_field
        given = given or (self.target or "").endswith(PART_SUFFIX)
        return tuple(t for t in self.targets if not (given and t == self.target))

    @property
    def is_location(self) -> bool:
        """
        True for a location itself; its values are carried by the entries of its parts.
        """
        return self.type is not None and self.type.row.family is Family.LOCATION


def changes_silently(entry: FieldMapping) -> bool:
    """
    Return True when a rule of *entry* puts values in the place of originals kept
    nowhere.

    The owner's id is always kept, as text.
    """
    rule = entry.rule
    return rule is not None and not entry.original_target and not rule.owners


def unsigned(entry: FieldMapping) -> FieldMapping:
    """
    *entry* as if nobody had looked at it.
    """
    return replace(
        entry,
        status=Status.PROPOSED,
        by="",
        author="",
        on="",
        note="",
        basis="",
        digest="",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class RowRule:
    """
    Records that are left out, and why; nothing is left out that nobody approved.
    """

    exclude: Condition
    why: str
    status: Status = Status.PROPOSED
    by: str = ""
    """As with an entry, the settings down to `digest` are `review approve`'s."""
    author: str = ""
    on: str = ""
    note: str = ""
    basis: str = ""
    """What the describe said about the field that is asked."""
    digest: str = ""

    @property
    def reason(self) -> str:
        """
        What reports count the records under.
        """
        return f"{self.exclude}: {self.why}"

    def __str__(self) -> str:
        """
        Return the rule in words, as a comparison of two mappings shows it.
        """
        signed = f" by {self.by}" if self.by else ""
        note = f", {self.note}" if self.note else ""
        return f"exclude {self.reason} ({self.status}{signed}{note})"


_RULE = "rows["


def rule_name(number: int) -> str:
    """
    Return the name of an object's rule for records, beside the names of its fields.
    """
    return f"{_RULE}{number}]"


def is_rule(name: str) -> bool:
    """
    Return True for a name that `rule_name` made; no field has one.
    """
    return name.startswith(_RULE)


@dataclass(frozen=True, slots=True, kw_only=True)
class MappedObject:
    """
    The decisions about one source object; every source field appears exactly once.
    """

    source: ApiName
    target: ApiName
    label: str
    plural_label: str
    name_label: str
    labels: Labels = NO_LABELS
    plural_labels: Labels = NO_LABELS
    name_labels: Labels = NO_LABELS
    """The label of the name field in other languages."""
    fields: tuple[FieldMapping, ...]
    sharing: Sharing = Sharing.PRIVATE
    parent_link: ParentLink = ParentLink.RESTRICT_LOOKUP
    owner: OwnerChoice = OwnerChoice.ARCHIVE_USER
    audit: AuditChoice = AuditChoice.TEXT_COPY
    rows: tuple[RowRule, ...] = ()
    """
    Which records are left out, once approved; children without their mandatory parent
    go too.
    """
    layout: tuple[Section, ...] = ()
    """The sections of the page layout, in source fields; empty: sections by kind."""
    list_views: tuple[View, ...] = ()
    """The lists beside the one of all records, in source fields."""
    findings: tuple[Finding, ...] = ()

    def entry(self, source: ApiName) -> FieldMapping | None:
        """
        Return the entry of the source field called *source*, compared without case.
        """
        wanted = source.casefold()
        return next((f for f in self.fields if f.source.casefold() == wanted), None)

    @property
    def carried(self) -> tuple[FieldMapping, ...]:
        """
        The entries that carry a value into the target.
        """
        return tuple(f for f in self.fields if f.treatment.row.carries)

    @property
    def parents(self) -> tuple[FieldMapping, ...]:
        """
        The entries that point at migrated objects, self-references included.
        """
        return tuple(f for f in self.fields if f.treatment is Treatment.PARENT)

    @property
    def self_references(self) -> tuple[FieldMapping, ...]:
        """
        Parents within the same object: filled by a second pass.
        """
        return tuple(
            f for f in self.parents if f.type and f.type.reference_to == self.target
        )

    @property
    def made_fields(self) -> tuple[ApiName, ...]:
        """
        Every custom field that `generate` makes for this object, in mapping order.
        """
        return tuple(name for field in self.fields for name in field.made_targets)


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovedObject:
    """
    How much of one object stood under an approval when the last one was given.

    It stands at the top of the file, where a mapping that lost its tail still has it.
    """

    object: ApiName
    """The source object."""
    entries: int
    digest: str
    """Of the source fields of these entries (`rules.review.register`)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mapping:
    """
    The whole of `mapping.yaml`.
    """

    namespace: str
    objects: tuple[MappedObject, ...]
    version: int = MAPPING_VERSION
    text: TextRule = TextRule()
    approved: tuple[ApprovedObject, ...] = ()
    """`review --approve`'s: what no later mapping may lack unnoticed."""

    def object(self, source: ApiName) -> MappedObject | None:
        """
        Return the decisions about the source object called *source*.
        """
        wanted = source.casefold()
        return next((o for o in self.objects if o.source.casefold() == wanted), None)

    def by_target(self, target: ApiName) -> MappedObject | None:
        """
        Return the decisions whose target object is called *target*.
        """
        return next((o for o in self.objects if o.target == target), None)

    @property
    def findings(self) -> Iterator[Finding]:
        """
        All findings, object by object.
        """
        for each in self.objects:
            yield from each.findings
            for field in each.fields:
                yield from field.findings


def refers_to_package(name: str, namespace: str) -> bool:
    """
    Return True when *name* would make a component depend on the package, and so block
    its uninstall.
    """
    found = namespace_of(ApiName(name))
    return found is not None and found.casefold() == namespace.casefold()


Kept = abc.Mapping[ApiName, abc.Mapping[ApiName, FieldMapping]]
"""Earlier entries that stay, by source object and source field."""
