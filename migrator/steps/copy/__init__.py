"""
`copy` and `unload`: records into their new home, and out of it.
"""
