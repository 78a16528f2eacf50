"""
State and rules of the emulated org; nothing here knows HTTP.
"""
