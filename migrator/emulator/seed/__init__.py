"""
The records of a new org, each made from its number alone.
"""
