"""
`reconcile`: both sides read again, compared and mended.
"""
