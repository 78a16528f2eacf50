"""
What must be true before records are read or anything is written; all problems at once.

Blockers in the mapping are asked for in `steps.review.check`, approval in
`steps.review.approve`; what counts as production is what the session told at sign-in.
"""

from __future__ import annotations

from collections import abc
from collections.abc import Iterable, Iterator
from typing import Any

from migrator.errors import DecisionNeeded, OrgRefused
from migrator.model.mapping import Mapping
from migrator.model.names import ApiName
from migrator.model.target import ComponentNames
from migrator.org.deployment import ComponentInfo
from migrator.org.session import Org
from migrator.org.soql import ABSENT

LIVE_LICENCES = frozenset({"active", "trial", "free"})
"""Licence statuses with which a package can be read (AppExchange guide)."""
SLACK_RECORDS = 50
SLACK_SHARE = 0.01
"""How far COUNT() may stay below the org's approximate record count."""

Described = abc.Mapping[str, Any]
"""An sObject describe as received."""

_GEOLOCATION = ("__Latitude__s", "__Longitude__s")


def require_full_sight(
    org: Org,
    *,
    objects: Iterable[ApiName],
    seen_fields: abc.Mapping[ApiName, Iterable[str]] | None = None,
    namespace: str = "",
    described: abc.Mapping[ApiName, Described] | None = None,
    decided: Mapping | None = None,
) -> dict[ApiName, int]:
    """
    How many records of each of *objects* the user sees, who sees all of them and all
    their fields; DecisionNeeded otherwise.

    What the org describes to the user today is compared with what exists; so are
    *seen_fields*, the fields an object will be read with (its stored describe's or its
    extract's). *namespace* names the package whose licence must be alive. *described*
    are describes that the org has given just now and need not be asked for again.
    Masked values may stay masked in fields that the mapping *decided* to leave behind.
    """
    names = tuple(objects)
    counts: dict[ApiName, int] = {}
    today = _described(org, names, described or {})
    problems = [
        *_licence_problems(org, namespace),
        *sight_problems(org, names),
        *_field_problems(org, today, seen_fields),
        *_masked_problems(org, today, decided),
        *_count_problems(org, names, counts),
    ]
    if problems:
        raise DecisionNeeded(
            "\n".join(problems),
            hint=f"give {org.facts.username} what is missing, then run it again; a "
            "copy of what one user happens to see would look complete",
        )
    return counts


def require_production_name(org: Org, yes_production: str | None) -> None:
    """
    Return when *org* is no production org, or *yes_production* is its exact name.
    """
    name = org.facts.org_name
    if not org.facts.is_production or yes_production == name:
        return
    given = f"; {yes_production!r} was given" if yes_production else ""
    raise DecisionNeeded(
        f"{name} ({org.facts.org_id}) is a production org, and its first write wants "
        f"its name{given}",
        hint=f"add --yes-production '{name}', after a rehearsal in a sandbox",
    )


def require_own_components(org: Org, names: ComponentNames, marker: str) -> None:
    """
    Return when none of the components *names* exists in *org* without *marker*.

    Objects, permission sets, the app, its permission and, on objects that are ours,
    fields: what does not carry this migration's words in its description belongs to
    someone else.
    """
    objects = org.deployment.read_components("CustomObject", names.fields)
    sets = org.deployment.read_components("PermissionSet", names.permission_sets)
    app = org.deployment.read_components("CustomApplication", [names.application])
    unseal = org.deployment.read_components(
        "CustomPermission", [names.custom_permission]
    )
    foreign = [
        *_foreign("custom object", objects, marker),
        *_foreign("app", app, marker),
        *_foreign("custom permission", unseal, marker),
        *_foreign("permission set", sets, marker),
        *_foreign_fields(names, objects, marker),
    ]
    if foreign:
        raise DecisionNeeded(
            "\n".join(foreign),
            hint="set `naming: {prefix: ..., always_prefix: true}` in migration.yaml, "
            "then run `migrator plan` and `migrator generate` again",
        )


def hidden_fields(org: Org, name: ApiName, seen: Iterable[str]) -> tuple[ApiName, ...]:
    """
    Return custom fields of *name* that exist and are not among *seen*, compared without
    case.

    A geolocation counts as seen when its latitude is: reads name only its parts.
    Raises OrgRefused when the org does not tell what exists.
    """
    return _not_among(org, name, org.tooling.custom_fields(name), seen)


def _not_among(
    org: Org, name: ApiName, existing: Iterable[ApiName], seen: Iterable[str]
) -> tuple[ApiName, ...]:
    """
    Those of the *existing* custom fields of *name* that are not *seen*.
    """
    known = {each.casefold() for each in seen}
    if not existing and any(each.endswith("__c") for each in known):
        raise OrgRefused(
            f"the org's Tooling API lists no fields of {name}, although some are seen: "
            "whether others are hidden cannot be told",
            hint=f"give {org.facts.username} the permission View Setup and "
            "Configuration, then run the same command again",
        )
    return tuple(
        field
        for field in existing
        if not any(spelling in known for spelling in _spellings(field))
    )


def _spellings(field: ApiName) -> tuple[str, ...]:
    stem = field.removesuffix("__c")
    parts = (stem + ending for ending in _GEOLOCATION)
    return tuple(each.casefold() for each in (field, *parts))


def _licence_problems(org: Org, namespace: str) -> Iterator[str]:
    licence = org.access.package_license(namespace) if namespace else None
    if licence and licence.status.casefold() not in LIVE_LICENCES:
        yield (
            f"the licence of the package {namespace} is {licence.status}: its records "
            "and fields may be out of sight; ask the vendor to extend it for the move"
        )


