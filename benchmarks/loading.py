"""How long a model takes to be ready once torch is imported, each time in a new process.

    python benchmarks/loading.py [--model catpig] [--repeats 5]

Without a model, all that are installed. Seconds are the median of the repeats, wall time and processor time: "import"
is that of plotsketch's modules, "find" the way from a name to a file (the first time it imports click, which a command
has done already), "load" from the file to a network ready to draw.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
from itertools import pairwise

from plotsketch.model import catalogue

PROGRAM = """
import json, sys, time, torch

def now():
    return time.perf_counter(), time.process_time()

times = [now()]
from plotsketch.model import catalogue
from plotsketch.model.sketcher import Sketcher
times.append(now())
path = catalogue.find(sys.argv[1])
times.append(now())
Sketcher.load(path)
times.append(now())
print(json.dumps(times))
"""
PARTS = ("import", "find", "load", "in all")


def measured(model: str) -> list[tuple[float, float]]:
    """Wall and processor seconds of each of PARTS, in one new process."""
    words = [sys.executable, "-c", PROGRAM, model]
    times = json.loads(subprocess.run(words, check=True, capture_output=True, text=True).stdout)
    steps = [*pairwise(times), (times[0], times[-1])]
    return [(after[0] - before[0], after[1] - before[1]) for before, after in steps]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", action="append", help="by name or path")
    parser.add_argument("--repeats", type=int, default=5)
    asked = parser.parse_args()
    print("| model | " + " | ".join(f"{part} (processor)" for part in PARTS) + " |")
    print("|" + "---|" * (len(PARTS) + 1))
    for model in asked.model or [entry.name for entry in catalogue.list_all()]:
        runs = [measured(model) for _ in range(asked.repeats)]
        medians = [[statistics.median(run[k][which] for run in runs) for which in (0, 1)] for k in range(len(PARTS))]
        print(f"| {model} | " + " | ".join(f"{wall:.3f} ({own:.3f})" for wall, own in medians) + " |", flush=True)


if __name__ == "__main__":
    main()
