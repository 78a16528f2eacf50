"""
The standard objects that every org has, as far as this emulator needs them.

Object Reference for the Salesforce Platform, one section per object.
"""

from __future__ import annotations

from collections.abc import Iterator

from migrator.emulator.schema.schema import (
    ANY_OBJECT,
    ChildRelationship,
    FieldDef,
    ObjectDef,
    PicklistValue,
)
from migrator.emulator.schema.system_fields import system_fields

USER_PERMISSIONS = (
    "ViewAllData",
    "ModifyAllData",
    "ModifyMetadata",
    "CustomizeApplication",
    "AssignPermissionSets",
    "ManageProfilesPermissionsets",
    "ApiEnabled",
    "ViewSetup",
    "ViewEncryptedData",
    "QueryAllFiles",
    "CreateAuditFields",
    "UpdateWithInactiveOwners",
    "BulkApiHardDelete",
)

# name, key prefix, "field:type[:length or parent][!]"; `!` marks a required field,
# `*` one that no API writes.
_SETUP = (
    (
        "Organization",
        "00D",
        (
            "Name:string:80* OrganizationType:picklist:40* IsSandbox:boolean* "
            "InstanceName:string:5* NamespacePrefix:string:15* "
            "TrialExpirationDate:datetime* "
            "DefaultLocaleSidKey:string:40* LanguageLocaleKey:picklist:40* "
            "TimeZoneSidKey:string:40* PrimaryContact:string:80* Country:string:80* "
            "IsReadOnly:boolean*"
        ),
    ),
    (
        "User",
        "005",
        (
            "Username:string:80* Name:string:121* LastName:string:80* "
            "FirstName:string:40* "
            "Email:email:80* Alias:string:8* IsActive:boolean* ProfileId:Profile* "
            "UserType:picklist:40* TimeZoneSidKey:string:40* LocaleSidKey:string:40* "
            "LanguageLocaleKey:picklist:40* CurrencyIsoCode:picklist:3* "
            "DefaultCurrencyIsoCode:picklist:3*"
        ),
    ),
    (
        "Profile",
        "00e",
        "Name:string:255* UserType:picklist:40* Description:string:255*",
    ),
    ("Group", "00G", "Name:string:40* DeveloperName:string:80* Type:picklist:40*"),
    (
        "PermissionSet",
        "0PS",
        (
            "Name:string:80! Label:string:80! Description:string:255 "
            "ProfileId:Profile* "
            "IsOwnedByProfile:boolean* IsCustom:boolean* NamespacePrefix:string:15* "
            "Type:picklist:40* HasActivationRequired:boolean "
            + " ".join(f"Permissions{name}:boolean" for name in USER_PERMISSIONS)
        ),
    ),
    (
        "PermissionSetAssignment",
        "0Pa",
        (
            "PermissionSetId:PermissionSet! AssigneeId:User! ExpirationDate:datetime "
            "IsActive:boolean*"
        ),
    ),
    (
        "ObjectPermissions",
        "110",
        (
            "ParentId:PermissionSet! SobjectType:picklist:40! "
            "PermissionsCreate:boolean "
            "PermissionsRead:boolean PermissionsEdit:boolean PermissionsDelete:boolean "
            "PermissionsViewAllRecords:boolean PermissionsModifyAllRecords:boolean "
            "PermissionsViewAllFields:boolean"
        ),
    ),
    (
        "FieldPermissions",
        "01k",
        (
            "ParentId:PermissionSet! SobjectType:picklist:40! Field:picklist:255! "
            "PermissionsEdit:boolean PermissionsRead:boolean"
        ),
    ),
    (
        "CurrencyType",
        "01L",
        (
            "IsoCode:picklist:3* ConversionRate:double* DecimalPlaces:int* "
            "IsActive:boolean* IsCorporate:boolean*"
        ),
    ),
    (
        "RecordType",
        "012",
        (
            "Name:string:80* DeveloperName:string:80* NamespacePrefix:string:15* "
            "SobjectType:picklist:40* IsActive:boolean* Description:string:255*"
        ),
    ),
    (
        "PackageLicense",
        "050",
        (
            "Status:picklist:40* IsProvisioned:boolean* AllowedLicenses:int* "
            "UsedLicenses:int* ExpirationDate:datetime* NamespacePrefix:string:15*"
        ),
    ),
    (
        "UserPackageLicense",
        "051",
        "PackageLicenseId:PackageLicense! UserId:User!",
    ),
    (
        "ContentDocument",
        "069",
        (
            "Title:string:255 OwnerId:User* LatestPublishedVersionId:ContentVersion* "
            "FileExtension:string:40* FileType:string:20* ContentSize:int* "
            "Description:textarea:1000"
        ),
    ),
    (
        "ContentVersion",
        "068",
        (
            "ContentDocumentId:ContentDocument Title:string:255 "
            "PathOnClient:string:500 VersionData:base64 Description:textarea:1000 "
            "FirstPublishLocationId:ANY OwnerId:User IsLatest:boolean* "
            "VersionNumber:string:20* FileExtension:string:40* FileType:string:20* "
            "ContentSize:int* Checksum:string:50*"
        ),
    ),
    (
        "ContentDocumentLink",
        "06A",
        (
            "ContentDocumentId:ContentDocument! LinkedEntityId:ANY! "
            "ShareType:string:40 Visibility:string:40"
        ),
    ),
    (
        "Attachment",
        "00P",
        (
            "ParentId:ANY! Name:string:255! Body:base64! BodyLength:int* "
            "ContentType:string:120 Description:textarea:500 IsPrivate:boolean "
            "OwnerId:User"
        ),
    ),
)
# What parents call these children.
_CHILDREN = {
    "Attachment.ParentId": "Attachments",
    "ContentDocumentLink.ContentDocumentId": "ContentDocumentLinks",
    "ContentDocumentLink.LinkedEntityId": "ContentDocumentLinks",
    "ContentVersion.ContentDocumentId": "ContentVersions",
    "FieldPermissions.ParentId": "FieldPerms",
    "ObjectPermissions.ParentId": "ObjectPerms",
    "PermissionSetAssignment.AssigneeId": "PermissionSetAssignments",
    "PermissionSetAssignment.PermissionSetId": "Assignments",
}
_BUSINESS = (
    (
        "Account",
        "001",
        (
            "Name:string:255! AccountNumber:string:40 Phone:phone:40 Website:url:255 "
            "Description:textarea:32000 AnnualRevenue:currency NumberOfEmployees:int "
            "ParentId:Account BillingCity:string:40 BillingCountry:string:80"
        ),
    ),
    (
        "Contact",
        "003",
        (
            "LastName:string:80! FirstName:string:40 Name:string:121* Email:email:80 "
            "AccountId:Account Phone:phone:40"
        ),
    ),
)
# Children that are no objects of this org, but stand in every describe.
_LOADED_CHILDREN = {
    "Organization": (
        ChildRelationship(
            child="AttachedContentDocument",
            field="LinkedEntityId",
            relationship_name="AttachedContentDocuments",
            cascade_delete=True,
        ),
    )
}
_LANGUAGES = {"de": "German", "en_US": "English", "fr": "French"}
_NO_DELETE = frozenset(
    [
        "Organization",
        "User",
        "Profile",
        "CurrencyType",
        "RecordType",
        "PackageLicense",
        "Group",
    ]
)
_IMMUTABLE = frozenset(
    [
        "PermissionSetAssignment.PermissionSetId",
        "PermissionSetAssignment.AssigneeId",
        "ObjectPermissions.ParentId",
        "ObjectPermissions.SobjectType",
        "FieldPermissions.ParentId",
        "FieldPermissions.SobjectType",
        "FieldPermissions.Field",
        "ContentDocumentLink.ContentDocumentId",
        "ContentDocumentLink.LinkedEntityId",
        "ContentVersion.ContentDocumentId",
        "ContentVersion.FirstPublishLocationId",
        "Attachment.ParentId",
    ]
)


