"""``plotsketch data``: from the network and from files to training sets, and what they hold."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from plotsketch.cli.options import json_option, note, output_option, report, seed_option
from plotsketch.cli.progress import progress
from plotsketch.errors import UserError

if TYPE_CHECKING:
    from plotsketch.training.fetch import Progress

_FILE = click.Path(path_type=Path)
_CLASSES_SHOWN = 25


@click.group()
def data() -> None:
    """Fetch, import, inspect and sample training drawings.

    \b
    Example:
      plotsketch data fetch cat pig --to quickdraw
      plotsketch data import quickdraw/cat.ndjson quickdraw/pig.ndjson -o catpig.npz
      plotsketch data sample catpig.npz -o catpig.png
    """


@data.command("import")
@click.argument("files", nargs=-1, required=True, type=_FILE, metavar="FILE...")
@output_option("The training set to write (.npz).")
@click.option(
    "--recognized/--all",
    default=True,
    show_default=True,
    help="Leave out what QuickDraw's game did not recognize, or take all.",
)
@click.option("--min-points", type=click.IntRange(min=1), default=2, show_default=True, help="Fewest points (rows).")
@click.option("--max-points", type=click.IntRange(min=1), default=130, show_default=True, help="Most points (rows).")
@click.option("--class", "classes", multiple=True, metavar="NAME", help="Only this class; may be repeated.")
@click.option(
    "--per-class",
    type=click.IntRange(min=1),
    metavar="N",
    help="At most N drawings of a class, chosen by their keys.",
)
@click.option(
    "--word",
    metavar="NAME",
    help="Class of drawings whose file names none (SVG, most .npz).  [default: the file's name]",
)
@click.option(
    "--prepare/--as-is",
    default=None,
    help="Simplify as QuickDraw does, or not.  [default: SVG and raw ndjson only]",
)
@click.option(
    "--first-row",
    type=click.Choice(["drawn", "move"]),
    default="drawn",
    show_default=True,
    help="Whether the first row of .npz drawings is a line or only moves the pen.",
)
@click.option(
    "--own-splits/--split-by-key",
    default=True,
    show_default=True,
    help="Keep train, valid and test of .npz files, or split them by key as all else.",
)
@json_option
def import_(
    files: tuple[Path, ...],
    output: Path,
    recognized: bool,
    min_points: int,
    max_points: int,
    classes: tuple[str, ...],
    per_class: int | None,
    word: str | None,
    prepare: bool | None,
    first_row: Any,
    own_splits: bool,
    as_json: bool,
) -> None:
    """Make a training set from any mix of .ndjson[.gz], .npz and .svg files.

    Each drawing goes to train (92 %), valid (3 %) or test (5 %) by a hash of its key, whatever file or order
    it comes in; a key that comes twice counts once. Drawings without a key get one from their points.
    Training sets can be imported again, to join or filter them.

    \b
    Example:
      plotsketch data import quickdraw/*.ndjson.gz -o everyday.npz
      plotsketch data import mine/*.svg --word bird -o birds.npz
      plotsketch data import icons.npz --first-row move --prepare -o icons-set.npz
    """
    from plotsketch.files import check_writable
    from plotsketch.training.building import Filters
    from plotsketch.training.importing import Reading, import_files
    from plotsketch.training.statistics import describe

    if min_points > max_points:
        raise UserError(f"--min-points {min_points} is more than --max-points {max_points}")
    _check_suffix(output, ".npz")
    _check_distinct(files, output)
    check_writable(output)
    filters = Filters(recognized, min_points, max_points, classes, per_class)
    reading = Reading(prepare, own_splits, word or "", first_row)
    with progress("Importing", sum(_size(path) for path in files)) as advance:
        made = import_files(files, filters, reading, lambda path: advance(_size(path)))
    made.save(output)
    facts = {"path": output, **describe(made)}
    report(facts, as_json, _summary(facts, histogram=False))


@data.command()
@click.argument("path", metavar="SET", type=_FILE)
@json_option
def info(path: Path, as_json: bool) -> None:
    """Show a training set's classes, splits, points a drawing and scale factor."""
    from plotsketch.training.dataset import TrainingSet
    from plotsketch.training.statistics import describe

    facts = {"path": path, **describe(TrainingSet.load(path))}
    report(facts, as_json, _summary(facts, histogram=True))


@data.command()
@click.argument("path", metavar="SET", type=_FILE)
@output_option("The picture to write (.png).")
@click.option("--class", "classes", multiple=True, metavar="NAME", help="Only this class; may be repeated.")
@click.option("--split", type=click.Choice(["train", "valid", "test"]), help="Only this split.")
@click.option("--count", type=click.IntRange(1, 2000), default=70, show_default=True, help="How many drawings.")
@click.option("--columns", type=click.IntRange(1, 100), help="Drawings in a row.  [default: as fits]")
@seed_option
@json_option
def sample(
    path: Path,
    output: Path,
    classes: tuple[str, ...],
    split: str | None,
    count: int,
    columns: int | None,
    seed: int,
    as_json: bool,
) -> None:
    """Draw a contact sheet of some drawings, spread evenly over the classes."""
    import numpy as np

    from plotsketch.files import check_writable
    from plotsketch.training.contact_sheet import choose, save_sheet
    from plotsketch.training.dataset import TrainingSet

    _check_suffix(output, ".png")
    check_writable(output)
    training_set = TrainingSet.load(path)
    candidates = training_set.select(split)
    if classes:
        labels = [training_set.label_of(name) for name in classes]
        candidates = candidates[np.isin(training_set.labels[candidates], labels)]
    if not len(candidates):
        raise UserError(f"{path}: no drawing in the split '{split}' of what was asked for")
    chosen = choose(training_set, count, seed, candidates)
    save_sheet(output, training_set, chosen, columns)
    report({"files": [output], "drawings": len(chosen)}, as_json, [str(output)])


@data.command()
@click.argument("classes", nargs=-1, metavar="CLASS...")
@click.option(
    "--to",
    "folder",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("quickdraw"),
    show_default=True,
    help="Folder for the files.",
)
@click.option(
    "--raw/--simplified",
    default=False,
    show_default=True,
    help="As drawn with times, or simplified (a twentieth of the size).",
)
@click.option("--base-url", metavar="URL", help="Another place with the same layout, such as a mirror.")
@click.option("--list", "list_names", is_flag=True, help="Print all class names and leave.")
@json_option
def fetch(
    classes: tuple[str, ...], folder: Path, raw: bool, base_url: str | None, list_names: bool, as_json: bool
) -> None:
    """Download classes of the Quick, Draw! dataset (Google, CC BY 4.0).

    A download that breaks off goes on where it stopped when the command is run again; files that are there
    already are left alone.

    \b
    Example:
      plotsketch data fetch cat "hot air balloon" --to quickdraw
    """
    from plotsketch.training import fetch as fetching
    from plotsketch.training.quickdraw_classes import CLASSES

    if list_names:
        report({"classes": CLASSES}, as_json, CLASSES)
        return
    if not classes:
        raise click.UsageError("Missing argument 'CLASS...'; --list prints the names.")
    names = list(dict.fromkeys(fetching.known_class(name) for name in classes))
    paths = []
    for name in names:
        url = fetching.class_url(name, raw=raw, base_url=base_url or fetching.BASE_URL)
        paths.append(fetching.class_path(folder, name, raw=raw))
        with _transfer(name) as transfer:
            if not fetching.download(url, paths[-1], transfer):
                note(f"{name}: there already")
    report({"paths": paths}, as_json, map(str, paths))


@contextmanager
def _transfer(name: str) -> Iterator[Progress]:
    """Shows one download; the bar begins when the server has said how much there is to come."""
    with ExitStack() as shown:
        arrived = -1
        advance: Callable[[float], None] = _nothing

        def tell(done: int, total: int) -> None:
            nonlocal arrived, advance
            if not 0 <= arrived <= done:  # the first news, or the server starts from the beginning again
                shown.close()
                note(f"{name}: {total / 1e6:.1f} MB" + (f", going on at {done / 1e6:.1f} MB" if done else ""))
                advance = shown.enter_context(progress(name, total - done))
                arrived = done
            advance(done - arrived)
            arrived = done

        yield tell


def _nothing(amount: float) -> None:
    pass


def _check_suffix(path: Path, suffix: str) -> None:
    if path.suffix.lower() != suffix:
        raise UserError(f"cannot write {path}: its name must end in {suffix}")


def _check_distinct(files: Iterable[Path], output: Path) -> None:
    if output.exists() and any(path.exists() and path.samefile(output) for path in files):
        raise UserError(f"{output} is one of the files to read; name another file with -o")


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def _summary(facts: dict[str, Any], *, histogram: bool) -> Iterator[str]:
    """What a person reads of ``statistics.describe``."""
    per_drawing, classes, dropped = (
        facts["points_per_drawing"],
        facts["classes"],
        facts["made_from"].get("dropped", {}),
    )
    kinds = "1 class" if len(classes) == 1 else f"{len(classes):,} classes"
    yield (
        f"{facts['path']}: {facts['drawings']:,} drawings of {kinds}, "
        f"{facts['points']:,} points ({facts['points_type']})"
    )
    yield "splits: " + ", ".join(f"{name} {count:,}" for name, count in facts["splits"].items())
    yield (
        f"points a drawing: mean {per_drawing['mean']:.1f}, median {per_drawing['median']:g}, "
        f"{per_drawing['least']} to {per_drawing['most']}"
    )
    yield (
        f"scale factor: {facts['scale_factor']:.4f}"
        if facts["scale_factor"]
        else "scale factor: none, no training split"
    )
    yield "left out: " + (", ".join(f"{count:,} {why}" for why, count in dropped.items()) or "none")
    yield from _largest_classes(classes)
    if histogram:
        yield from _histogram(per_drawing["edges"], per_drawing["counts"])


def _largest_classes(classes: dict[str, dict[str, float]]) -> Iterator[str]:
    largest = sorted(classes, key=lambda name: (-classes[name]["drawings"], name))
    shown = [f"{name} {classes[name]['drawings']:,}" for name in largest[:_CLASSES_SHOWN]]
    more = f" and {len(largest) - len(shown)} more (--json lists all)" if len(largest) > len(shown) else ""
    yield f"classes: {', '.join(shown)}{more}"


def _histogram(edges: list[int], counts: list[int]) -> Iterator[str]:
    yield "points   drawings"
    for first, end, count in zip(edges[:-1], edges[1:], counts, strict=True):
        bar = "#" * round(50 * count / max(counts))
        yield f"{f'{first}-{end - 1}':>8} {count:>9,} {bar}".rstrip()
