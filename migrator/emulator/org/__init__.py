"""
The state of the org: records, users and rights, limits, clock and configured trouble.
"""
