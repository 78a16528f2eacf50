"""
The proposal: what becomes of each object and field, before a person looks.
"""
