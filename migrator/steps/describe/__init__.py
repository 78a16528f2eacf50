"""
`describe`: what the org says about the package's objects, kept as files.
"""
