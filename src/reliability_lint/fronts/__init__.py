"""The ways in: the command line, and the plugins for other tools. Each translates, and decides nothing about code."""
