"""
Metadata API files: what is deployed.
"""
