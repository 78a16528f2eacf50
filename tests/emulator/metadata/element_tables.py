"""
The element tables of the local org, made out of Salesforce's Metadata API schema.

    python -m tests.emulator.metadata.element_tables

rewrites `migrator/emulator/metadata/element_tables.txt`. The schema is that of 63.0,
which simple-salesforce installs; what later versions added stands here by hand, and is
held against the schema of 66.0 where that lies beside the checkout.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from typing import Final

from lxml import etree

from migrator.emulator.metadata import element_tables
from migrator.emulator.metadata.package import CHILDREN, FOLDERS
from tests.metadata_schema import XSD, installed_tree

PAGE: Final = element_tables.PAGE
_HEAD: Final = """\
# The metadata types that the local org accepts, element by element, and their enums.
# Made by `python -m tests.emulator.metadata.element_tables`; do not edit.
"""
# What a component consists of, as far as the org looks into it; the rest is `any`.
PARTS: Final = (
    *("AppBrand", "AppPreferences", "CustomFieldTranslation", "CustomValue"),
    *("DataspaceScopeAccess", "FilterItem", "LayoutColumn", "LayoutItem"),
    *("LayoutSection", "ListViewFilter", "ObjectNameCaseValue", "PackageTypeMembers"),
    *("PermissionSetAgentAccess", "PermissionSetApexClassAccess"),
    *("PermissionSetApexPageAccess", "PermissionSetApplicationVisibility"),
    *("PermissionSetCustomMetadataTypeAccess", "PermissionSetCustomPermissions"),
    *("PermissionSetCustomSettingAccess", "PermissionSetEmailRoutingAddressAccess"),
    "PermissionSetExternalCredentialPrincipalAccess",
    *("PermissionSetExternalDataSourceAccess", "PermissionSetFieldPermissions"),
    *("PermissionSetFlowAccess", "PermissionSetGenComputingSummaryDefAccess"),
    *("PermissionSetObjectPermissions", "PermissionSetRecordTypeVisibility"),
    *("PermissionSetServicePresenceStatusAccess", "PermissionSetTabSetting"),
    *("PermissionSetUserPermission", "ValueSet", "ValueSetValuesDefinition"),
    "ValueSettings",
)
# Added after 63.0, in the form of the page.
NEWER_TYPES: Final = {
    "CustomApplication": "tabSetType",
    "CustomField": (
        "displayLocationInDecimal:boolean picklist:any readOnlyProxy:boolean"
    ),
    "CustomObject": "externalIndexAvailable:boolean",
    "DataspaceScopeAccess": (
        "customizeActivationDefinitions:boolean customizeAllDefinitions:boolean "
        "customizeCalculatedInsightDefinitions:boolean "
        "customizeDataActionDefinitions:boolean "
        "customizeDataApplicationDefinitions!:boolean "
        "customizeDataObjSecondaryIndexDefinitions!:boolean "
        "customizeDataShareDefinitions!:boolean "
        "customizeFTestDataspaceScopedDefinition!:boolean "
        "customizeIdentityResolutionDefinitions:boolean "
        "customizeMLPredictionDefinitions!:boolean "
        "customizeSegmentationDefinitions:boolean "
        "customizeSemanticSearchDefinitions!:boolean dataAccessLevel dataspaceScope! "
        "objectAccessLevel viewActivationDefinitions:boolean "
        "viewCalculatedInsightDefinitions:boolean viewDataActionDefinitions:boolean "
        "viewDataApplicationDefinitions!:boolean "
        "viewDataObjSecondaryIndexDefinitions!:boolean "
        "viewDataShareDefinitions!:boolean "
        "viewFTestDataspaceScopedDefinition!:boolean "
        "viewIdentityResolutionDefinitions:boolean "
        "viewMLPredictionDefinitions!:boolean viewSegmentationDefinitions:boolean "
        "viewSemanticSearchDefinitions!:boolean"
    ),
    "PermissionSet": (
        "agentAccesses*:PermissionSetAgentAccess dataspaceScopes*:DataspaceScopeAccess "
        "genComputingSummaryDefAccesses*:PermissionSetGenComputingSummaryDefAccess "
        "servicePresenceStatusAccesses*:PermissionSetServicePresenceStatusAccess"
    ),
    "PermissionSetAgentAccess": "agentName! enabled!:boolean",
    "PermissionSetGenComputingSummaryDefAccess": "configName! enabled!:boolean",
    "PermissionSetObjectPermissions": (
        "customizeSetup:boolean deleteSetup:boolean viewSetup:boolean"
    ),
    "PermissionSetServicePresenceStatusAccess": (
        "enabled!:boolean servicePresenceStatus!"
    ),
    "ValidationRule": "shouldEvaluateOnClient:boolean",
}
NEWER_VALUES: Final = {"ElementType": "Text", "FieldType": "Integer Long"}


def types() -> list[str]:
    """
    The complex types of the page: components, then their parts, by name.
    """
    components = {kind for _, kind in FOLDERS.values()} | set(CHILDREN.values())
    return [*sorted({*components, "Package"}), *sorted(PARTS)]


def elements(tree: etree._Element, name: str) -> Iterator[str]:
    """
    One word an element of the type *name* in the schema *tree*; none for a newer type.
    """
    node = tree.find(f"{{{XSD}}}complexType[@name='{name}']")
    if node is None:
        return
    extension = node.find(f".//{{{XSD}}}extension")
    if extension is not None:
        yield from elements(tree, extension.get("base", "").rpartition(":")[2])
    for each in node.iter(f"{{{XSD}}}element"):
        repeats = "*" if each.get("maxOccurs") == "unbounded" else ""
        required = "" if each.get("minOccurs") == "0" else "!"
        kind = _kind(tree, each.get("type", ""))
        yield f"{each.get('name')}{repeats}{required}{kind}"


def _kind(tree: etree._Element, type_name: str) -> str:
    prefix, _, name = type_name.partition(":")
    if name == "string":
        return ""
    is_known = prefix == "xsd" or name in types() or values(tree, name)
    return f":{name}" if is_known else ":any"


def values(tree: etree._Element, name: str) -> list[str]:
    """
    The values of the enum *name*, empty when it is none.
    """
    node = tree.find(f"{{{XSD}}}simpleType[@name='{name}']")
    found = node.iter(f"{{{XSD}}}enumeration") if node is not None else ()
    return [each.get("value", "") for each in found]


def tables() -> tuple[dict[str, list[str]], dict[str, list[str]]]:
    """
    The words of each type and of each enum that they name.
    """
    tree = installed_tree()
    made = {
        name: [*elements(tree, name), *NEWER_TYPES.get(name, "").split()]
        for name in types()
    }
    named = {word.partition(":")[2] for words in made.values() for word in words}
    enums = {
        name: [*values(tree, name), *NEWER_VALUES.get(name, "").split()]
        for name in sorted(named)
        if values(tree, name)
    }
    return made, enums


def page() -> str:
    """
    The text of the page.
    """
    made, enums = tables()
    entries = [("type", *each) for each in made.items()]
    entries += [("enum", *each) for each in enums.items()]
    return _HEAD + "".join(
        f"\n{kind} {name}\n{_filled(words)}\n" for kind, name, words in entries
    )


def _filled(words: list[str]) -> str:
    return textwrap.fill(
        " ".join(words),
        width=96,
        initial_indent="  ",
        subsequent_indent="  ",
        break_long_words=False,
        break_on_hyphens=False,
    )


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
