"""Pen-up travel and time of our order against vpype's linesort, on the same lines in the same run.

    python benchmarks/lines.py --lines 1000 10000 100000 --two-opt

Uniform random polylines on A4, and with --sheet the lines of an SVG, time against gap. `processor` is what a busy
machine leaves honest. With `elkai` in the environment (no dependency of plotsketch) --best asks LKH for its tour; a
minute at 1,000 lines.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path

import numpy as np
import vpype
import vpype_cli

from plotsketch.lines.effort import Effort
from plotsketch.lines.join import joined
from plotsketch.lines.machine import DEFAULT_MACHINE, load_machine
from plotsketch.lines.order import NOWHERE, order_lines
from plotsketch.lines.pace import MILLIMETRES, Pace
from plotsketch.lines.retrace import retraced
from plotsketch.lines.times import layer_times

Lines = list[np.ndarray]
PX_PER_MM = 96 / 25.4
SCALE = 1000  # LKH counts in whole numbers: micrometres


def random_lines(count: int, seed: int) -> Lines:
    """Polylines of 3 to 8 points, 1 to 2 mm a step, anywhere on A4."""
    draw = np.random.default_rng(seed)
    lines = []
    for _ in range(count):
        steps = draw.integers(2, 8)
        angles, lengths = draw.uniform(0, 2 * np.pi, steps), draw.uniform(1, 2, steps)
        walk = np.cumsum(lengths[:, None] * np.column_stack([np.cos(angles), np.sin(angles)]), axis=0)
        start = draw.uniform((0, 0), (210, 297))
        lines.append(np.vstack([start, start + walk]))
    return lines


def by_vpype(lines: Lines, pipeline: str) -> Lines:
    """What a vpype pipeline makes of the lines."""
    document = vpype.Document()
    document.add(vpype.LineCollection([line @ np.array([1, 1j]) * PX_PER_MM for line in lines]), 1)
    done = vpype_cli.execute(pipeline, document, global_opt="--seed 0")
    return [vpype.as_vector(line) / PX_PER_MM for line in done.layers[1]]


def travel(lines: Lines) -> float:
    return MILLIMETRES.total(lines, NOWHERE, NOWHERE)


def best_known(lines: Lines) -> float:
    """The travel of LKH's tour: a line is two cities that a hop for nothing joins, one more city is free to all."""
    import elkai

    count = 2 * len(lines)
    ends = np.array([point for line in lines for point in (line[0], line[-1])])
    matrix = np.full((count + 1, count + 1), 1000 * SCALE, dtype=int)  # dearer by the same, so that no line is torn
    matrix[:-1, :-1] += np.round(np.hypot(*(ends[:, None] - ends).transpose(2, 0, 1)) * SCALE).astype(int)
    for end in range(count):
        matrix[end, end ^ 1] = 0
    tour = elkai.DistanceMatrix(matrix.tolist()).solve_tsp(runs=1)
    cost = sum(matrix[a, b] for a, b in pairwise(tour))
    return (cost - (len(lines) + 1) * 1000 * SCALE) / SCALE


def measured(name: str, work: Callable[[], Lines], against: float = 0.0) -> Lines:
    wall, processor = time.perf_counter(), time.process_time()
    lines = work()
    wall, processor = time.perf_counter() - wall, time.process_time() - processor
    ratio = f"{travel(lines) / against:8.3f} of linesort's" if against else ""
    print(f"  {name:24} {travel(lines):10.0f} mm {wall:8.2f} s {processor:8.2f} s processor {ratio}", flush=True)
    return lines


def ours(lines: Lines, efforts: list[str]) -> Iterator[tuple[str, Callable[[], Lines]]]:
    for words in efforts:
        yield f"ours, {words}", lambda words=words: order_lines(lines, effort=Effort.of(words))


def random_figures(count: int, seed: int, efforts: list[str], two_opt: bool, best: bool) -> None:
    lines = random_lines(count, seed)
    print(f"{count} random lines, seed {seed}: {travel(lines):.0f} mm")
    theirs = travel(measured("vpype linesort", lambda: by_vpype(lines, "linesort")))
    if two_opt:
        measured("vpype linesort --two-opt", lambda: by_vpype(lines, "linesort --two-opt"), theirs)
    found = [travel(measured(name, work, theirs)) for name, work in ours(lines, efforts)]
    if best:
        least = best_known(lines)
        print(f"  LKH {least:.0f} mm; ours / LKH:", *(f"{length / least:.3f}" for length in found), flush=True)


def sheet_figures(path: Path, gaps: list[float], longest: float) -> None:
    """Predicted seconds of an SVG's lines by vpype and by us, gap by gap: joined, ordered, and with ink drawn twice."""
    machine = load_machine(DEFAULT_MACHINE)
    given = [vpype.as_vector(line) / PX_PER_MM for line in vpype.read_svg(str(path), 0.1)[0]]
    plain = layer_times([given], machine)[0]
    print(f"{path.name}, {len(given)} lines, {plain.ink_mm:.0f} mm, {plain.seconds:.1f} s on {machine.name}")
    print("| gap | vpype | lifts | mm over gaps | ours | lifts | mm over gaps | ours / vpype ", end="")
    print(f"| retrace {longest:g} mm | lifts | mm drawn twice | / vpype |\n|" + "---|" * 12)
    for gap in gaps:
        theirs = layer_times([by_vpype(given, f"linemerge -t {gap}mm linesort")], machine)[0]
        mine = joined(given, gap)
        back = retraced(mine.lines, machine, gap, longest)
        once, twice = (
            layer_times([order_lines(lines, pace=Pace.of(machine), start=machine.home, end=machine.home)], machine)[0]
            for lines in (mine.lines, back.lines)
        )
        cells = [f"{gap:g} mm", f"{theirs.seconds:.1f} s", f"{theirs.lifts}", f"{theirs.ink_mm - plain.ink_mm:.0f}"]
        for times, extra in ((once, sum(mine.bridges)), (twice, back.twice_mm)):
            cells += [f"{times.seconds:.1f} s", f"{times.lifts}", f"{extra:.0f}"]
            cells += [f"{times.seconds / theirs.seconds:.3f}"]
        print("|", " | ".join(cells), "|", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--lines", type=int, nargs="*", default=[1000, 10_000])
    parser.add_argument("--effort", nargs="*", default=["fast", "normal"])
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--two-opt", action="store_true", help="vpype's two-opt too: 10,000 lines take it 12 s or more")
    parser.add_argument("--best", action="store_true", help="LKH's tour too")
    parser.add_argument("--sheet", type=Path, nargs="*", default=[])
    parser.add_argument("--gap", type=float, nargs="*", default=[0.05, 0.1, 0.2, 0.5, 1.0, 2.0])
    parser.add_argument("--retrace", type=float, default=5.0, help="longest way back over ink, mm, on sheets")
    asked = parser.parse_args()
    order_lines(random_lines(50, 0))  # compiled before the clock runs
    for count in asked.lines:
        random_figures(count, asked.seed, asked.effort, asked.two_opt, asked.best)
    for path in asked.sheet:
        sheet_figures(path, asked.gap, asked.retrace)


if __name__ == "__main__":
    main()
