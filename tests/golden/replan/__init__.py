"""
Planning again over an approved mapping after the describe changed.
"""
