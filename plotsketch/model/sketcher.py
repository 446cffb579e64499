"""A checkpoint put to work: drawings in, latents; latents in, drawings."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray

from plotsketch.errors import UserError
from plotsketch.strokes.lookup import load_file_reference
from plotsketch.strokes.reference import CellRef, ClassRef, FileRef, SeedRef, near_names, parse_reference
from plotsketch.strokes.simplify import rdp, simplify
from plotsketch.strokes.sketch import FirstRow, Sketch

from . import catalogue, completion
from .blocks import one_thread
from .checkpoint import Checkpoint, ClassLatent, load
from .packing import pack
from .randomness import latent_normals
from .sampler import ATTEMPTS, TEMPERATURE, sample

SIZE = 255.0  # longer side of the dataset's drawings
EPSILON = 2.0  # of the Ramer-Douglas-Peucker step, in a box of 255: that of the Quick, Draw! dataset
COARSEST = 64.0  # a quarter of the box: more than that leaves nothing of a drawing
# The mean of many latents lies nearer the middle of the space than the latents do, and there the decoder draws a bit of
# everything. Chosen by eye on `everyday`: at 1 classes are blurred, at 2 cars and suns are plain, at 3 parts get lost.
TYPICAL = 2.0
# As far from it as a class's drawings are from their mean, others get into a class: it is several clouds, not one.
CLASS_SPREAD = 0.6
LONGEST_SIDE = (247.0, 256.0)  # of drawings in the dataset: 255 before a last step that may cut corners


class Sketcher:
    """Draws with a checkpoint's network. Sketches are in the units of its training data (QuickDraw: a box of 255).

    Latents are float32 arrays (Nz,) or (n, Nz). A decoder-only model has none: what needs them raises UserError, and
    ``sample`` takes None.
    """

    def __init__(self, checkpoint: Checkpoint) -> None:
        self.checkpoint = checkpoint

    @classmethod
    def load(cls, path: Path | str) -> Sketcher:
        """From a checkpoint file; errors as ``checkpoint.load``."""
        return cls(load(path))

    def latent(self, reference: str) -> NDArray[np.float32]:
        """(Nz,): what ``reference`` means to this model.

        A file's drawing is encoded; ``seed:7`` is a draw from the prior; ``class:cat`` is what is typical of that
        class; any other name is a landmark of the checkpoint. Raises UserError for a name that the checkpoint does not
        know, with the near ones, for whatever is wrong with a file, and for a cell of a sheet, which is art's business.
        """
        self.checkpoint.require_latent_space(f"start from '{reference}'")
        match parse_reference(reference):
            case FileRef() as file:
                return self._encoded(load_file_reference(file).sketch, str(file), prepare=True)
            case SeedRef(seed):
                return self.prior(seed)
            case ClassRef(name):
                return self.class_latent(name)
            case CellRef() as cell:
                raise UserError(f"{cell}: a cell is found by plotsketch.art.studio.Studio, not by a model alone")
            case named:
                return self._landmark(named.name)

    def encode(self, sketches: Sequence[Sketch], prepare: bool = True) -> NDArray[np.float32]:
        """(n, Nz): the mean of each sketch's latent distribution, the same alone and among others.

        With ``prepare``, sketches that do not look like those of the Quick, Draw! dataset are brought to its box of
        255 and simplified as they were; without it they are taken to be in data units. Either way a sketch with more
        points than the model was trained on is simplified further. Raises UserError for an empty sketch and for one
        of too many lines.
        """
        self.checkpoint.require_latent_space("read a drawing")
        latents = [self._encoded(sketch, f"drawing {i}", prepare) for i, sketch in enumerate(sketches)]
        return np.array(latents, dtype=np.float32).reshape(len(latents), self._latent_size)

    def prepare(self, sketch: Sketch, source: str = "drawing") -> Sketch:
        """What the model sees of a sketch: as ``encode`` prepares and shortens it. Raises UserError, naming ``source``,
        for an empty sketch and for one of too many lines."""
        if sketch.is_empty:
            raise UserError(f"{source}: an empty drawing cannot be read by a model")
        return shortened(ready_for_reading(sketch), self.checkpoint.config.max_points, source)

    def prior(self, seed: int) -> NDArray[np.float32]:
        """(Nz,) drawn from N(0, I)."""
        self.checkpoint.require_latent_space("draw a latent")
        return latent_normals(seed, self._latent_size).astype(np.float32)

    def class_latent(self, name: str, seed: int | None = None, spread: float | None = None) -> NDArray[np.float32]:
        """(Nz,): a typical drawing of a class, in the direction of its latents' mean and TYPICAL times as far out; with
        a seed a draw from around it, ``spread`` (CLASS_SPREAD) times as far away as the class's drawings are from
        their mean."""
        self.checkpoint.require_latent_space(f"draw the class '{name}'")
        found = self._class(name)
        typical = np.asarray(TYPICAL * found.mean, dtype=np.float32)
        if seed is None:
            return typical
        spread = CLASS_SPREAD if spread is None else spread
        return (typical + spread * found.away(latent_normals(seed, self._latent_size))).astype(np.float32)

    def sample(
        self,
        latents: ArrayLike | None,
        *,
        seed: int = 0,
        cells: Sequence[int] | None = None,
        temperature: float = TEMPERATURE,
        pen_temperature: float | None = None,
        best_of: int = 1,
        attempts: int = ATTEMPTS,
        threads: int | None = None,
    ) -> list[Sketch]:
        """A sketch for each latent (n, Nz), in order, in data units.

        ``cells`` are the drawings' numbers in the whole work, 0 to n - 1 unless given: cell 17 is the same drawing
        alone, in a batch of 4 or of 400, for the same latent and seed. Where ``latents`` is None, for a decoder-only
        model, they say how many are wanted. The other options are those of ``sampler.sample``.
        """
        if latents is None:
            table = None
        else:
            self.checkpoint.require_latent_space("draw what a latent says")
            table = np.asarray(latents, dtype=np.float32)
        if cells is None:
            if table is None:
                raise ValueError("without latents, cells say how many drawings are wanted")
            cells = range(len(table))
        drawn = sample(
            self.checkpoint.network, table, cells, seed=seed, temperature=temperature, pen_temperature=pen_temperature,
            best_of=best_of, attempts=attempts, threads=threads,
        )  # fmt: skip
        return [self._sketch(result.rows, result.finished) for result in drawn]

    def complete(
        self,
        given: Sketch,
        latents: ArrayLike | None = None,
        *,
        cells: Sequence[int],
        lift: bool = True,
        seed: int = 0,
        temperature: float = TEMPERATURE,
        best_of: int = 1,
        threads: int | None = None,
    ) -> list[Sketch]:
        """What comes after ``given``, once for each of ``cells``, in the frame of the given drawing.

        ``given`` is in data units and as large as it is in the finished drawing (``as_beginning`` makes it so); the pen
        is up at its end (``lift``) or stays on the paper. ``latents`` (n, Nz) say what the whole will be; without them
        a conditional model takes some that fit what is given (see ``completion``). A cell's ending hangs on the seed,
        the cell and what is given alone. Raises UserError for more points than the model can go on from.
        """
        rows = self._given_rows(given, lift)
        if len(rows) > self.most_given:
            raise UserError(
                f"{len(rows)} points are given, and the model was trained on drawings of "
                f"{self.checkpoint.config.max_points}: it goes on from {self.most_given} at most"
            )
        table = self._fitting(rows, cells, seed) if latents is None else np.asarray(latents, np.float32)
        drawn = sample(
            self.checkpoint.network, table, cells, seed=seed, temperature=temperature, best_of=best_of,
            threads=threads, given=rows,
        )  # fmt: skip
        last = given.lines[-1][-1]
        return [self._sketch(one.rows, one.finished, last, "move" if lift else "drawn") for one in drawn]

    @property
    def most_given(self) -> int:
        """Stroke rows that a completion may begin with: three quarters of what the model was trained on."""
        return max(1, 3 * self.checkpoint.config.max_points // 4)

    def as_beginning(
        self, sketch: Sketch, *, share: float | None = None, lift: bool = True, source: str = "drawing"
    ) -> tuple[Sketch, float]:
        """A sketch of any size prepared as the beginning of a drawing: its longer side is ``share`` of a finished
        one's. Without a share the likeliest of ``completion.SHARES`` is taken. Returns the share too.

        A drawing of more points than ``most_given`` is thinned. Raises UserError, naming ``source``, for an empty
        sketch and for one of too many lines.
        """
        if sketch.is_empty:
            raise UserError(f"{source}: an empty drawing has no ending")
        if share is None:
            share = self._best_share(self._sized(sketch, 0.5, source), lift)
        return self._sized(sketch, share, source), share

    def _sized(self, sketch: Sketch, share: float, source: str) -> Sketch:
        simple = simplify(sketch, size=share * SIZE, epsilon=EPSILON)
        return shortened(Sketch(tuple(np.rint(line) for line in simple.lines)), self.most_given, source)

    def _best_share(self, half: Sketch, lift: bool) -> float:
        """From a sketch that is half as large as a drawing."""
        rows = self._given_rows(half, lift)
        rows[:, :2] *= 2.0
        table = self._candidates(0, completion.candidates_for(len(rows)) // len(completion.SHARES))
        return completion.best_share(self.checkpoint.network, rows, table, completion.SHARES)

    def _given_rows(self, given: Sketch, lift: bool) -> NDArray[np.float32]:
        """(k, 5), model units."""
        rows = given.to_stroke5(end_row=False)
        rows[:, :2] /= self.checkpoint.scale_factor
        return completion.beginning(rows, lift)

    def _candidates(self, seed: int, count: int) -> NDArray[np.float32] | None:
        """From the prior and from around the classes, in turn."""
        if not self.checkpoint.config.conditional:
            return None
        around = [(known.mean, known.spread) for known in self.checkpoint.classes.values()]
        return completion.candidates(self._latent_size, around, seed, count)

    def _fitting(self, rows: NDArray[np.float32], cells: Sequence[int], seed: int) -> NDArray[np.float32] | None:
        """Latents (n, Nz) that fit what is given, one a cell; None for a decoder-only model."""
        table = self._candidates(seed, completion.candidates_for(len(rows)))
        if table is None:
            return None
        likelihoods = completion.log_likelihoods(self.checkpoint.network, rows, table)
        return table[completion.resampled(likelihoods, cells, seed)]

    @property
    def _latent_size(self) -> int:
        return self.checkpoint.config.latent_size

    def _sketch(
        self,
        rows: NDArray[np.float32],
        finished: bool,
        origin: ArrayLike = (0.0, 0.0),
        first_row: FirstRow = "drawn",
    ) -> Sketch:
        scale = self.checkpoint.scale_factor
        sized = rows.astype(np.float64) * (scale, scale, 1.0)
        return Sketch.from_stroke3(sized, origin=origin, finished=finished, first_row=first_row)

    def _landmark(self, name: str) -> NDArray[np.float32]:
        landmarks = self.checkpoint.landmarks
        if name in landmarks:
            return np.array(landmarks[name], dtype=np.float32)
        near = near_names(name, landmarks) + [f"class:{near}" for near in near_names(name, self.checkpoint.classes)]
        known = [*landmarks, *(f"class:{name}" for name in self.checkpoint.classes)]
        instead = self._elsewhere("landmarks", name) or self._instead(near, known)
        raise UserError(f"model '{self.checkpoint.name}' knows no '{name}'; {instead}")

    def _class(self, name: str) -> ClassLatent:
        classes = self.checkpoint.classes
        if name in classes:
            return classes[name]
        near = [f"class:{near}" for near in near_names(name, classes)] + near_names(name, self.checkpoint.landmarks)
        instead = self._elsewhere("classes", name) or self._instead(near, list(classes))
        raise UserError(f"model '{self.checkpoint.name}' has no class '{name}'; {instead}")

    @staticmethod
    def _elsewhere(table: str, name: str) -> str:
        """Which installed models do know a name; empty where none does."""
        models = catalogue.knowing(table, name)
        return f"{models[0]} does (--model {models[0]})" if models else ""

    @staticmethod
    def _instead(near: list[str], known: list[str]) -> str:
        if near:
            return f"did you mean {' or '.join(near)}?"
        some = ", ".join(known[:8]) + (f" and {len(known) - 8} more" if len(known) > 8 else "")
        return f"it knows {some or 'no names'}; a file (cat.svg, cat.ndjson#3) and seed:NUMBER always do"

    @torch.inference_mode()
    def _encoded(self, sketch: Sketch, source: str, prepare: bool) -> NDArray[np.float32]:
        """Mean (Nz,) of one sketch's latent distribution; alone, so that no other has a part in how it rounds."""
        if prepare:
            ready = self.prepare(sketch, source)
        elif sketch.is_empty:
            raise UserError(f"{source}: an empty drawing cannot be read by a model")
        else:
            ready = shortened(sketch, self.checkpoint.config.max_points, source)
        rows = ready.to_stroke5(end_row=False)
        rows[:, :2] /= self.checkpoint.scale_factor
        packed = pack([rows])
        with one_thread():
            mu, _ = self.checkpoint.network.encode(packed.rows, packed.sizes)
        if not torch.isfinite(mu).all():
            raise UserError(f"{source}: a coordinate is not a number, or too large for one")
        return np.array(mu[0].numpy(), dtype=np.float32)


