"""How long runs take: an edition of 150 sheets, and a manifest of 10,000 jobs looked at and resumed.

    python benchmarks/batch.py [--jobs 2]

The sheets are A4 grids of 6 x 6 cells, as optimized SVG. `sampling and writing` is the same sheets drawn and written by
one process without optimizing, which a run may take three times as long as. `processor` is what a busy machine leaves
honest: seconds of all processes together. The first run on a machine compiles, so run it twice.
"""

from __future__ import annotations

import argparse
import functools
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

SHEETS, JOBS = 150, 10_000
EDITION = f"""
[[job]]
name = "card"
command = "grid"
drawings = ["cat-head", "pig-full"]
edition = {SHEETS}
options = {{rows = 6, cols = 6, optimize = true}}
"""
RANGE = f"""
[[job]]
command = "grid"
drawings = ["cat-head", "pig-full"]
output = "{{name}}-{{seed:05}}.svg"
edition = true
options = {{rows = 6, cols = 6, title = "No. {{n}}"}}
each = {{seed = "1..{JOBS}"}}
"""
TABLES = "".join(
    f'[[job]]\nname = "card-{seed}"\ncommand = "grid"\ndrawings = ["cat-head", "pig-full"]\n'
    f"options = {{rows = 6, cols = 6, seed = {seed}}}\n"
    for seed in range(JOBS)
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--jobs", type=int, default=2)
    processes = parser.parse_args().jobs
    print(f"{'':44}{'seconds':>9}{'processor':>11}")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for file, text in (("edition", EDITION), ("range", RANGE), ("tables", TABLES)):
            (folder / f"{file}.toml").write_text(text)
        told(f"{SHEETS} sheets, sampling and writing", functools.partial(plain, folder))
        batch = functools.partial(plotsketch, "batch", folder / "edition.toml", "--jobs", processes)
        told(f"{SHEETS} sheets, batch --jobs {processes}", batch)
        told("the same again, with nothing to do", batch)
        for file in ("range", "tables"):
            told(f"{JOBS:,} jobs looked at ({file})", functools.partial(looked_at, folder / f"{file}.toml"))
        done(folder / "range.toml")
        told(f"{JOBS:,} jobs resumed with nothing to do", functools.partial(plotsketch, "batch", folder / "range.toml"))


def told(what: str, work: Callable[[], None]) -> None:
    start, used = time.monotonic(), processor()
    work()
    print(f"{what:44}{time.monotonic() - start:9.2f}{processor() - used:11.2f}", flush=True)


def processor() -> float:
    kinds = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(kind.ru_utime + kind.ru_stime for kind in kinds)


def plotsketch(*words: object) -> None:
    """A whole program, imports and all."""
    subprocess.run([sys.executable, "-m", "plotsketch", *map(str, words)], check=True, stdout=subprocess.DEVNULL)


def plain(folder: Path) -> None:
    from plotsketch.api.drawing import grid
    from plotsketch.api.model import load

    model = load()
    for seed in range(1, SHEETS + 1):
        grid("cat-head", "pig-full", rows=6, cols=6, seed=seed, model=model).save(folder / f"plain-{seed}.svg")


def looked_at(path: Path) -> None:
    plotsketch("batch", path, "--dry-run")


def done(path: Path) -> None:
    """Writes files and a journal as if all jobs of a manifest were done."""
    from plotsketch.batch.journal import Journal
    from plotsketch.batch.manifest import read_manifest
    from plotsketch.batch.work import Outcome
    from plotsketch.cli.batch_commands import CommandLine

    manifest = read_manifest(path, CommandLine())
    manifest.folder.mkdir()
    journal = Journal(manifest.folder)
    for job in manifest.jobs:
        for file in job.files:
            (manifest.folder / file).write_bytes(b"<svg/>")
        journal.add(Outcome(job.name, job.digest, job.files, 0.3, {"cells": 36, "ink_metres": 4.2}))


if __name__ == "__main__":
    main()
