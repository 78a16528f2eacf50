"""
The SOAP resources: Metadata API and partner API.
"""
