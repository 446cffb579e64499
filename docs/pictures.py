"""Makes the pictures of the documentation anew: python docs/pictures.py [PAGE.md ...]

Runs a page's blocks of commands in order, in an empty folder from which only `docs/` of the checkout is to be seen,
until all pictures of the page (images/NAME.png, .jpg, .gif) are there, and takes them into docs/images/, as small as a
page needs them. A page whose commands fail is an error; a picture that none of them names belongs to another page.
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
WIDEST, COLOURS = 1000, 128  # pixels, and colours of a picture: fewer lose small marks, such as preview.md's dots

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
    blocks = BLOCK.findall(text)
    wanted = [name for name in PICTURE.findall(text) if name in " ".join(blocks)]
    for block in blocks:
        if not all((folder / name).exists() for name in wanted):
            for line in block.replace("\\\n", " ").splitlines():
                run(line, folder)
    for name in wanted:
        if (folder / name).exists():
            shrink(folder / name, DOCS / "images" / name)


def run(line: str, folder: Path) -> None:
    """One command line, with a home of its own; lines of other programs are passed over."""
    if line.startswith("plotsketch "):
        print(line, flush=True)
        words = [sys.executable, "-m", "plotsketch", *shlex.split(line, comments=True)[1:]]
        home = os.environ | {"PLOTSKETCH_HOME": str(folder / "home")}
        subprocess.run(words, cwd=folder, env=home, check=True, stdout=subprocess.DEVNULL)


def shrink(made: Path, kept: Path) -> None:
    if made.suffix == ".gif":
        kept.write_bytes(made.read_bytes())
        return
    picture = Image.open(made).convert("RGB")
    picture.thumbnail((WIDEST, WIDEST), Image.Resampling.LANCZOS)
    if made.suffix == ".jpg":  # a picture of soft light, which few colours would spoil
        picture.save(kept, "JPEG", quality=66, optimize=True)
        return
    picture.quantize(COLOURS, dither=Image.Dither.NONE).save(kept, optimize=True)


if __name__ == "__main__":
    main()
