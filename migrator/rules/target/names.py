"""
Names of the new home: always the same for the same describes, never two alike.

The platform compares names without case, allows letters, digits and single
underscores, a letter first and 40 characters before the suffix (Tooling API,
EntityParticle.DeveloperName). Whoever comes first keeps a name: the fixed ones of
earlier decisions, then the customer's own fields, then standard fields, then packaged
ones, and the text siblings of references last.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from migrator.model.limits import MAX_API_NAME, MAX_LABEL, MAX_RELATIONSHIP_NAME
from migrator.model.names import CUSTOM_SUFFIX, ApiName, custom_name

ORIGIN_PREFIX = "Origin_"
"""Starts the names of the copied audit fields; nothing else may use it."""

_HASH_CHARACTERS = 6
_STANDARD_PREFIX = "Standard"
_OWN_PREFIX = "Own"
_QUERY_WORDS = frozenset({"select", "from", "where", "limit"})
"""Developer names that a deployment answers with "reserved word"."""

_LEGAL = re.compile(r"[A-Za-z](?:_?[A-Za-z0-9])*")
_SUFFIXES = {"c", "pc", "s", "x", "e", "b", "mdt", "kav"}


@dataclass(frozen=True, slots=True, kw_only=True)
class NameParts:
    """
    An API name taken apart.
    """

    namespace: str
    """Empty for names of no package."""
    stem: str
    """The developer name, in one piece for parts of a location too."""
    custom: bool


def parts_of(name: ApiName) -> NameParts:
    """
    Return the parts of an object's or field's *name*.

    Besides `__c` this knows person account fields (`__pc`) and the parts of a location
    (`Position__Latitude__s`).
    """
    pieces = name.split("__")
    if len(pieces) == 1 or pieces[-1] not in _SUFFIXES:
        return NameParts(namespace="", stem=name, custom=False)
    stems = pieces[:-1]
    own = 2 if pieces[-1] == "s" else 1
    namespace = stems[0] if len(stems) > own else ""
    stem = "_".join(stems[1:] if namespace else stems)
    return NameParts(namespace=namespace, stem=stem, custom=True)


def is_legal_stem(stem: str) -> bool:
    """
    Return True when the platform accepts *stem* as a developer name.
    """
    return len(stem) <= MAX_API_NAME and _LEGAL.fullmatch(stem) is not None


def is_reserved(stem: str) -> bool:
    """
    Return True for a developer name that the platform keeps for itself.
    """
    return stem.casefold() in _QUERY_WORDS


def fitted(stem: str, key: str, *, longest: int = MAX_API_NAME) -> str:
    """
    *stem* made legal within *longest* characters.

    A name that has to be cut ends in a digest of *key*, so that two long names with
    the same beginning stay apart and stay the same in every run.
    """
    clean = re.sub(r"_+", "_", re.sub(r"[^A-Za-z0-9_]", "_", stem)).strip("_")
    if not clean or not clean[0].isalpha():
        clean = f"X{clean}"
    return clean if len(clean) <= longest else _hashed(clean, key, longest)


def _hashed(stem: str, key: str, longest: int) -> str:
    digest = hashlib.sha256(key.casefold().encode("utf-8")).hexdigest()
    room = longest - _HASH_CHARACTERS - 1
    return f"{stem[:room].rstrip('_')}_{digest[:_HASH_CHARACTERS]}"


def fitted_label(label: str, *, longest: int = MAX_LABEL) -> str:
    """
    *label* within *longest* characters, on one line.
    """
    line = " ".join(label.split())
    return line if len(line) <= longest else line[: longest - 1].rstrip() + "…"


@dataclass(slots=True)
class Names:
    """
    The names given so far in one room: an object's fields, a parent's children.
    """

    longest: int = MAX_API_NAME
    _taken: set[str] = field(default_factory=set)

    def take(self, stem: str) -> None:
        """
        *stem* belongs to somebody.
        """
        self._taken.add(stem.casefold())

    def is_free(self, stem: str) -> bool:
        """
        Return True when nobody has *stem* and the platform would accept it.
        """
        return stem.casefold() not in self._taken and not is_reserved(stem)

    def give(self, wishes: Iterable[str], key: str) -> str:
        """
        Return the first free one of *wishes*, made legal; the last one with a digest of
        *key* when all are taken.
        """
        wish = ""
        for wish in wishes:
            stem = fitted(wish, key, longest=self.longest)
            if self.is_free(stem):
                self.take(stem)
                return stem
        attempt = 0
        while True:
            stem = _hashed(fitted(wish, key), f"{key}#{attempt}", self.longest)
            if self.is_free(stem):
                self.take(stem)
                return stem
            attempt += 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """
    One source field that needs target names.
    """

    source: ApiName
    end: str = ""
    """Ends the target's stem: `Id` when it holds a reference's id as text."""
    siblings: tuple[str, ...] = ()
    """Ends of further fields beside the target: `Id`, `Name`."""
    is_reference: bool = False
    """The `Id` at the end of a standard reference (`ParentId`) is no part of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """
    The names one source field got.
    """

    target: ApiName
    siblings: dict[str, ApiName]
    """By the end that was wished for."""
    renamed: bool
    """True when the plain name was taken or cannot be used."""


