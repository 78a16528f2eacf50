"""
The emulator against its own claims, over real HTTP.
"""
