"""The command line: one file for each command; what they do is in the hub."""
