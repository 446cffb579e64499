"""Driving machines: plans, drivers, the journal that makes a plot resumable, and simulators of each machine."""
