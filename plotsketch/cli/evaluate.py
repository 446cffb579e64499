"""``plotsketch evaluate``: figures of a model on drawings, for people as tables and for programs as JSON."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from plotsketch.cli.options import json_option, note, report, seed_option
from plotsketch.cli.progress import progress
from plotsketch.errors import UserError

if TYPE_CHECKING:
    from rich.table import Table

    from plotsketch.model.checkpoint import Checkpoint
    from plotsketch.training.dataset import TrainingSet
    from plotsketch.training.evaluation import Evaluation
    from plotsketch.training.interpolation import InterpolationReport
    from plotsketch.training.samples import SampleReport
    from plotsketch.training.selection import Selection

_FILE = click.Path(path_type=Path)
_WIDTH = 118


@click.command()
@click.argument("model", metavar="MODEL")
@click.argument("files", nargs=-1, required=True, type=_FILE, metavar="FILE...")
@click.option("--split", type=click.Choice(["train", "valid", "test", "all"]),
              help="Drawings of this split only, by key or as an .npz file has it.  [default: test; all for SVG]")
@click.option("--class", "classes", multiple=True, metavar="NAME", help="Only this class; may be repeated.")
@click.option("--recognized/--all", default=True, show_default=True,
              help="Leave out what QuickDraw's game did not recognize, or take all.")
@click.option("--max-points", type=click.IntRange(min=1), metavar="N",
              help="Leave out longer drawings.  [default, and at most: the model's own limit]")
@click.option("--prepare/--as-is", default=None,
              help="Simplify as QuickDraw does, or not.  [default: SVG and raw ndjson only]")
@click.option("--first-row", type=click.Choice(["drawn", "move"]), default="drawn", show_default=True,
              help="Whether the first row of .npz drawings is a line or only moves the pen.")
@click.option("--training-mask/--no-training-mask", default=True, show_default=True,
              help="Also L_R with the pen loss of all padding rows; takes up to three times as long.")
@click.option("--samples", type=click.IntRange(min=0), default=200, show_default=True,
              help="Drawings to sample at each temperature; 0 for none.")
@click.option("--train", "train_path", type=_FILE, metavar="SET.npz",
              help="The model's training set: how far samples are from its nearest drawings.")
@click.option("--interpolation", "pairs", type=click.IntRange(min=0), default=0, metavar="PAIRS",
              help="Also how evenly drawings change between so many pairs; 100 take half a minute.")
@seed_option
@json_option
def evaluate(model: str, files: tuple[Path, ...], split: str | None, classes: tuple[str, ...], recognized: bool,
             max_points: int | None, prepare: bool | None, first_row: Any, training_mask: bool, samples: int,
             train_path: Path | None, pairs: int, seed: int, as_json: bool) -> None:
    """Measure MODEL on the drawings of FILEs: .ndjson[.gz], .npz (training sets too) and .svg.

    The split test holds a twentieth of all drawings with keys, the same ones that `plotsketch train` never sees.
    L_R and L_KL are those of the sketch-rnn paper; nats per drawing have offsets in the drawings' own units and
    compare between models. Longer drawings than the model's limit are left out and counted.

    \b
    Example:
      plotsketch evaluate catpig quickdraw/cat.ndjson.gz quickdraw/pig.ndjson.gz
      plotsketch evaluate catpig catpig.npz --class cat --train catpig.npz --samples 500 --json
      plotsketch evaluate catpig cat.ndjson.gz pig.ndjson.gz --samples 0 --interpolation 100
    """
    from plotsketch.training.building import Filters
    from plotsketch.training.evaluation import evaluate as measure
    from plotsketch.training.importing import Reading
    from plotsketch.training.selection import check_files, default_split

    check_files(files)
    checkpoint = _load(model)
    train = _training_set(train_path, samples)
    limit = min(max_points or checkpoint.config.max_points, checkpoint.config.max_points)
    filters = Filters(recognized, max_points=limit, classes=classes)
    chosen = _select(files, split or default_split(files), filters, Reading(prepare, first_row=first_row))
    with progress("Measuring", len(chosen.data)) as advance:
        evaluation = measure(checkpoint.network, chosen.data, checkpoint.scale_factor, seed=seed,
                             padding=training_mask, progress=advance)  # fmt: skip
    sampled = _samples(checkpoint, samples, seed, train, chosen.data) if samples else None
    if sampled and train and sampled.held_out is None:
        note("every drawing is in the train split of --train: no held-out drawings to compare samples with")
    ways = _interpolation(checkpoint, pairs, seed, chosen.data) if pairs else None
    facts = _facts(checkpoint, chosen, evaluation, sampled, ways, seed)
    report(facts, as_json, _lines(checkpoint, chosen, evaluation, sampled, ways, limit))


def _load(model: str) -> Checkpoint:
    from plotsketch.model.catalogue import find
    from plotsketch.model.checkpoint import load

    return load(find(model))


def _training_set(path: Path | None, samples: int) -> TrainingSet | None:
    from plotsketch.training.dataset import TrainingSet

    if path is None:
        return None
    if not samples:
        raise UserError("--train measures how new samples are; ask for some with --samples")
    train = TrainingSet.load(path)
    if not len(train.select("train")):
        raise UserError(f"{path}: its train split is empty; name the set that the model was trained on")
    return train


def _select(files: tuple[Path, ...], split: str, filters: Any, reading: Any) -> Selection:
    from plotsketch.training.selection import select_drawings

    sizes = {path: path.stat().st_size for path in files}
    begun: set[Path] = set()
    with progress("Reading", sum(sizes.values())) as advance:

        def tell(path: Path, seen: int) -> None:
            if path not in begun:
                begun.add(path)
                advance(sizes[path])

        return select_drawings(files, split, filters, reading, tell)


def _samples(checkpoint: Checkpoint, count: int, seed: int, train: TrainingSet | None,
             held_out: TrainingSet) -> SampleReport:
    from plotsketch.training.samples import TEMPERATURES, report_samples

    with progress("Sampling", count * len(TEMPERATURES)) as advance:
        return report_samples(checkpoint.network, count, seed=seed, train=train, held_out=held_out, progress=advance)


def _interpolation(checkpoint: Checkpoint, pairs: int, seed: int, data: TrainingSet) -> InterpolationReport | None:
    from plotsketch.training.interpolation import drawings_of, report_interpolation

    if not checkpoint.config.conditional:
        note(f"model '{checkpoint.name}' is decoder-only and has no latents to go between: no --interpolation")
        return None
    if len(data) < 2:
        note("one drawing alone has no way to another: --interpolation is left out")
        return None
    pairs = min(pairs, len(data) // 2)
    with progress("Interpolating", drawings_of(pairs)) as advance:
        return report_interpolation(checkpoint.network, data, checkpoint.scale_factor, pairs, seed=seed,
                                    progress=advance)  # fmt: skip


def _facts(checkpoint: Checkpoint, chosen: Selection, evaluation: Evaluation, sampled: SampleReport | None,
           ways: InterpolationReport | None, seed: int) -> dict[str, Any]:
    """The JSON object; docs/evaluation.md names its keys."""
    config = checkpoint.config
    return {
        "model": {"name": checkpoint.name, "digest": checkpoint.digest, "scale_factor": checkpoint.scale_factor,
                  "max_points": config.max_points, "conditional": config.conditional},
        "split": chosen.split,
        "seed": seed,
        "seen": chosen.seen,
        "left_out": chosen.left_out,
        **evaluation.to_dict(),
        "samples": sampled.to_dict() if sampled else None,
        "interpolation": ways.to_dict() if ways else None,
    }  # fmt: skip


def _lines(checkpoint: Checkpoint, chosen: Selection, evaluation: Evaluation, sampled: SampleReport | None,
           ways: InterpolationReport | None, limit: int) -> Iterator[str]:
    left_out = ", ".join(f"{count:,} {why}" for why, count in chosen.left_out.items()) or "none"
    yield (f"{checkpoint.name} ({checkpoint.digest}), scale factor {checkpoint.scale_factor:.4g}, "
           f"N_max {checkpoint.config.max_points}")
    split = "all splits" if chosen.split == "all" else f"split {chosen.split}"
    yield (f"{split}: {len(chosen.data):,} of {chosen.seen:,} drawings, of at most {limit} points; "
           f"left out: {left_out}")
    yield _text(_likelihoods(evaluation))
    yield _text(_losses(evaluation))
    if sampled:
        yield _text(_sample_table(sampled))
        yield from _novelty_lines(sampled)
    if ways:
        yield _text(_way_table(ways))


def _text(table: Table) -> str:
    """A table as text of a fixed width, the same on a terminal and in a pipe."""
    from rich.console import Console

    console = Console(width=_WIDTH, no_color=True, highlight=False, force_terminal=False)
    with console.capture() as captured:
        console.print(table)
    return "\n".join(line.rstrip() for line in captured.get().splitlines())


def _table(title: str, first: str, columns: tuple[str, ...]) -> Table:
    from rich import box
    from rich.table import Table

    table = Table(title=title, title_justify="left", title_style="", box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column(first)
    for column in columns:
        table.add_column(column, justify="right")
    return table


def _rows(evaluation: Evaluation) -> Iterator[tuple[str, Any]]:
    yield from evaluation.classes.items()
    if len(evaluation.classes) > 1:
        yield "all", evaluation.all


def _likelihoods(evaluation: Evaluation) -> Table:
    columns = ("drawings", "points", "reconstruction", "KL", "in all", "one Gaussian")
    table = _table("Nats per drawing, offsets in the drawings' units (± standard error)", "class", columns)
    for name, figures in _rows(evaluation):
        estimates = (figures.reconstruction, figures.kl, figures.total)
        table.add_row(name, f"{figures.drawings:,}", f"{figures.points:,}",
                      *(f"{_number(e.mean, 1)} ± {_number(e.standard_error, 1)}" for e in estimates),
                      _number(figures.baseline.nats_per_drawing, 1))  # fmt: skip
    return table


def _losses(evaluation: Evaluation) -> Table:
    from plotsketch.training.evaluation import ACTIVE

    columns = ("L_R training mask", "evaluation mask", "one end row", "L_KL", *(f"dims > {nats:g}" for nats in ACTIVE),
               "Gaussian: training", "evaluation mask")  # fmt: skip
    title = (
        "sketch-rnn's losses, in model units, over N_max rows a drawing. Training mask: pen loss on all N_max rows,\n"
        "padding included. Evaluation mask: padding and the end row masked. One end row: what plotsketch trains on"
    )
    table = _table(title, "class", columns)
    for name, figures in _rows(evaluation):
        baseline = figures.baseline
        active = [str(figures.active_dimensions(nats)) for nats in ACTIVE]
        table.add_row(name, _number(figures.l_r_training_mask), _number(figures.l_r_evaluation_mask),
                      _number(figures.l_r_one_end_row), _number(figures.l_kl), *active,
                      _number(baseline.l_r_training_mask), _number(baseline.l_r_evaluation_mask))  # fmt: skip
    return table


def _sample_table(sampled: SampleReport) -> Table:
    columns = ("drawings", "finished at first", "finished", "points")
    novelty = ("nearest training drawing", "near copies") if sampled.reference else ()
    table = _table("Samples from the prior", "temperature", (*columns, *novelty))
    for figures in sampled.temperatures:
        cells = [f"{figures.drawings:,}", _percent(figures.finished_at_first), _percent(figures.finished),
                 f"{figures.points:.1f}"]  # fmt: skip
        if figures.novelty:
            cells += [f"{figures.novelty.median:.4f}", _percent(figures.near_copies)]
        table.add_row(f"{figures.temperature:g}", *cells)
    return table


def _novelty_lines(sampled: SampleReport) -> Iterator[str]:
    if sampled.reference is None:
        return
    yield (f"nearest of {sampled.reference:,} training drawings: median Chamfer distance, the drawing's longer side "
           "being 1")
    if sampled.held_out:
        yield (f"{sampled.held_out.drawings:,} held-out drawings: {sampled.held_out.median:.4f}; a near copy is nearer "
               "than 99 % of these are")


def _way_table(ways: InterpolationReport) -> Table:
    title = (
        f"Ways of {ways.steps} steps between {ways.pairs:,} pairs at temperature {ways.temperature:g}\n"
        f"Distances in diagonals of a drawing: ends {ways.direct:.4f}, by chance {ways.redrawn:.4f}"
    )
    table = _table(title, "way", ("mean step", "of direct", "worst step", "of direct", "worst of all"))
    for name, way in ways.ways.items():
        table.add_row(name, f"{way.mean_step:.4f}", _percent(ways.share(way.mean_step)), f"{way.worst_step:.4f}",
                      _percent(ways.share(way.worst_step)), f"{way.worst_of_all:.4f}")  # fmt: skip
    return table


def _percent(share: float | None) -> str:
    return "-" if share is None else f"{100 * share:.1f} %"


def _number(value: float, digits: int = 3) -> str:
    return "-" if value != value else f"{value:.{digits}f}"
