"""
From the reviewed mapping to components: objects, layouts, permission sets.
"""
