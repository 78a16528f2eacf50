"""
What people agree to: approvals, sheets, differences between mappings.
"""