def field_names(
    wishes: Sequence[Wish], *, fixed: Iterable[ApiName] = ()
) -> dict[ApiName, Given]:
    """
    Target names for the source fields of one object.

    *fixed* are target fields of decisions that stand already: nobody else gets those.
    """
    names = Names()
    for name in fixed:
        names.take(name.removesuffix(CUSTOM_SUFFIX))
    main = {
        wish.source: names.give(_wanted(wish), wish.source)
        for wish in sorted(wishes, key=lambda each: _rank(each.source))
    }
    return {
        wish.source: Given(
            target=custom_name(main[wish.source]),
            siblings=_siblings(wish, main[wish.source], names),
            renamed=main[wish.source].casefold() != _plain(wish).casefold(),
        )
        for wish in wishes
    }


def _rank(source: ApiName) -> int:
    parts = parts_of(source)
    return (2 if parts.namespace else 0) if parts.custom else 1


def _wanted(wish: Wish) -> tuple[str, ...]:
    """
    Return the stems that would do, the best first.
    """
    parts = parts_of(wish.source)
    prefix = parts.namespace or (_OWN_PREFIX if parts.custom else _STANDARD_PREFIX)
    plain = _plain(wish)
    other = _with_end(f"{prefix}_{_own_stem(wish)}", wish.end, wish.source)
    reserved = plain.casefold().startswith(ORIGIN_PREFIX.casefold())
    return (other,) if reserved else (plain, other)


def _plain(wish: Wish) -> str:
    return _with_end(_own_stem(wish), wish.end, wish.source)


def _own_stem(wish: Wish) -> str:
    parts = parts_of(wish.source)
    shortens = wish.is_reference and not parts.custom
    return parts.stem.removesuffix("Id") if shortens else parts.stem


def _with_end(stem: str, end: str, key: str) -> str:
    if not end:
        return fitted(stem, key)
    return f"{fitted(stem, key, longest=MAX_API_NAME - len(end) - 1)}_{end}"


def _siblings(wish: Wish, stem: str, names: Names) -> dict[str, ApiName]:
    base = stem.removesuffix(f"_{wish.end}") if wish.end else stem
    made = {}
    for end in wish.siblings:
        key = f"{wish.source}.{end}"
        made[end] = custom_name(names.give((_with_end(base, end, key),), key))
    return made


def object_names(
    sources: Sequence[ApiName],
    *,
    prefix: str,
    always_prefix: bool = False,
    taken: Iterable[ApiName] = (),
) -> dict[ApiName, ApiName]:
    """
    Target objects for *sources*: the plain name, or one with *prefix*.

    A name is taken when the org has it (*taken*) or when it is that of a source
    object, for instance a customer's own one.
    """
    names = Names()
    for name in (*taken, *sources):
        if not parts_of(name).namespace and parts_of(name).custom:
            names.take(name.removesuffix(CUSTOM_SUFFIX))
    given = {}
    for source in sources:
        stem = parts_of(source).stem
        prefixed = f"{prefix}_{stem}"
        wishes = (prefixed,) if always_prefix else (stem, prefixed)
        given[source] = custom_name(names.give(wishes, source))
    return given


def relationship_names(
    children: Iterable[tuple[ApiName, ApiName, ApiName]],
    *,
    taken: Iterable[tuple[ApiName, str]] = (),
    fixed: Iterable[tuple[ApiName, str]] = (),
) -> dict[tuple[ApiName, ApiName], str]:
    """
    Return a child relationship name for each (parent, target object, target field).

    It is unique on its parent among all *children*, those *taken* there already and
    the *fixed* ones of earlier decisions, and made from object and field: a name made
    from the field alone meets that of a deleted object sooner or later.
    """
    rooms: dict[str, Names] = {}

    def room(parent: ApiName) -> Names:
        return rooms.setdefault(parent.casefold(), Names(longest=MAX_RELATIONSHIP_NAME))

    for parent, name in (*taken, *fixed):
        room(parent).take(name.removesuffix("__r"))
    given = {}
    for parent, child, field_name in children:
        wish = f"{parts_of(child).stem}_{parts_of(field_name).stem}"
        key = f"{child}.{field_name}"
        given[child, field_name] = room(parent).give((wish,), key)
    return given
