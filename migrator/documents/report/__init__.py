"""
What a run leaves for people and pipelines to read.
"""
