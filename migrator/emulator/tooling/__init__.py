"""
The org's own definition as tables that can be queried.
"""
