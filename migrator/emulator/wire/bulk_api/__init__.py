"""
The Bulk APIs over HTTP.
"""
