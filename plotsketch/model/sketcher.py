"""A checkpoint put to work: drawings in, latents; latents in, drawings."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray

from plotsketch.errors import UserError
from plotsketch.strokes.reference import ClassRef, FileRef, SeedRef, load_file_reference, near_names, parse_reference
from plotsketch.strokes.simplify import rdp, simplify
from plotsketch.strokes.sketch import Sketch

from .blocks import one_thread
from .checkpoint import Checkpoint, ClassLatent, load
from .packing import pack
from .randomness import latent_normals
from .sampler import ATTEMPTS, TEMPERATURE, sample

EPSILON = 2.0  # of the Ramer-Douglas-Peucker step, in a box of 255: that of the Quick, Draw! dataset
COARSEST = 64.0  # a quarter of the box: more than that leaves nothing of a drawing
# The mean of many latents lies nearer the middle of the space than the latents do, and there the decoder draws a bit of
# everything. Chosen by eye on `everyday`: at 1 classes are blurred, at 2 cars and suns are plain, at 3 parts get lost.
TYPICAL = 2.0
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
        class; any other name is a landmark. Raises UserError for a name that the checkpoint does not know, with the
        near ones, and for whatever is wrong with a file.
        """
        self.checkpoint.require_latent_space(f"start from '{reference}'")
        match parse_reference(reference):
            case FileRef() as file:
                return self._encoded(load_file_reference(file).sketch, str(file), prepare=True)
            case SeedRef(seed):
                return self.prior(seed)
            case ClassRef(name):
                return self.class_latent(name)
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

    def prior(self, seed: int) -> NDArray[np.float32]:
        """(Nz,) drawn from N(0, I)."""
        self.checkpoint.require_latent_space("draw a latent")
        return latent_normals(seed, self._latent_size).astype(np.float32)

    def class_latent(self, name: str, seed: int | None = None) -> NDArray[np.float32]:
        """(Nz,): a typical drawing of a class, in the direction of its latents' mean and TYPICAL times as far out; with
        a seed a draw from around the mean, as far away as the class's drawings are."""
        self.checkpoint.require_latent_space(f"draw the class '{name}'")
        found = self._class(name)
        if seed is None:
            return np.asarray(TYPICAL * found.mean, dtype=np.float32)
        return (found.mean + found.spread * latent_normals(seed, self._latent_size)).astype(np.float32)

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

    @property
    def _latent_size(self) -> int:
        return self.checkpoint.config.latent_size

    def _sketch(self, rows: NDArray[np.float32], finished: bool) -> Sketch:
        scale = self.checkpoint.scale_factor
        return Sketch.from_stroke3(rows.astype(np.float64) * (scale, scale, 1.0), finished=finished)

    def _landmark(self, name: str) -> NDArray[np.float32]:
        landmarks = self.checkpoint.landmarks
        if name in landmarks:
            return np.array(landmarks[name], dtype=np.float32)
        near = near_names(name, landmarks) + [f"class:{near}" for near in near_names(name, self.checkpoint.classes)]
        raise UserError(f"model '{self.checkpoint.name}' knows no '{name}'; {self._instead(near)}")

    def _class(self, name: str) -> ClassLatent:
        classes = self.checkpoint.classes
        if name in classes:
            return classes[name]
        near = [f"class:{near}" for near in near_names(name, classes)] + near_names(name, self.checkpoint.landmarks)
        raise UserError(f"model '{self.checkpoint.name}' has no class '{name}'; {self._instead(near)}")

    def _instead(self, near: list[str]) -> str:
        if near:
            return f"did you mean {' or '.join(near)}?"
        known = [*self.checkpoint.landmarks, *(f"class:{name}" for name in self.checkpoint.classes)]
        some = ", ".join(known[:8]) + (f" and {len(known) - 8} more" if len(known) > 8 else "")
        return f"it knows {some or 'no names'}; a file (cat.svg, cat.ndjson#3) and seed:NUMBER always do"

    @torch.inference_mode()
    def _encoded(self, sketch: Sketch, source: str, prepare: bool) -> NDArray[np.float32]:
        """Mean (Nz,) of one sketch's latent distribution; alone, so that no other has a part in how it rounds."""
        if sketch.is_empty:
            raise UserError(f"{source}: an empty drawing cannot be read by a model")
        ready = prepared(sketch) if prepare and not is_prepared(sketch) else sketch
        rows = shortened(ready, self.checkpoint.config.max_points, source).to_stroke5(end_row=False)
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
