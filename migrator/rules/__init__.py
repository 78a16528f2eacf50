"""
Pure decisions: no clock, no disk, no network.
"""
