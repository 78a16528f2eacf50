"""
`deploy`: components validated, put into the org, taken out again.
"""