def is_prepared(sketch: Sketch) -> bool:
    """Whether a sketch looks like one of the dataset's simplified drawings: as large, and with no point to spare."""
    if sketch.is_empty:
        return False
    xmin, ymin, xmax, ymax = sketch.bounds
    needed = sum(len(rdp(line, EPSILON / 2)) for line in sketch.lines)
    return LONGEST_SIDE[0] <= max(xmax - xmin, ymax - ymin) <= LONGEST_SIDE[1] and needed >= 0.9 * sketch.point_count


def ready_for_reading(sketch: Sketch) -> Sketch:
    """The sketch itself where it looks like the dataset's, else as ``prepared`` makes it."""
    return sketch if is_prepared(sketch) else prepared(sketch)


def prepared(sketch: Sketch) -> Sketch:
    """As the dataset's simplified drawings are: in a box of 255, few points, whole numbers."""
    simple = simplify(sketch, epsilon=EPSILON)
    return Sketch(tuple(np.rint(line) for line in simple.lines), simple.finished)


def shortened(sketch: Sketch, most: int, source: str = "drawing") -> Sketch:
    """Of at most ``most`` stroke rows: its lines thinned with a growing epsilon as far as it takes.

    Raises UserError, naming ``source``, when that would leave too little of it.
    """
    short, epsilon = sketch, EPSILON * _unit(sketch)
    while len(short.to_stroke3()) > most:
        epsilon *= 1.25
        if epsilon > COARSEST * _unit(sketch):
            raise UserError(
                f"{source}: a drawing of {len(sketch.lines)} lines is too much for a model trained on at most {most} "
                "points a drawing; take some lines away"
            )
        short = Sketch(tuple(rdp(line, epsilon) for line in sketch.lines), sketch.finished)
    return short


def _unit(sketch: Sketch) -> float:
    """A 255th of the longer side; 1 for dots in one place."""
    xmin, ymin, xmax, ymax = sketch.bounds
    return max(xmax - xmin, ymax - ymin) / 255.0 or 1.0
