"""
`mapping.yaml` and back.
"""
