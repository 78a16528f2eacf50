"""
The Metadata API: packages checked, deployed, read and retrieved.
"""
