"""
The commands: options, progress, exit codes; wires everything.
"""
