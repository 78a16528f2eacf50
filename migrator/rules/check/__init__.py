"""
The check of a mapping: every mistake at once, as findings.
"""
