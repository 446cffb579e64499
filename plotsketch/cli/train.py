"""``plotsketch train``: from a training set to a checkpoint."""

from __future__ import annotations

import signal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from plotsketch.errors import UserError

from .options import json_option, note, report

if TYPE_CHECKING:
    from plotsketch.training.run import Run
    from plotsketch.training.settings import TrainingSettings

CELLS = click.Choice(["lstm", "layer_norm", "hyper"])
STATE = "state.safetensors"
SIZES = {"encoder", "encoder_size", "decoder", "decoder_size", "latent_size", "mixtures", "decoder_only"}
KL_OPTIONS = {"kl_weight", "kl_decay", "kl_floor", "latent_size"}


@click.command(epilog="Several processes: torchrun --nproc-per-node 2 -m plotsketch train SET.npz --folder runs/cats")
@click.argument("data", metavar="SET.npz", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--folder", "folder", required=True, type=click.Path(file_okay=False, path_type=Path),
              help="Folder of the run: its state, log, curve and checkpoint.")
@click.option("--name", help="Name of the model.  [default: the folder's name]")
@click.option("--resume", is_flag=True, help="Go on with the run in the folder; only --steps may be changed.")
@click.option("--init", metavar="MODEL", help="Begin from this model's weights (fine-tuning).")
@click.option("--steps", type=click.IntRange(1), default=20_000, show_default=True)
@click.option("--batch", type=click.IntRange(1), default=100, show_default=True,
              help="Drawings of mean length a step, over all processes.")
@click.option("--rate", type=click.FloatRange(0, min_open=True), default=1e-3, show_default=True,
              help="Highest learning rate.")
@click.option("--schedule", type=click.Choice(["cosine", "magenta"]), default="cosine", show_default=True)
@click.option("--warmup", type=click.IntRange(0), default=200, show_default=True, help="Steps of rising rate.")
@click.option("--kl-weight", type=click.FloatRange(0), default=0.5, show_default=True)
@click.option("--kl-decay", type=click.FloatRange(0, 1), default=0.99995, show_default=True,
              help="Annealing of the KL weight, a step.")
@click.option("--kl-floor", type=click.FloatRange(0), default=0.2, show_default=True, help="Nats a dimension.")
@click.option("--keep", type=click.FloatRange(0, 1, min_open=True), default=0.9, show_default=True,
              help="Recurrent dropout: share that is kept.")
@click.option("--scale-augment", type=click.FloatRange(0, 0.9), default=0.15, show_default=True)
@click.option("--drop-augment", type=click.FloatRange(0, 0.9), default=0.10, show_default=True)
@click.option("--class-power", type=click.FloatRange(0, 1), default=1.0, show_default=True,
              help="A class is drawn in proportion to its size to this power.")
@click.option("--average", type=click.FloatRange(0, 1, max_open=True), default=0.999, show_default=True,
              help="Decay of the running mean of weights that becomes the model.")
@click.option("--encoder", type=CELLS, default="lstm", show_default=True)
@click.option("--encoder-size", type=click.IntRange(1), default=256, show_default=True)
@click.option("--decoder", type=CELLS, default="lstm", show_default=True)
@click.option("--decoder-size", type=click.IntRange(1), default=512, show_default=True)
@click.option("--latent-size", type=click.IntRange(1), default=128, show_default=True)
@click.option("--mixtures", type=click.IntRange(1), default=20, show_default=True)
@click.option("--decoder-only", is_flag=True, help="No encoder and no latent space.")
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True)
@click.option("--licence", default="", help="Licence of the data, kept in the checkpoint.")
@click.option("--description", default="", help="A sentence on the model, kept in the checkpoint.")
@click.option("--device", type=click.Choice(["auto", "cpu", "cuda"]), default="auto", show_default=True)
@click.option("--precision", type=click.Choice(["auto", "float32", "bfloat16"]), default="auto", show_default=True,
              help="Type of the recurrent products; auto takes bfloat16 where the hardware has it.")
