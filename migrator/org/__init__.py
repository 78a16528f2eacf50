"""
The only code that speaks to Salesforce.
"""
