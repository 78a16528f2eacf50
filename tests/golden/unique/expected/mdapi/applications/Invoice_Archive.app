<?xml version="1.0" encoding="UTF-8"?>
<CustomApplication xmlns="http://soap.sforce.com/2006/04/metadata">
    <description>The archive of invoices and what belongs to them. [migrator 0a1b2c3d]</description>
    <formFactors>Small</formFactors>
    <formFactors>Large</formFactors>
    <isNavAutoTempTabsDisabled>false</isNavAutoTempTabsDisabled>
    <isNavPersonalizationDisabled>false</isNavPersonalizationDisabled>
    <label>Invoice Archive</label>
    <navType>Standard</navType>
    <tabs>Invoice__c</tabs>
    <uiType>Lightning</uiType>
</CustomApplication>
