"""Runs: many sheets from one manifest, again where something changed, on all cores or many machines."""
