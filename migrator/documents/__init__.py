"""
Model to text and back, in memory.
"""
