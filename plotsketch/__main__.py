"""``python -m plotsketch`` is ``plotsketch``."""

from plotsketch.cli.main import cli

if __name__ == "__main__":
    cli(prog_name="plotsketch")
