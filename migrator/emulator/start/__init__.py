"""
A new org, or the one of a store file: what stands in it before the first request.
"""
