"""
What `describe` keeps, read into the model.
"""