@click.option("--threads", type=click.IntRange(1), help="Threads of this process.  [default: torch's own]")
@click.option("--save-minutes", type=click.FloatRange(0.01), default=5.0, show_default=True)
@json_option
@click.pass_context
def train(ctx: click.Context, /, data: Path, folder: Path, resume: bool, as_json: bool, **options: Any) -> int:
    """Train a sketch-rnn on SET.npz (made by 'plotsketch data import').

    The run's folder is saved every few minutes; Ctrl-C saves and stops, and --resume goes on from there.

    \b
    Examples:
      plotsketch train cats.npz --folder runs/cats --steps 5000
      plotsketch train cats.npz --folder runs/cats --resume
      plotsketch train owls.npz --folder runs/owls --init everyday --steps 1500 --rate 5e-4
    """  # fmt: skip
    import torch

    from plotsketch.training.allocator import keep_freed_memory
    from plotsketch.training.parallel import join

    keep_freed_memory()
    if options["threads"]:
        torch.set_num_threads(options["threads"])
    _check_folder(folder, resume)
    if resume:
        _refuse_changes(ctx)
    _refuse_idle_options(ctx, options)
    group = join()
    try:
        run = _resumed(data, folder, options, ctx, group) if resume else _begun(data, folder, options, group)
        done = _train(run, as_json)
        group.meet()
        return done
    finally:
        group.leave()


def _check_folder(folder: Path, resume: bool) -> None:
    from plotsketch.files import check_writable

    there = (folder / STATE).exists()
    if there and not resume:
        raise UserError(f"{folder} already holds a run; go on with it by --resume, or name another folder")
    if resume and not there:
        raise UserError(f"{folder} holds no run to resume; leave out --resume to begin one")
    check_writable(folder / STATE)


def _given(ctx: click.Context) -> dict[str, str]:
    """Parameters that stand on the command line: their name in Python, and as the user writes it."""
    line = click.core.ParameterSource.COMMANDLINE
    return {p.name: p.opts[0] for p in ctx.command.params if p.name and ctx.get_parameter_source(p.name) == line}


def _refuse_idle_options(ctx: click.Context, options: dict[str, Any]) -> None:
    """An option that another one makes pointless is an error, not a silent no."""
    cases = (
        (options["init"], SIZES, "--init takes cells and sizes from its model"),
        (options["schedule"] == "magenta", {"warmup"}, "--schedule magenta has no warm-up"),
        (options["decoder_only"], KL_OPTIONS, "--decoder-only has no latent and no KL term"),
    )
    for applies, names, reason in cases:
        idle = [written for name, written in _given(ctx).items() if applies and name in names]
        if idle:
            raise UserError(f"{reason}: leave out {', '.join(idle)}")


def _refuse_changes(ctx: click.Context) -> None:
    """Everything but the number of steps is fixed when a run begins."""
    free = {"data", "folder", "resume", "steps", "threads", "save_minutes", "as_json", "device"}
    for name, written in _given(ctx).items():
        if name not in free:
            raise UserError(f"{written} was fixed when the run began; --resume can only change --steps")


def _begun(data: Path, folder: Path, options: dict[str, Any], group: Any) -> Run:
    from plotsketch.training.dataset import TrainingSet
    from plotsketch.training.products import PRECISIONS, choose_device, choose_products
    from plotsketch.training.run import About, Run
    from plotsketch.training.trainer import Trainer

    drawings = TrainingSet.load(data)
    if not len(drawings.select("train")):
        raise UserError(f"{data} has no drawings in its train split; import more drawings")
    parent = _parent(options["init"])
    settings = _settings(options, drawings, parent)
    device = choose_device(options["device"])
    precision = choose_products(options["precision"], device)
    scale_factor = parent.scale_factor if parent else drawings.scale_factor()
    trainer = Trainer(drawings, settings, scale_factor, device, PRECISIONS[precision], group,
                      parent.network.state_dict() if parent else None)  # fmt: skip
    about = About(
        name=options["name"] or folder.name, licence=options["licence"], description=options["description"],
        source=data.name, data_digest=drawings.digest(), parent=f"{parent.name} {parent.digest}" if parent else "",
        precision=precision, save_minutes=options["save_minutes"],
    )  # fmt: skip
    return Run(trainer, folder, about)


