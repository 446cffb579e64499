"""The command line: one thin module a command; nothing else in plotsketch prints or parses arguments."""
