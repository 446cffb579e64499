"""Simulated machines, each behind a pseudo-terminal, with a clock of their own and a trace of the ink.

Written from the makers' documents and not from the drivers, which they prove.
"""