def standard_objects() -> Iterator[ObjectDef]:
    """
    Yield the setup objects and the least of Account and Contact.
    """
    for name, prefix, spec in _SETUP:
        yield _object(name, prefix, spec, setup=True)
    for name, prefix, spec in _BUSINESS:
        yield _object(name, prefix, spec, setup=False)


def _object(name: str, prefix: str, spec: str, *, setup: bool) -> ObjectDef:
    own = [_field(name, each) for each in spec.split()]
    named = {each.name for each in own}
    system = [each for each in system_fields(owned=not setup) if each.name not in named]
    deletable = name not in _NO_DELETE
    return ObjectDef(
        name=name,
        label=name,
        label_plural=f"{name}s",
        key_prefix=prefix,
        fields=(system[0], *own, *system[1:]),
        custom=False,
        sharing_model="ReadWrite",
        setup=setup,
        child_relationships=_LOADED_CHILDREN.get(name, ()),
        createable=deletable,
        updateable=deletable,
        deletable=deletable,
    )


def _field(owner: str, spec: str) -> FieldDef:
    """
    Make the field in `Name:type:length`; a capitalised type is the parent's name.
    """
    fixed, required = spec.endswith("*"), spec.endswith("!")
    name, kind, *length = spec.rstrip("*!").split(":")
    is_reference = kind[0].isupper()
    updateable = not fixed and f"{owner}.{name}" not in _IMMUTABLE
    parent = ANY_OBJECT if kind == "ANY" else kind
    child_name = _CHILDREN.get(f"{owner}.{name}")
    return FieldDef(
        name=name,
        label=name.removesuffix("Id") + " ID" if is_reference else name,
        type="reference" if is_reference else kind,
        length=18 if is_reference else int(length[0]) if length else 0,
        precision=18 if kind in {"double", "currency"} else 0,
        scale=6 if kind == "double" else 2 if kind == "currency" else 0,
        nillable=not required and kind != "boolean",
        createable=not fixed,
        updateable=updateable,
        permissionable=False,
        custom=False,
        name_field=name == "Name",
        id_lookup=name in {"Name", "Email"} and owner in {"Account", "Contact"},
        picklist_values=_values(name),
        reference_to=(parent,) if is_reference else (),
        relationship_name=name.removesuffix("Id") if is_reference else None,
        child_relationship_name=child_name,
        delete_constraint="Cascade"
        if is_reference and (kind == "PermissionSet" or child_name)
        else "SetNull",
    )


def _values(field_name: str) -> tuple[PicklistValue, ...]:
    if field_name != "LanguageLocaleKey":
        return ()
    return tuple(PicklistValue(value=key, label=_LANGUAGES[key]) for key in _LANGUAGES)
