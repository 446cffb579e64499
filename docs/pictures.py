"""Makes the pictures of the documentation anew: python docs/pictures.py [PAGE.md ...]

Runs every command line of a page in an empty folder, in which only `docs/` of the checkout is to be seen, and takes
what is called like a picture of the page (images/NAME.png or .gif) into docs/images/, as small as a page needs it. A
page whose commands fail is an error.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path

from PIL import Image

DOCS = Path(__file__).resolve().parent
WIDEST, COLOURS = 1000, 32  # pixels, and shades of ink in a picture

BLOCK = re.compile(r"^```sh\n(.*?)^```", re.MULTILINE | re.DOTALL)
PICTURE = re.compile(r"\]\((?:\.\./)?images/([\w.-]+)\)")


def main() -> None:
    pages = [Path(name).resolve() for name in sys.argv[1:]] or sorted((DOCS / "commands").glob("*.md"))
    for page in pages:
        with tempfile.TemporaryDirectory() as folder:
            make(page, Path(folder))


def make(page: Path, folder: Path) -> None:
    (folder / "docs").symlink_to(DOCS)
    text = page.read_text()
    lines = [line for block in BLOCK.findall(text) for line in block.replace("\\\n", " ").splitlines()]
    for line in lines:
        if line.startswith("plotsketch "):
            print(line, flush=True)
            words = shlex.split(line, comments=True)[1:]
            command = [sys.executable, "-m", "plotsketch", *words]
            home = os.environ | {"PLOTSKETCH_HOME": str(folder / "home")}
            subprocess.run(command, cwd=folder, env=home, check=True, stdout=subprocess.DEVNULL)
    for name in PICTURE.findall(text):
        if (folder / name).exists():  # others are made by another page
            shrink(folder / name, DOCS / "images" / name)


def shrink(made: Path, kept: Path) -> None:
    if made.suffix == ".gif":
        kept.write_bytes(made.read_bytes())
        return
    picture = Image.open(made).convert("RGB")
    picture.thumbnail((WIDEST, WIDEST), Image.Resampling.LANCZOS)
    picture.quantize(COLOURS, dither=Image.Dither.NONE).save(kept, optimize=True)


if __name__ == "__main__":
    main()
