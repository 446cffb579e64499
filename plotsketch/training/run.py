"""A training run in a folder: it can be stopped at any moment and goes on from its last save.

The folder holds ``state.safetensors`` (to resume), ``log.csv``, ``curve.png`` and ``NAME.safetensors``, the checkpoint
made of the averaged weights, all replaced whole at each save.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import torch

from plotsketch.model.checkpoint import Checkpoint
from plotsketch.model.checkpoint import save as save_checkpoint
from plotsketch.model.network import SketchRNN

from .class_latents import class_latents
from .log import Log, read_log, save_curve
from .state import save_state
from .trainer import StepReport, Trainer


@dataclass(frozen=True)
class About:
    """What the checkpoint will say of itself, and how often the run is saved."""

    name: str
    licence: str = ""
    description: str = ""
    source: str = ""  # the training set's file name
    data_digest: str = ""
    precision: str = "float32"
    parent: str = ""  # the checkpoint that the run began from
    save_minutes: float = 5.0
    log_steps: int = 50


@dataclass
class Run:
    """The loop around a trainer. ``asked_to_stop`` is polled after each step; all processes stop together."""

    trainer: Trainer
    folder: Path
    about: About
    asked_to_stop: Callable[[], bool] = lambda: False
    on_step: Callable[[StepReport, float], None] = lambda report, speed: None
    log: Log = field(init=False)

    def __post_init__(self) -> None:
        self.log = read_log(self.folder / "log.csv", self.trainer.step_number)
        self._seconds_before = self.log.seconds()
        self._began = self._saved = time.monotonic()
        self._window: list[StepReport] = []
        self._window_began = self._began

    def go(self) -> bool:
        """Trains until the last step or until asked to stop; True when the run is complete."""
        steps = self.trainer.settings.steps
        while self.trainer.step_number < steps:
            self._record(self.trainer.step())
            due = time.monotonic() - self._saved > 60 * self.about.save_minutes
            if self.trainer.group.agree(self.asked_to_stop()):
                self.save(finished=False)
                return False
            if due and self.trainer.step_number < steps:
                self.save(finished=False)
        self.save(finished=True)
        return True

    def _record(self, report: StepReport) -> None:
        self._window.append(report)
        now = time.monotonic()
        points = sum(r.points for r in self._window) * self.trainer.group.size
        speed = points / max(1e-9, now - self._window_began)
        self.on_step(report, speed)
        if report.step % self.about.log_steps and report.step != self.trainer.settings.steps:
            return
        count = len(self._window)
        self.log.add({
            "step": report.step, "seconds": self._seconds_before + now - self._began,
            "cost": sum(r.cost for r in self._window) / count,
            "L_R": sum(r.reconstruction for r in self._window) / count,
            "L_KL": sum(r.kl for r in self._window) / count,
            "learning_rate": report.rate, "kl_weight": report.kl_weight, "points_per_second": speed,
        })  # fmt: skip
        self._window, self._window_began = [], now

    def save(self, finished: bool) -> None:
        """Validation figures into the log, then state, log, curve and checkpoint, by the leading process."""
        self._saved = time.monotonic()
        if not self.trainer.group.leads:
            return
        figures = self.trainer.validate()
        if self.log.rows and figures:
            self.log.rows[-1] |= dict(zip(("valid_reconstruction_nats", "valid_kl_nats"), figures, strict=True))
        save_state(self.trainer, asdict(self.about), self.folder / "state.safetensors")
        self.log.save()
        save_curve(self.log.rows, self.folder / "curve.png")
        save_checkpoint(self.checkpoint(with_classes=finished), self.folder / f"{self.about.name}.safetensors")

    def checkpoint(self, with_classes: bool = True) -> Checkpoint:
        """The model as it stands: the averaged weights, and what is known of how they came about."""
        trainer = self.trainer
        network = SketchRNN(trainer.settings.model)
        network.load_state_dict({name: mean.cpu() for name, mean in trainer.averaged().items()})
        network.eval()
        classes = {}
        if with_classes and network.encoder is not None:
            classes = class_latents(network, trainer.data, trainer.scale_factor)
        return Checkpoint(network, trainer.scale_factor, self.about.name, classes, training=self._provenance(),
                          licence=self.about.licence, description=self.about.description)  # fmt: skip

    def _provenance(self) -> dict[str, Any]:
        trainer = self.trainer
        hours = (self._seconds_before + time.monotonic() - self._began) / 3600
        return {
            "settings": trainer.settings.to_dict(),
            "step": trainer.step_number,
            "hours": round(hours, 2),
            "processes": trainer.group.size,
            "precision": self.about.precision,
            "torch": torch.__version__,
            "data": self.about.source,
            "data_digest": self.about.data_digest,
            "drawings": len(trainer.plan.indices),
            "parent": self.about.parent,
        }
