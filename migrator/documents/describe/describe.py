"""
sObject describes as Salesforce's JSON, read into the model.

The shape is that of the REST resource `sobjects/<name>/describe`. Only `fields` has to
be there, and of a field only its name and type; what else is missing gets the
platform's default and a finding. A wrong shape is never guessed around.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import Any, TypeVar

from migrator.documents.json_text import read_json
from migrator.errors import DescribeError
from migrator.model.codes import describe as codes
from migrator.model.describe import (
    ChildRelationship,
    FieldDescribe,
    ObjectDescribe,
    PicklistValue,
)
from migrator.model.finding import Finding
from migrator.model.kinds.described import DESCRIBED
from migrator.model.kinds.row import Family
from migrator.model.names import ApiName, is_custom

_API_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_HINT = "make the file again with `migrator describe --org ORG`"
_Value = TypeVar("_Value", bool, int, str)
_WORDS = {bool: "true or false", int: "a whole number", str: "text", list: "a list"}


def parse_describe(
    text: str, *, file: str
) -> tuple[ObjectDescribe, tuple[Finding, ...]]:
    """
    Return the describe in *text*, and what it left out; *file* names it in messages.

    Raises DescribeError, naming the place and what was expected there.
    """
    content = read_json(text, file=file, hint=_HINT)
    if not isinstance(content, dict):
        raise DescribeError(
            f"{file}: expected one JSON object with a list called fields", hint=_HINT
        )
    document = _Part(file=file, place="", content=content)
    return _object(document, PurePath(file).stem)


def lists_objects(text: str, *, file: str) -> bool:
    """
    Return True for the answer of the resource `sobjects`, which lists objects and
    describes none; people keep it beside the describes.
    """
    if '"sobjects"' not in text:
        return False
    content = read_json(text, file=file, hint=_HINT)
    return isinstance(content, dict) and "fields" not in content


def _object(document: _Part, stem: str) -> tuple[ObjectDescribe, tuple[Finding, ...]]:
    missing: Counter[str] = Counter()
    fields = tuple(
        _field(part.counting(missing)) for part in document.parts("fields", needed=True)
    )
    if not fields:
        document.fail("fields", "expected at least one field")
    _refuse_duplicates(document, fields)
    name = document.api_name("name", stem)
    label = document.get("label", str, default=str(name))
    describe = ObjectDescribe(
        name=name,
        label=label,
        plural_label=document.get("labelPlural", str, default=label),
        custom=document.get("custom", bool, default=is_custom(name)),
        fields=fields,
        key_prefix=document.optional("keyPrefix"),
        custom_setting=document.get("customSetting", bool, default=False),
        child_relationships=tuple(
            _child(part) for part in document.parts("childRelationships")
        ),
    )
    return describe, _incomplete(describe, document, missing)


def _field(part: _Part) -> FieldDescribe:
    name = part.api_name("name")
    type_word = part.required("type")
    part = part.named(name)
    if type_word not in DESCRIBED:
        part.fail("type", f"{type_word!r} is no field type that this version knows")
    return FieldDescribe(
        name=name,
        type=type_word,
        label=part.expected("label", str, default=str(name)),
        custom=part.get("custom", bool, default=is_custom(name)),
        length=part.expected("length", int, default=0),
        precision=part.expected("precision", int, default=0),
        scale=part.expected("scale", int, default=0),
        digits=part.get("digits", int, default=0),
        nillable=part.expected("nillable", bool, default=True),
        createable=part.expected("createable", bool, default=True),
        updateable=part.expected("updateable", bool, default=True),
        permissionable=part.get("permissionable", bool, default=True),
        calculated=part.expected("calculated", bool, default=False),
        calculated_formula=part.optional("calculatedFormula"),
        auto_number=part.expected("autoNumber", bool, default=False),
        name_field=part.expected("nameField", bool, default=name == "Name"),
        unique=part.expected("unique", bool, default=False),
        external_id=part.get("externalId", bool, default=False),
        case_sensitive=part.get("caseSensitive", bool, default=False),
        html_formatted=part.get("htmlFormatted", bool, default=False),
        extra_type_info=part.optional("extraTypeInfo"),
        help_text=part.optional("inlineHelpText"),
        reference_to=tuple(ApiName(each) for each in part.texts("referenceTo")),
        relationship_name=part.optional("relationshipName"),
        relationship_order=part.get("relationshipOrder", int, default=None),
        cascade_delete=part.get("cascadeDelete", bool, default=False),
        restricted_delete=part.get("restrictedDelete", bool, default=False),
        picklist_values=tuple(_value(each) for each in part.parts("picklistValues")),
        restricted_picklist=part.get("restrictedPicklist", bool, default=False),
        controller=_controller(part),
        high_scale=part.get("highScaleNumber", bool, default=False),
        filtered=not part.lacks("filteredLookupInfo"),
        compound_field=_compound(part, name),
        visible_lines=_visible_lines(part, type_word),
        shown_in_decimal=part.get("displayLocationInDecimal", bool, default=False),
        mask=part.optional("mask") or "",
        mask_type=part.optional("maskType") or "",
    )


def _visible_lines(part: _Part, type_word: str) -> int:
    """
    Of a multi-select picklist the describe gives them as its precision.
    """
    is_list = DESCRIBED[type_word].family is Family.MULTISELECT
    found: int = part.get("precision", int, default=0) if is_list else 0
    return found


def _controller(part: _Part) -> ApiName | None:
    found = part.optional("controllerName")
    return ApiName(found) if found else None


def _compound(part: _Part, name: ApiName) -> ApiName | None:
    """
    Return the compound field that a field is part of; a compound is no part of itself.
    """
    found = part.optional("compoundFieldName")
    return ApiName(found) if found and found != name else None


def _value(part: _Part) -> PicklistValue:
    value = part.required("value")
    return PicklistValue(
        value=value,
        label=part.get("label", str, default=value),
        active=part.get("active", bool, default=True),
        valid_for=part.optional("validFor") or "",
    )


def _child(part: _Part) -> ChildRelationship:
    return ChildRelationship(
        child=part.api_name("childSObject"),
        field=part.api_name("field"),
        name=part.optional("relationshipName"),
    )


def _refuse_duplicates(document: _Part, fields: tuple[FieldDescribe, ...]) -> None:
    seen: set[str] = set()
    for position, each in enumerate(fields):
        if each.name.casefold() in seen:
            document.fail(
                f"fields[{position}].name", f"the field {each.name} stands here twice"
            )
        seen.add(each.name.casefold())


def _incomplete(
    describe: ObjectDescribe, document: _Part, missing: Counter[str]
) -> tuple[Finding, ...]:
    """
    One finding for each attribute that some field, or the object, lacks.
    """
    found = [
        codes.DESCRIBE_INCOMPLETE(key=key, count=count, fields=len(describe.fields))
        for key, count in sorted(missing.items())
    ]
    absent = [key for key in ("name", "label", "labelPlural") if document.lacks(key)]
    if absent:
        found.append(codes.DESCRIBE_WITHOUT_NAME(keys=", ".join(absent)))
    return tuple(each.at(describe.name) for each in found)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Part:
    """
    One JSON object of the file, which knows where it stands.
    """

    file: str
    place: str
    content: dict[str, Any]
    missing: Counter[str] = field(default_factory=Counter)

    def fail(self, key: str, problem: str) -> None:
        """
        Raise DescribeError for *key*.
        """
        raise DescribeError(f"{self._where(key)}: {problem}", hint=_HINT)

    def named(self, name: str) -> _Part:
        return _Part(
            file=self.file,
            place=f"{self.place} ({name})",
            content=self.content,
            missing=self.missing,
        )

    def counting(self, missing: Counter[str]) -> _Part:
        return _Part(
            file=self.file, place=self.place, content=self.content, missing=missing
        )

    def lacks(self, key: str) -> bool:
        return self.content.get(key) is None

    def get(self, key: str, kind: type[_Value], *, default: Any) -> Any:
        """
        Return the value of *key*, of exactly the type *kind*; *default* for null or
        nothing.
        """
        value = self.content.get(key)
        if value is None:
            return default
        # bool is a kind of int for Python, but not for JSON.
        if not isinstance(value, kind) or isinstance(value, bool) is not (kind is bool):
            self._expected(key, kind, value)
        return value

    def expected(self, key: str, kind: type[_Value], *, default: _Value) -> Any:
        """
        As `get`, and counted when it is missing.
        """
        if self.lacks(key):
            self.missing[key] += 1
        return self.get(key, kind, default=default)

    def required(self, key: str) -> str:
        """
        Return the text of *key*, which has to be there.
        """
        found: str = self.get(key, str, default="")
        if self.lacks(key):
            self.fail(key, "is missing; expected text")
        return found

    def api_name(self, key: str, default: str = "") -> ApiName:
        """
        Return the API name under *key*; *default* where none is given.

        Names become file names and XML, so nothing but a name passes.
        """
        found: str = self.get(key, str, default=default)
        if not _API_NAME.fullmatch(found):
            self.fail(
                key, "expected an API name: a letter, then letters, digits, underscores"
            )
        return ApiName(found)

    def optional(self, key: str) -> str | None:
        """
        Return the text of *key*, None when there is none.
        """
        found: str | None = self.get(key, str, default=None)
        return found

    def texts(self, key: str) -> tuple[str, ...]:
        """
        Return the list of texts under *key*.
        """
        items = self._list(key)
        for position, each in enumerate(items):
            if not isinstance(each, str):
                self._expected(f"{key}[{position}]", str, each)
        return tuple(items)

    def parts(self, key: str, *, needed: bool = False) -> tuple[_Part, ...]:
        """
        Return the list of JSON objects under *key*.
        """
        if needed and self.lacks(key):
            self.fail(key, "is missing; a describe has a list of fields")
        made = []
        for position, each in enumerate(self._list(key)):
            if not isinstance(each, dict):
                self.fail(
                    f"{key}[{position}]", f"expected an object, not {_kind(each)}"
                )
            place = ".".join(filter(None, (self.place, f"{key}[{position}]")))
            made.append(_Part(file=self.file, place=place, content=each))
        return tuple(made)

    def _list(self, key: str) -> list[Any]:
        value = self.content.get(key)
        if value is None:
            return []
        if not isinstance(value, list):
            self._expected(key, list, value)
        found: list[Any] = value
        return found

    def _expected(self, key: str, kind: type, value: object) -> None:
        self.fail(key, f"expected {_WORDS[kind]}, not {_kind(value)}")

    def _where(self, key: str) -> str:
        return f"{self.file}: " + ".".join(filter(None, (self.place, key)))


def _kind(value: object) -> str:
    if isinstance(value, bool):
        return "true or false"
    if isinstance(value, dict):
        return "an object"
    if isinstance(value, list):
        return "a list"
    return "text" if isinstance(value, str) else "a number" if value else "nothing"