def _resumed(data: Path, folder: Path, options: dict[str, Any], ctx: click.Context, group: Any) -> Run:
    from dataclasses import replace

    from plotsketch.training.dataset import TrainingSet
    from plotsketch.training.products import PRECISIONS, choose_device
    from plotsketch.training.run import About, Run
    from plotsketch.training.settings import TrainingSettings
    from plotsketch.training.state import read_state
    from plotsketch.training.trainer import Trainer

    tensors, values, stored = read_state(folder / STATE)
    drawings = TrainingSet.load(data)
    about = replace(About(**stored), save_minutes=options["save_minutes"])
    if drawings.digest() != about.data_digest:
        raise UserError(f"{data} is not the training set that {folder} began with ({about.source})")
    settings = TrainingSettings.from_dict(values["settings"])
    if "steps" in _given(ctx):
        settings = replace(settings, steps=options["steps"])
    device = choose_device(options["device"])
    trainer = Trainer(drawings, settings, values["scale_factor"], device, PRECISIONS[about.precision], group)
    trainer.restore(tensors, values)
    return Run(trainer, folder, about)


def _parent(name: str | None) -> Any:
    if name is None:
        return None
    from plotsketch.model import catalogue, checkpoint

    return checkpoint.load(catalogue.find(name))


def _settings(options: dict[str, Any], drawings: Any, parent: Any) -> TrainingSettings:
    from plotsketch.model.config import ModelConfig
    from plotsketch.training.augment import Augmentation
    from plotsketch.training.settings import TrainingSettings

    model = parent.config if parent else ModelConfig(
        encoder_cell=options["encoder"], encoder_size=options["encoder_size"], decoder_cell=options["decoder"],
        decoder_size=options["decoder_size"], latent_size=options["latent_size"], mixtures=options["mixtures"],
        conditional=not options["decoder_only"], max_points=int(drawings.lengths.max()),
    )  # fmt: skip
    return TrainingSettings(
        model=model, steps=options["steps"], batch=options["batch"], peak_rate=options["rate"],
        warmup=options["warmup"], schedule=options["schedule"], kl_weight=options["kl_weight"],
        kl_decay=options["kl_decay"], kl_floor=options["kl_floor"], keep=options["keep"],
        augmentation=Augmentation(options["scale_augment"], options["drop_augment"]),
        class_power=options["class_power"], average=options["average"], seed=options["seed"],
    )  # fmt: skip


def _train(run: Run, as_json: bool) -> int:
    """Runs until done or interrupted, showing progress on the leading process."""
    from .main import INTERRUPTED

    trainer = run.trainer
    stop = _Interruption()
    run.asked_to_stop = stop.asked
    if not trainer.group.leads:
        return 0 if run.go() else INTERRUPTED
    with _progress(trainer.step_number, trainer.settings.steps) as show:
        run.on_step = show
        done = run.go()
    if not done:
        note(f"Stopped at step {trainer.step_number} of {trainer.settings.steps} and saved; "
             f"go on with: plotsketch train ... --folder {run.folder} --resume")  # fmt: skip
        return INTERRUPTED
    report(_results(run), as_json)
    return 0


def _results(run: Run) -> dict[str, Any]:
    last = run.log.rows[-1] if run.log.rows else {}
    return {
        "checkpoint": run.folder / f"{run.about.name}.safetensors", "log": run.folder / "log.csv",
        "curve": run.folder / "curve.png", "steps": run.trainer.step_number, "seconds": round(run.log.seconds(), 1),
        "valid_reconstruction_nats": last.get("valid_reconstruction_nats"), "valid_kl_nats": last.get("valid_kl_nats"),
    }  # fmt: skip


class _Interruption:
    """Ctrl-C or a termination asks the loop to save and stop; a second Ctrl-C stops at once."""

    def __init__(self) -> None:
        self._asked = False
        signal.signal(signal.SIGTERM, self._ask)
        signal.signal(signal.SIGINT, self._ask)

    def _ask(self, number: int, frame: object) -> None:
        self._asked = True
        signal.signal(signal.SIGINT, signal.default_int_handler)

    def asked(self) -> bool:
        return self._asked


def _progress(first: int, steps: int) -> Any:
    from .training_progress import training_progress

    return training_progress(first, steps)
