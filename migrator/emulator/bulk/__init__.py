"""
Bulk API 2.0: ingest jobs, query jobs, and CSV as they speak it.
"""
