"""
Which columns are read of an object, and by which path.
"""
