"""
The element tables of the metadata types that the emulated org accepts.

Source: the complex types of the Metadata API schema, version 66.0. One word an
element: `name`, then `*` when it may repeat, `!` when it must be there, and
`:type` unless it is plain text. `any` is a type that is kept without a look inside.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Final

__all__ = ["ENUMS", "TYPES", "ElementRule", "element_rules"]

TYPES: Final[dict[str, str]] = {
    "AppBrand": (
        "footerColor headerColor logo logoVersion:int shouldOverrideOrgTheme:boolean"
    ),
    "AppPreferences": (
        "enableCustomizeMyTabs!:boolean enableKeyboardShortcuts!:boolean "
        "enableListViewHover!:boolean enableListViewReskin!:boolean "
        "enableMultiMonitorComponents!:boolean enablePinTabs!:boolean "
        "enableTabHover!:boolean enableTabLimits!:boolean "
        "saveUserSessions!:boolean"
    ),
    "CustomApplication": (
        "fullName actionOverrides*:any brand:AppBrand consoleConfig:any "
        "defaultLandingTab description formFactors*:FormFactor "
        "isNavAutoTempTabsDisabled:boolean isNavPersonalizationDisabled:boolean "
        "isNavTabPersistenceDisabled:boolean isOmniPinnedViewEnabled:boolean "
        "isServiceCloudConsole:boolean label logo navType:NavType "
        "preferences:AppPreferences profileActionOverrides*:any setupExperience "
        "subscriberTabs* tabSetType tabs* uiType:UiType utilityBar "
        "workspaceConfig:any"
    ),
    "CustomField": (
        "fullName businessOwnerGroup businessOwnerUser businessStatus "
        "caseSensitive:boolean complianceGroup customDataType defaultValue "
        "deleteConstraint:DeleteConstraint deprecated:boolean description "
        "displayFormat displayLocationInDecimal:boolean elementType:ElementType "
        "encryptionScheme:EncryptionScheme escapeMarkup:boolean "
        "externalDeveloperName externalId:boolean "
        "fieldManageability:FieldManageability formula "
        "formulaTreatBlanksAs:TreatBlanksAs inlineHelpText "
        "isAIPredictionField:boolean isConvertLeadDisabled:boolean "
        "isFilteringDisabled:boolean isNameField:boolean "
        "isSortingDisabled:boolean label length:int lookupFilter:any "
        "maskChar:EncryptedFieldMaskChar maskType:EncryptedFieldMaskType "
        "metadataRelationshipControllingField mktDataLakeFieldAttributes:any "
        "mktDataModelFieldAttributes:any picklist:any "
        "populateExistingRows:boolean precision:int readOnlyProxy:boolean "
        "referenceTargetField referenceTo relationshipLabel relationshipName "
        "relationshipOrder:int reparentableMasterDetail:boolean "
        "required:boolean restrictedAdminField:boolean scale:int "
        "securityClassification startingNumber:int stripMarkup:boolean "
        "summarizedField summaryFilterItems*:FilterItem summaryForeignKey "
        "summaryOperation:SummaryOperations trackFeedHistory:boolean "
        "trackHistory:boolean trackTrending:boolean translateData:boolean "
        "type:FieldType unique:boolean valueSet:ValueSet visibleLines:int "
        "writeRequiresMasterRead:boolean"
    ),
    "CustomObject": (
        "fullName actionOverrides*:any allowInChatterGroups:boolean "
        "articleTypeChannelDisplay:any businessProcesses*:any "
        "compactLayoutAssignment compactLayouts*:any customHelp customHelpPage "
        "customSettingsType:CustomSettingsType "
        "deploymentStatus:DeploymentStatus deprecated:boolean description "
        "enableActivities:boolean enableBulkApi:boolean "
        "enableDataTranslation:boolean enableDivisions:boolean "
        "enableEnhancedLookup:boolean enableFeeds:boolean enableHistory:boolean "
        "enableLicensing:boolean enablePublishStatusTracking:boolean "
        "enableReports:boolean enableSearch:boolean enableSharing:boolean "
        "enableStreamingApi:boolean eventType:any externalDataSource "
        "externalIndexAvailable:boolean externalName externalRepository "
        "externalSharingModel:SharingModel fieldSets*:any fields*:CustomField "
        "gender:Gender historyRetentionPolicy:any household:boolean "
        "indexes*:any label listViews*:ListView mktDataLakeAttributes:any "
        "mktDataModelAttributes:any nameField:CustomField pluralLabel "
        "profileSearchLayouts*:any publishBehavior:PlatformEventPublishBehavior "
        "recordTypeTrackFeedHistory:boolean recordTypeTrackHistory:boolean "
        "recordTypes*:any searchLayouts:any sharingModel:SharingModel "
        "sharingReasons*:any sharingRecalculations*:any startsWith:StartsWith "
        "validationRules*:ValidationRule visibility:SetupObjectVisibility "
        "webLinks*:any"
    ),
    "CustomFieldTranslation": (
        "caseValues*:ObjectNameCaseValue gender help label lookupFilter:any name! "
        "picklistValues*:any relationshipLabel startsWith:StartsWith"
    ),
    "CustomObjectTranslation": (
        "fullName caseValues*:ObjectNameCaseValue fieldSets*:any "
        "fields*:CustomFieldTranslation gender layouts*:any nameFieldLabel "
        "quickActions*:any recordTypes*:any sharingReasons*:any standardFields*:any "
        "startsWith:StartsWith validationRules*:any webLinks*:any workflowTasks*:any"
    ),
    "ObjectNameCaseValue": (
        "article caseType:CaseType plural:boolean possessive value!"
    ),
    "CustomPermission": (
        "fullName connectedApp description isLicensed!:boolean label! "
        "requiredPermission*:any"
    ),
    "CustomTab": (
        "fullName actionOverrides*:any auraComponent customObject:boolean "
        "description flexiPage frameHeight:int hasSidebar:boolean icon label "
        "lwcComponent motif page scontrol splashPageLink url "
        "urlEncodingKey:Encoding"
    ),
    "CustomValue": (
        "fullName color default!:boolean description isActive:boolean label"
    ),
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
        "customizeSemanticSearchDefinitions!:boolean dataAccessLevel "
        "dataspaceScope! objectAccessLevel viewActivationDefinitions:boolean "
        "viewCalculatedInsightDefinitions:boolean "
        "viewDataActionDefinitions:boolean "
        "viewDataApplicationDefinitions!:boolean "
        "viewDataObjSecondaryIndexDefinitions!:boolean "
        "viewDataShareDefinitions!:boolean "
        "viewFTestDataspaceScopedDefinition!:boolean "
        "viewIdentityResolutionDefinitions:boolean "
        "viewMLPredictionDefinitions!:boolean "
        "viewSegmentationDefinitions:boolean "
        "viewSemanticSearchDefinitions!:boolean"
    ),
    "FilterItem": "field! operation!:FilterOperation value valueField",
    "Layout": (
        "fullName customButtons* customConsoleComponents:any "
        "emailDefault:boolean excludeButtons* feedLayout:any "
        "headers*:LayoutHeader layoutSections*:LayoutSection miniLayout:any "
        "multilineLayoutFields* platformActionList:any quickActionList:any "
        "relatedContent:any relatedLists*:any relatedObjects* "
        "runAssignmentRulesDefault:boolean showEmailCheckbox:boolean "
        "showHighlightsPanel:boolean showInteractionLogPanel:boolean "
        "showKnowledgeComponent:boolean showRunAssignmentRulesCheckbox:boolean "
        "showSolutionSection:boolean showSubmitAndAttachButton:boolean "
        "summaryLayout:any"
    ),
    "LayoutColumn": "layoutItems*:LayoutItem reserved",
    "LayoutItem": (
        "analyticsCloudComponent:any behavior:UiBehavior canvas component "
        "customLink emptySpace:boolean field height:int page "
        "reportChartComponent:any scontrol showLabel:boolean "
        "showScrollbars:boolean width"
    ),
    "LayoutSection": (
        "customLabel:boolean detailHeading:boolean editHeading:boolean label "
        "layoutColumns*:LayoutColumn style!:LayoutSectionStyle"
    ),
    "ListView": (
        "fullName booleanFilter columns* division filterScope!:FilterScope "
        "filters*:ListViewFilter label! language queue sharedTo:any"
    ),
    "ListViewFilter": "field! operation!:FilterOperation value",
    "Package": (
        "fullName apiAccessLevel:APIAccessLevel description namespacePrefix "
        "objectPermissions*:any packageType postInstallClass setupWeblink "
        "types*:PackageTypeMembers uninstallClass version!"
    ),
    "PackageTypeMembers": "members* name!",
    "PermissionSet": (
        "fullName agentAccesses*:PermissionSetAgentAccess "
        "applicationVisibilities*:PermissionSetApplicationVisibility "
        "classAccesses*:PermissionSetApexClassAccess "
        "customMetadataTypeAccesses*:PermissionSetCustomMetadataTypeAccess "
        "customPermissions*:PermissionSetCustomPermissions "
        "customSettingAccesses*:PermissionSetCustomSettingAccess "
        "dataspaceScopes*:DataspaceScopeAccess description "
        "emailRoutingAddressAccesses*:PermissionSetEmailRoutingAddressAccess ex "
        "ternalCredentialPrincipalAccesses*:PermissionSetExternalCredentialPrin "
        "cipalAccess "
        "externalDataSourceAccesses*:PermissionSetExternalDataSourceAccess "
        "fieldPermissions*:PermissionSetFieldPermissions "
        "flowAccesses*:PermissionSetFlowAccess genComputingSummaryDefAccesses*: "
        "PermissionSetGenComputingSummaryDefAccess "
        "hasActivationRequired:boolean label! license "
        "objectPermissions*:PermissionSetObjectPermissions "
        "pageAccesses*:PermissionSetApexPageAccess "
        "recordTypeVisibilities*:PermissionSetRecordTypeVisibility servicePrese "
        "nceStatusAccesses*:PermissionSetServicePresenceStatusAccess "
        "tabSettings*:PermissionSetTabSetting "
        "userPermissions*:PermissionSetUserPermission"
    ),
    "PermissionSetAgentAccess": "agentName! enabled!:boolean",
    "PermissionSetApexClassAccess": "apexClass! enabled!:boolean",
    "PermissionSetApexPageAccess": "apexPage! enabled!:boolean",
    "PermissionSetApplicationVisibility": "application! visible!:boolean",
    "PermissionSetCustomMetadataTypeAccess": "enabled!:boolean name!",
    "PermissionSetCustomPermissions": "enabled!:boolean name!",
    "PermissionSetCustomSettingAccess": "enabled!:boolean name!",
    "PermissionSetEmailRoutingAddressAccess": "enabled!:boolean name!",
    "PermissionSetExternalCredentialPrincipalAccess": (
        "enabled!:boolean externalCredentialPrincipal!"
    ),
    "PermissionSetExternalDataSourceAccess": "enabled!:boolean externalDataSource!",
    "PermissionSetFieldPermissions": "editable!:boolean field! readable:boolean",
    "PermissionSetFlowAccess": "enabled!:boolean flow!",
    "PermissionSetGenComputingSummaryDefAccess": "configName! enabled!:boolean",
    "PermissionSetObjectPermissions": (
        "allowCreate!:boolean allowDelete!:boolean allowEdit!:boolean "
        "allowRead!:boolean customizeSetup:boolean deleteSetup:boolean "
        "modifyAllRecords!:boolean object! viewAllFields:boolean "
        "viewAllRecords!:boolean viewSetup:boolean"
    ),
    "PermissionSetRecordTypeVisibility": "recordType! visible!:boolean",
    "PermissionSetServicePresenceStatusAccess": (
        "enabled!:boolean servicePresenceStatus!"
    ),
    "PermissionSetTabSetting": "tab! visibility!:PermissionSetTabVisibility",
    "PermissionSetUserPermission": "enabled!:boolean name!",
    "ValidationRule": (
        "fullName active!:boolean description errorConditionFormula! "
        "errorDisplayField errorMessage! shouldEvaluateOnClient:boolean"
    ),
    "ValueSet": (
        "controllingField restricted:boolean "
        "valueSetDefinition:ValueSetValuesDefinition valueSetName "
        "valueSettings*:ValueSettings"
    ),
    "ValueSetValuesDefinition": "sorted!:boolean value*:CustomValue",
    "ValueSettings": "controllingFieldValue* valueName!",
}

ENUMS: Final[dict[str, frozenset[str]]] = {
    name: frozenset(values.split())
    for name, values in {
        "APIAccessLevel": "Unrestricted Restricted",
        "CaseType": (
            "Nominative Accusative Genitive Dative Inessive Elative Illative Adessive "
            "Ablative Allative Essive Translative Partitive Objective Subjective "
            "Instrumental Prepositional Locative Vocative Sublative Superessive "
            "Delative Causalfinal Essiveformal Termanative Distributive Ergative "
            "Adverbial Abessive Comitative"
        ),
        "CustomSettingsType": "List Hierarchy",
        "DeleteConstraint": "Cascade Restrict SetNull",
        "DeploymentStatus": "InDevelopment Deployed",
        "ElementType": "Float Text",
        "Encoding": (
            "UTF-8 ISO-8859-1 Shift_JIS ISO-2022-JP EUC-JP ks_c_5601-1987 Big5 "
            "GB2312 Big5-HKSCS x-SJIS_0213"
        ),
        "EncryptedFieldMaskChar": "asterisk X",
        "EncryptedFieldMaskType": "all creditCard ssn lastFour sin nino",
        "EncryptionScheme": (
            "None ProbabilisticEncryption CaseSensitiveDeterministicEncryption "
            "CaseInsensitiveDeterministicEncryption"
        ),
        "FieldManageability": "DeveloperControlled SubscriberControlled Locked",
        "FieldType": (
            "AutoNumber Lookup MasterDetail Checkbox Currency Date DateTime "
            "Email Number Percent Phone Picklist MultiselectPicklist Text "
            "TextArea LongTextArea Html Url EncryptedText Summary Hierarchy "
            "File MetadataRelationship Location ExternalLookup IndirectLookup "
            "CustomDataType Time Address Array Integer Long"
        ),
        "FilterOperation": (
            "equals notEqual lessThan greaterThan lessOrEqual greaterOrEqual "
            "contains notContain startsWith includes excludes within"
        ),
        "FilterScope": (
            "Everything Mine Queue Delegated MyTerritory MyTeamTerritory Team "
            "SalesTeam AssignedToMe MineAndMyGroups ScopingRule"
        ),
        "FormFactor": "Small Medium Large",
        "Gender": (
            "Neuter Masculine Feminine AnimateMasculine ClassI ClassIII ClassV "
            "ClassVII ClassIX ClassXI ClassXIV ClassXV ClassXVI ClassXVII "
            "ClassXVIII"
        ),
        "LayoutHeader": "PersonalTagging PublicTagging",
        "LayoutSectionStyle": (
            "TwoColumnsTopToBottom TwoColumnsLeftToRight OneColumn CustomLinks"
        ),
        "NavType": "Standard Console",
        "PermissionSetTabVisibility": "None Available Visible",
        "PlatformEventPublishBehavior": "PublishAfterCommit PublishImmediately",
        "SetupObjectVisibility": "PackageProtected Protected Public",
        "SharingModel": (
            "Private Read ReadSelect ReadWrite ReadWriteTransfer FullAccess "
            "ControlledByParent ControlledByLeadOrContact ControlledByCampaign"
        ),
        "StartsWith": "Consonant Vowel Special",
        "SummaryOperations": "count sum min max",
        "TreatBlanksAs": "BlankAsBlank BlankAsZero",
        "UiBehavior": "Edit Required Readonly",
        "UiType": "Aloha Lightning",
    }.items()
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ElementRule:
    """
    What the schema says about one element of a type.
    """

    name: str
    type_name: str
    repeats: bool
    required: bool


def _parse_rule(word: str) -> ElementRule:
    head, _, type_name = word.partition(":")
    return ElementRule(
        name=head.rstrip("*!"),
        type_name=type_name or "string",
        repeats="*" in head,
        required="!" in head,
    )


@cache
def element_rules(type_name: str) -> dict[str, ElementRule]:
    """
    The rules of *type_name* by element name.
    """
    rules = map(_parse_rule, TYPES[type_name].split())
    return {rule.name: rule for rule in rules}
