"""The library's front door: a function a command, which the command line itself calls."""
