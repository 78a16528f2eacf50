"""
The domain as frozen data: a reader learns here what the program talks about.
"""
