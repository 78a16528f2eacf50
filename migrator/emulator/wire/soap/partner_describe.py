"""
Describe results of the partner API, element by element in the order of its WSDL.

The values are those of the REST describe. `~` marks an element that is sent as nil
instead of left out, `+` one that came after API 31.0: a client made from an old WSDL
does not know it. Which release after 31.0 brought it was not looked up [K].
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from migrator.emulator.wire.soap.envelope import NIL, element

if TYPE_CHECKING:
    from collections.abc import Iterable

_OLD: Final = 31


def _names(text: str) -> tuple[str, ...]:
    return tuple(text.split())


_GLOBAL: Final = _names(
    "activateable createable custom customSetting +deepCloneable deletable "
    "deprecatedAndHidden feedEnabled +hasSubtypes +idEnabled +isInterface +isSubtype "
    "~keyPrefix label labelPlural layoutable mergeable +mruEnabled name queryable "
    "replicateable retrieveable searchable triggerable undeletable updateable"
)
_OBJECT: Final = _names(
    "+actionOverrides activateable childRelationships compactLayoutable createable "
    "custom customSetting +deepCloneable +defaultImplementation deletable "
    "deprecatedAndHidden feedEnabled fields +hasSubtypes +idEnabled +implementedBy "
    "+implementsInterfaces +isInterface +isSubtype ~keyPrefix label labelPlural "
    "layoutable mergeable +mruEnabled name +namedLayoutInfos +networkScopeFieldName "
    "queryable recordTypeInfos replicateable retrieveable searchLayoutable searchable "
    "+supportedScopes triggerable undeletable updateable ~urlDetail ~urlEdit ~urlNew"
)
_INNER: Final = {
    "childRelationships": _names(
        "cascadeDelete childSObject deprecatedAndHidden field +junctionIdListNames "
        "+junctionReferenceTo relationshipName restrictedDelete"
    ),
    "fields": _names(
        "+aggregatable +aiPredictionField autoNumber byteLength calculated "
        "calculatedFormula cascadeDelete caseSensitive +compoundFieldName "
        "controllerName createable custom +defaultValue defaultValueFormula "
        "defaultedOnCreate dependentPicklist deprecatedAndHidden digits "
        "displayLocationInDecimal +encrypted externalId +extraTypeInfo filterable "
        "+filteredLookupInfo +formulaTreatNullNumberAsZero groupable "
        "+highScaleNumber htmlFormatted idLookup inlineHelpText label length +mask "
        "+maskType name nameField namePointing nillable permissionable "
        "picklistValues +polymorphicForeignKey precision +queryByDistance "
        "+referenceTargetField referenceTo relationshipName relationshipOrder "
        "restrictedDelete restrictedPicklist scale +searchPrefilterable soapType "
        "sortable type unique updateable writeRequiresMasterRead"
    ),
    "filteredLookupInfo": _names("controllingFields dependent optionalFilter"),
    "namedLayoutInfos": _names("name"),
    "picklistValues": _names("active defaultValue ~label validFor value"),
    "recordTypeInfos": _names(
        "+active available defaultRecordTypeMapping +developerName +master name "
        "~recordTypeId"
    ),
    "supportedScopes": _names("label name"),
}
# Not in the REST describe, and true for all that is emulated here.
_ALWAYS: Final = {"idEnabled": True}
# REST says these of every field, SOAP only where they are true.
_WHEN_TRUE: Final = frozenset(
    _names(
        "cascadeDelete dependentPicklist displayLocationInDecimal encrypted "
        "externalId formulaTreatNullNumberAsZero highScaleNumber htmlFormatted "
        "namePointing restrictedDelete writeRequiresMasterRead"
    )
)


def describe_result(described: dict[str, Any], version: int) -> str:
    """
    Write the inside of a DescribeSObjectResult, from the REST describe of an object.
    """
    urls = described["urls"]
    addresses = {
        "urlDetail": urls["uiDetailTemplate"],
        "urlEdit": urls["uiEditTemplate"],
        "urlNew": urls["uiNewRecord"],
    }
    return _inside(_OBJECT, described | addresses | _ALWAYS, version)


def describe_global_result(briefs: Iterable[dict[str, Any]], version: int) -> str:
    """
    Write the inside of a DescribeGlobalResult, from the entries of REST.
    """
    entries = (
        f"<sobjects>{_inside(_GLOBAL, each | _ALWAYS, version)}</sobjects>"
        for each in briefs
    )
    head = element("encoding", "UTF-8") + element("maxBatchSize", 200)
    return head + "".join(entries)


def _inside(names: Iterable[str], values: dict[str, Any], version: int) -> str:
    return "".join(
        _one(name.lstrip("+~"), values, version, is_nillable=name.startswith("~"))
        for name in names
        if version > _OLD or not name.startswith("+")
    )


def _one(name: str, values: dict[str, Any], version: int, *, is_nillable: bool) -> str:
    value = values.get(name)
    if value is None and is_nillable:
        return element(name, NIL)
    if value is False and name in _WHEN_TRUE and "soapType" in values:
        return ""
    if name == "defaultValue" and "soapType" in values:
        return _default(value)
    entries: list[Any] = value if isinstance(value, list) else [value]
    if entries and isinstance(entries[0], dict):
        names = _INNER.get(name, tuple(entries[0]))
        return "".join(
            f"<{name}>{_inside(names, each, version)}</{name}>" for each in entries
        )
    return element(name, value)


def _default(value: object) -> str:
    """
    Write a default of any type, which says its type (only checkboxes have one here).
    """
    if not isinstance(value, bool):
        return ""
    shown = str(value).lower()
    return f'<defaultValue xsi:type="xsd:boolean">{shown}</defaultValue>'
