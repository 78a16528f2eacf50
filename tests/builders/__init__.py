"""
What tests are made of: valid by default, one argument for each point a test makes.
"""
