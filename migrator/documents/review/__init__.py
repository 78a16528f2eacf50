"""
The mapping for reviewers: page, sheets, difference.
"""
