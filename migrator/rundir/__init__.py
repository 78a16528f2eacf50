"""
One migration on disk.
"""
