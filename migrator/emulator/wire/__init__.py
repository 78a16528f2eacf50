"""
The HTTP resources of the emulated org, one module per Salesforce API.
"""
