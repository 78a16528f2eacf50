"""
`review`: the mapping shown, checked, edited and approved.
"""
