"""
What orgs really said to deployments they refused, by the code of our table.
"""

from __future__ import annotations

SENTENCES: dict[str, str] = {
    "text-area-length": "Can not specify 'length' for a CustomField of type TextArea",
    "required-not-allowed": "Can not specify 'required' for a CustomField of type Html",
    "checkbox-required": "Can not specify 'required' for a CustomField of type "
    "Checkbox",
    "master-detail-constraint": "Can not specify 'deleteConstraint' for a CustomField "
    "of type MasterDetail",
    "master-detail-required": "Master-Detail Relationship Fields Cannot be Optional or "
    "Required",
    "lookup-filter": "Lookup filters are only supported on Lookup Relationship Fields",
    "lookup-order": "Can not specify 'relationshipOrder' for a CustomField of type "
    "Lookup",
    "summary-digits": "Can not specify 'precision' for a CustomField of type Summary",
    "hierarchy-reference": "Can not specify 'referenceTo' for a CustomField of type "
    "Hierarchy",
    "checkbox-default": "Must specify 'defaultValue' for a CustomField of type "
    "Checkbox",
    "formula-unique": "Can not specify unique for CustomFields that have a formula",
    "formula-external-id": "Can not specify externalId for CustomFields that have a "
    "formula",
    "long-text-minimum": "Invalid length, minimum is: 256",
    "required-lookup-constraint": "must specify either cascade delete or restrict "
    "delete for required lookup foreign key",
    "soft-parent": "Cannot add a lookup relationship child with cascade or restrict "
    "options to User",
    "cascade-lookup": "If you want to cascade delete, please contact salesforce.com",
    "child-relationship-taken": "There is already a Child Relationship named X on Y.",
    "relationship-name-length": "relationship name too long",
    "sharing-model": "Cannot set sharingModel to ReadWrite on a CustomObject with a "
    "MasterDetail relationship field",
    "unknown-parent": "referenceTo value of 'X__c' does not resolve to a valid sObject "
    "type",
    "permission-on-required": "You cannot deploy to a required field: X__c.Y__c",
    "permission-on-parent": "Permission Read X__c depends on permission(s): Read Y__c",
    "unknown-user-permission": "Unknown user permission: CreateAuditFields",
    "history-tracking": "The entity: X__c does not have history tracking enabled",
    "object-label": "Must specify a non-empty label for the CustomObject",
    "manifest-without-file": "An object 'X__c' of type CustomObject was named in "
    "package.xml, but was not found in zipped directory",
    "file-without-manifest": "Not in package.xml",
    "name-suffix": "fullName must end with: __c or __kav",
    "standard-field-name": "Could not resolve standard field's name.",
    "unknown-field": "In field: field - no CustomField named X__c.Y__c found",
    "unknown-object": "In field: field - no CustomObject named X__c found",
    "element-twice": "Error parsing file: Element fields is duplicated at this "
    "location in type CustomObject",
    "element-misplaced": "Element restricted invalid at this location in type "
    "ValueSetValuesDefinition",
    "value-set-both": "Value set must reference a value set name or define a value "
    "set, but not both",
    "duplicate-value": "duplicate value found: [Open] is defined multiple times",
    "duplicate-label": "Duplicate label: Open",
    "picklist-value-name": "Invalid fullName ()",
    "picklist-data-type": "Invalid data type.",
    "non-strict-picklist": "Non-strict picklists are not supported on this object",
    "summary-count": "Custom Field Definition ID: bad value for restricted picklist "
    "field: Id",
    "summary-name": "Must specify the name in the CustomObject.CustomField format",
    "formula-picklist": "Field X__c is a picklist field. Picklist fields are only "
    "supported in certain functions.",
    "formula-long-text": 'You referenced an unsupported field type called "Long Text '
    'Area" using the following field: X__c',
    "formula-field": "Field X__r does not exist. Check spelling.",
    "formula-parameter": "Incorrect parameter type for function 'TEXT()'. Expected "
    "Number, received Lookup",
    "formula-length": "Formula is too long (3,916 characters). Maximum length is 3,900 "
    "characters",
    "formula-compiled": "Compiled formula is too big to execute (18,444 characters)",
    "formula-to-value": "Cannot update a field from a Formula to something else",
    "type-change": "Cannot change type of field X__c, it is populated",
    "used-on-page": "The X custom field is used in a component on the Y Lightning page",
    "referenced-elsewhere": "This custom object is referenced elsewhere in "
    "salesforce.com: Y__c",
    "upsert-field": "Invalid field for upsert, must be an External Id custom or "
    "standard indexed field",
    "layout-required": "Field:X__c must not be Required",
    "layout-field": "Field X__c is not available for Y__c",
    "list-view-column": "Could not resolve list view column: Name",
    "list-view-scope": "Invalid scope:Mine, not allowed",
    "rule-name": "The validation name can only contain alphanumeric characters",
    "translated-name": "Cannot translate standard field: X__c.Name",
    "language-off": "Not available for deploy for this organization",
    "unknown-property": "Invalid/null property [x] in component [y]",
    "unreadable": "UNKNOWN_EXCEPTION: An unexpected error occurred. ErrorId: 1-2",
    "session": "INVALID_SESSION_ID: Invalid Session ID found",
    "limit": "CUSTOM_CLOB_FIELD_LIMIT_EXCEEDED: too much long text",
    "name-taken": "DUPLICATE_DEVELOPER_NAME: already used",
}
"""One sentence for each entry of `rules.target.deploy_errors`."""
