"""
SOQL: parsed, checked against rights and limits, compiled to SQLite.
"""
