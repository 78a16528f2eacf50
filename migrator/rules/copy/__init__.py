"""
What the copy decides: order, rows, values, retries.
"""
