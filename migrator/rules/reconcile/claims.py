"""
What the fields of the org say they hold, against what was compared.

Every generated field's description names its source field, and the org keeps it. Read
back, it is a witness of the time of the deployment: what happens to the mapping, or to
whoever reads it, afterwards and in both verbs at once cannot change it.
"""

from __future__ import annotations

import re
from collections import abc
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from migrator.model.codes import reconcile as codes
from migrator.model.finding import Finding
from migrator.model.kinds.table import Kind
from migrator.model.mapping import ORIGIN_ID, MappedObject
from migrator.model.names import ApiName
from migrator.model.treatment import Treatment
from migrator.model.verdict import Damage, Difference
from migrator.rules.reconcile.pairs import ColumnPair, column_pairs

_CLAIM = re.compile(r"From (\w+)\.(\w+)(?: \(([^)]*)\))?; ")
_ID, _NAME = "id of the referenced record", "name of the referenced record"
_ORIGINAL = "as it was, before the value rule"


@dataclass(frozen=True, slots=True)
class _Claim:
    """
    What one field holds, in words that compare without case.
    """

    object: str
    field: str
    what: str = ""
    """Empty for the value itself, else which sibling it is."""

    def __str__(self) -> str:
        """
        As reports print it.
        """
        return f"{self.field} ({self.what})" if self.what else self.field


def check_claims(
    mapped: MappedObject, descriptions: abc.Mapping[ApiName, str], marker: str
) -> tuple[tuple[Difference, ...], tuple[Finding, ...]]:
    """
    Where the *descriptions* of the target's custom fields contradict what is compared.

    Only those that end with *marker* are ours. A field that names another source than
    the one it was compared with is a difference; so is one whose source field the
    mapping does not have at all. A finding counts fields that say nothing.
    """
    compared = {_field_read(pair): _told(mapped, pair) for pair in column_pairs(mapped)}
    differences: list[Difference] = []
    silent = set(compared)
    for name, description in sorted(descriptions.items()):
        claim = _claimed(description) if marker in description else None
        if claim is None:
            continue
        silent.discard(name.casefold())
        found = compared.get(name.casefold())
        if found is None and not _is_known(mapped, claim, compared.values()):
            differences.append(_difference(mapped, name, claim, Damage.UNCOMPARED))
        elif found is not None and _folded(found) != _folded(claim):
            differences.append(_difference(mapped, name, claim, Damage.ORIGIN))
    return tuple(differences), tuple(_findings(mapped, silent))


def _field_read(pair: ColumnPair) -> str:
    """
    Return the target field that a pair's column is read from, in small letters.
    """
    reference = pair.column.removesuffix(f"__r.{ORIGIN_ID}")
    is_path = reference != pair.column
    return (f"{reference}__c" if is_path else reference).casefold()


def _told(mapped: MappedObject, pair: ColumnPair) -> _Claim:
    """
    Return what the field of *pair* would have to say.
    """
    entry = pair.entry
    siblings = {
        entry.id_target: _ID,
        entry.name_target: _NAME,
        entry.original_target: _ORIGINAL,
        entry.target: "",
    }
    what = siblings.get(pair.target, "nothing that the mapping names")
    path = pair.path
    if what == _NAME and path.startswith(_step(entry.source)):
        # A name is read from the referenced record, and told by the reference.
        path = entry.source
    return _Claim(mapped.source, path, what)


def _step(reference: ApiName) -> str:
    """
    How a path begins that leads to the record *reference* points at; any path does for
    a standard field whose relationship cannot be told by its name.
    """
    if reference.endswith("__c"):
        return f"{reference.removesuffix('__c')}__r."
    is_system = reference in {"OwnerId", "CreatedById", "LastModifiedById"}
    return f"{reference.removesuffix('Id')}." if is_system else ""


def _claimed(description: str) -> _Claim | None:
    found = _CLAIM.match(description)
    return _Claim(found[1], found[2], found[3] or "") if found else None


def _folded(claim: _Claim) -> tuple[str, str, str]:
    return claim.object.casefold(), claim.field.casefold(), claim.what


def _is_known(mapped: MappedObject, claim: _Claim, compared: Iterable[_Claim]) -> bool:
    """
    Return True when nothing is missing though the claiming field itself was not
    compared: its source is compared in another field, skipped on purpose, or a
    location, which holds nothing but its parts.
    """
    if _folded(claim) in map(_folded, compared):
        return True
    entry = mapped.entry(ApiName(claim.field))
    if entry is None or claim.object.casefold() != mapped.source.casefold():
        return False
    is_location = entry.type is not None and entry.type.kind is Kind.LOCATION
    return entry.treatment is Treatment.SKIP or (is_location and not claim.what)


def _difference(
    mapped: MappedObject, name: ApiName, claim: _Claim, damage: Damage
) -> Difference:
    return Difference(
        object=mapped.source,
        origin_id="",
        damage=damage,
        source_field=str(claim),
        target_field=name,
    )


def _findings(mapped: MappedObject, silent: set[str]) -> Iterator[Finding]:
    count = sum(name.endswith("__c") for name in silent)
    if count:
        found = codes.FIELD_CLAIMS_MISSING(count=count, target=mapped.target)
        yield found.at(mapped.source)
