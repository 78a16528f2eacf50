"""
What the program knows of each kind of field, as data: one row a kind.

Loading and comparing read the same rows and decide for themselves what follows.
"""
