"""
Writing records: insert, update, upsert and delete, with the checks of the platform.
"""
