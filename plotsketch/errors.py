"""The one exception that a user is meant to read."""


class UserError(Exception):
    """The user's input or machine is at fault: one line that says what, where and what to do.

    The command line prints the line on stderr and exits with 1; nothing else in plotsketch catches it.
    """
