"""
What the org is made of: objects, fields, their types, and what fields hold.
"""