def sight_problems(org: Org, names: tuple[ApiName, ...]) -> Iterator[str]:
    """
    Yield a sentence for each of *names* of which the user may not see every record.
    """
    held = org.access.held_sets(org.facts.user_id)
    if held.view_all_data:
        return
    rights = org.access.object_permissions(held, names)
    for name in names:
        if not rights[name].view_all:
            yield (
                f"{name}: {org.facts.username} has neither View All on it nor View All "
                "Data, and may see only some of its records; assign a permission set "
                f"with View All on {name}"
            )


def _described(
    org: Org, names: tuple[ApiName, ...], given: abc.Mapping[ApiName, Described]
) -> dict[ApiName, Described | OrgRefused]:
    """
    Return what the org says of each of *names* to this user, or that it says nothing.
    """
    found: dict[ApiName, Described | OrgRefused] = {}
    for name in names:
        try:
            found[name] = given[name] if name in given else org.describe(name)
        except OrgRefused as error:
            if error.code not in ABSENT:
                raise
            found[name] = error
    return found


def _field_problems(
    org: Org,
    described: abc.Mapping[ApiName, Described | OrgRefused],
    seen: abc.Mapping[ApiName, Iterable[str]] | None,
) -> Iterator[str]:
    visible = {
        n: each for n, each in described.items() if isinstance(each, abc.Mapping)
    }
    existing = org.tooling.custom_fields_of(visible)
    for name, each in described.items():
        if not isinstance(each, abc.Mapping):
            yield f"{name}: {org.facts.username} cannot see it ({each.code})"
            continue
        today = [ApiName(str(field["name"])) for field in each.get("fields", ())]
        known = tuple((seen or {}).get(name, today))
        yield from _unseen_fields(org, name, existing[name], today, known)


def _masked_problems(
    org: Org,
    described: abc.Mapping[ApiName, Described | OrgRefused],
    decided: Mapping | None,
) -> Iterator[str]:
    """
    Encrypted text that the user reads as mask characters: a copy would keep those.
    """
    masked = [
        (name, field)
        for name, each in described.items()
        for field in _encrypted_fields(each)
        if not (decided and _is_left_behind(decided, name, field))
    ]
    if not masked or org.access.held_sets(org.facts.user_id).view_encrypted_data:
        return
    for name, field in masked:
        yield (
            f"{name}.{field}: encrypted, and {org.facts.username} reads only its mask; "
            "assign a permission set with View Encrypted Data, like that under setup/, "
            "or set the field to skip in mapping.yaml"
        )


def _encrypted_fields(described: Described | OrgRefused) -> Iterator[ApiName]:
    if not isinstance(described, abc.Mapping):
        return
    for each in described.get("fields", ()):
        if each.get("type") == "encryptedstring":
            yield ApiName(str(each["name"]))


def _is_left_behind(decided: Mapping, name: ApiName, field: ApiName) -> bool:
    mapped = decided.object(name)
    entry = mapped.entry(field) if mapped else None
    return entry is not None and not entry.treatment.row.carries


def _unseen_fields(
    org: Org,
    name: ApiName,
    existing: Iterable[ApiName],
    today: Iterable[ApiName],
    known: Iterable[str],
) -> Iterator[str]:
    """
    Yield what is out of sight *today*, and what is in sight but not among the *known*.
    """
    shown = tuple(today)
    visible = {each.casefold() for each in shown}
    out_of_sight = _not_among(org, name, existing, shown)
    gone = [each for each in known if each.casefold() not in visible]
    for field in dict.fromkeys((*out_of_sight, *map(ApiName, gone))):
        yield (
            f"{name}.{field}: {org.facts.username} does not see this field (any more); "
            f"assign a permission set that reads {name}.{field}, then describe and "
            "extract again"
        )
    if {each.casefold() for each in known} == visible:
        return
    # Standard ones too: a currency that came later makes other amounts of the copies.
    for field in _not_among(org, name, dict.fromkeys((*existing, *shown)), known):
        if field not in out_of_sight:
            yield (
                f"{name}.{field}: the field is not in the stored describe; describe, "
                "extract and plan again"
            )


def _count_problems(
    org: Org, names: tuple[ApiName, ...], counts: dict[ApiName, int]
) -> Iterator[str]:
    """
    Yield a sentence for each of *names* of which too few are seen; fills *counts*.
    """
    stored = org.access.record_counts(names)
    for name in names:
        try:
            seen = counts[name] = org.soql.count(name)
        except OrgRefused as error:
            if error.code not in ABSENT:
                raise
            continue  # an object out of sight has been named already
        expected = stored.get(name, 0)
        if expected - seen > max(expected * SLACK_SHARE, SLACK_RECORDS):
            yield (
                f"{name}: {org.facts.username} sees {seen:,} records, the org's own "
                f"count is about {expected:,}; the difference is too large to be chance"
            )


def _foreign(
    kind: str, found: abc.Mapping[str, ComponentInfo], marker: str
) -> Iterator[str]:
    for each in found.values():
        if marker not in each.description:
            yield (
                f"the {kind} {each.full_name} exists in the org and was not made by "
                f"this migration (its description does not end with {marker})"
            )


def _foreign_fields(
    names: ComponentNames, found: abc.Mapping[str, ComponentInfo], marker: str
) -> Iterator[str]:
    for name, fields in names.fields.items():
        there = found.get(name)
        if there is None or marker not in there.description:
            continue
        wanted = {field.casefold() for field in fields}
        for field, description in there.fields.items():
            if field.casefold() in wanted and marker not in description:
                yield (
                    f"the field {name}.{field} exists in the org and was not "
                    "made by this migration; rename or remove it, or rename the "
                    "target in mapping.yaml"
                )
