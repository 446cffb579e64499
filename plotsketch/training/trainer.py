"""The training loop's state and one step of it. Every random draw hangs on (seed, step, process), so a run that was
stopped and resumed makes the same weights, bit for bit, as one that was not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from plotsketch.errors import UserError
from plotsketch.model.network import SketchRNN

from .augment import NO_AUGMENTATION
from .batches import Batch, BatchPlan, in_order, load_batch
from .dataset import TrainingSet
from .loss import Cost, cost, measure
from .parallel import Group
from .schedule import kl_weight, learning_rate, magenta_learning_rate
from .settings import TrainingSettings


@dataclass(frozen=True)
class StepReport:
    """One step's figures on this process."""

    step: int
    cost: float
    reconstruction: float
    kl: float
    points: int
    rate: float
    kl_weight: float


class Trainer:
    """Network, optimizer and running mean of weights, and where in the data the run stands."""

    def __init__(
        self,
        data: TrainingSet,
        settings: TrainingSettings,
        scale_factor: float,
        device: torch.device | str = "cpu",
        product_dtype: torch.dtype = torch.float32,
        group: Group | None = None,
        weights: dict[str, Tensor] | None = None,
    ) -> None:
        """``weights``, named as in the network's state_dict, are what the run begins from (None: at random)."""
        self.data, self.settings, self.scale_factor = data, settings, scale_factor
        self.device, self.group = torch.device(device), group or Group()
        torch.manual_seed(settings.seed)
        self.network = SketchRNN(settings.model).to(self.device)
        if weights is not None:
            self.network.load_state_dict(weights)
        self.network.set_product_dtype(product_dtype)
        self.parameters = list(self.network.parameters())
        self.optimizer = torch.optim.Adam(self.parameters, lr=settings.peak_rate, fused=True)
        self.average = [parameter.detach().clone() for parameter in self.parameters]
        self.step_number, self.epoch, self.position = 0, 0, 0
        self.plan = BatchPlan(data, data.select("train"), max(1, settings.batch // self.group.size), settings.seed,
                              settings.class_power)  # fmt: skip
        self._batches = self.plan.epoch(0)

    def rates(self) -> tuple[float, float]:
        """Learning rate and KL weight of the coming step."""
        s, step = self.settings, self.step_number
        if s.schedule == "magenta":
            rate = magenta_learning_rate(step, s.peak_rate)
        else:
            rate = learning_rate(step, s.steps, s.peak_rate, s.warmup)
        return rate, kl_weight(step, s.kl_weight, decay=s.kl_decay)

    def next_batch(self) -> Batch:
        """This process's batch of the coming step; moves on to the next epoch when too few are left for all."""
        if self.position + self.group.size > len(self._batches):
            self.epoch, self.position = self.epoch + 1, 0
            self._batches = self.plan.epoch(self.epoch)
        place = min(self.position + self.group.rank, len(self._batches) - 1)
        random = np.random.default_rng([self.settings.seed, self.epoch, place])
        self.position += self.group.size
        batch = load_batch(self.data, self._batches[place], self.scale_factor, self.settings.augmentation, random)
        return batch.to(self.device)

    def step(self) -> StepReport:
        settings, batch = self.settings, self.next_batch()
        rate, weight = self.rates()
        generator = self._generator()
        noise = torch.randn(batch.drawings, settings.model.latent_size, generator=generator, device=self.device)
        nats = measure(self.network, batch, noise, settings.keep, generator)
        value = cost(nats, self.plan.drawings, settings.model.max_points, weight, settings.kl_floor)
        if not torch.isfinite(value.total):
            raise UserError(
                f"the cost is no longer a number at step {self.step_number + 1}; the run's last save is as it was: "
                "begin again with a lower --rate"
            )
        self.optimizer.zero_grad(set_to_none=False)
        value.total.backward()
        self._update(rate)
        self.step_number += 1
        return self._report(value, len(batch.points), rate, weight)

    def _generator(self) -> torch.Generator:
        words = np.random.SeedSequence([self.settings.seed, self.step_number, self.group.rank]).generate_state(2)
        return torch.Generator(self.device).manual_seed(int(words[0]) << 31 | int(words[1]))

    @torch.no_grad()
    def _update(self, rate: float) -> None:
        gradients = [parameter.grad for parameter in self.parameters if parameter.grad is not None]
        self.group.mean_(gradients)
        torch.nn.utils.clip_grad_value_(self.parameters, self.settings.clip)
        for parameters in self.optimizer.param_groups:
            parameters["lr"] = rate
        self.optimizer.step()
        # a short memory at first, so that the mean does not carry the random start along
        memory = min(self.settings.average, (1 + self.step_number) / (10 + self.step_number))
        torch._foreach_lerp_(self.average, [p.detach() for p in self.parameters], 1 - memory)

    def _report(self, value: Cost, points: int, rate: float, weight: float) -> StepReport:
        return StepReport(self.step_number, value.total.item(), value.reconstruction.item(), value.kl.item(), points,
                          rate, weight)  # fmt: skip

    def averaged(self) -> dict[str, Tensor]:
        """The running mean of the weights, named as in the network's state_dict."""
        names = [name for name, _ in self.network.named_parameters()]
        return dict(zip(names, self.average, strict=True))

    @torch.no_grad()
    def validate(self, limit: int = 1000) -> tuple[float, float] | None:
        """(reconstruction, KL) in nats a drawing, pixel units, of validation drawings with the averaged weights.

        None when the set has no validation drawings within the model's limit.
        """
        indices = self.data.select("valid")
        indices = indices[self.data.lengths[indices] <= self.settings.model.max_points][:limit]
        if not len(indices):
            return None
        own = {name: tensor.clone() for name, tensor in self.network.state_dict().items()}
        self.network.load_state_dict(self.averaged())
        try:
            return self._validation_nats(indices)
        finally:
            self.network.load_state_dict(own)

    def _validation_nats(self, indices: NDArray[np.int64]) -> tuple[float, float]:
        totals, drawings = np.zeros(2), 0
        pixel = 2 * float(np.log(self.scale_factor))
        random = np.random.default_rng(0)
        for batch in validation_batches(self.data, indices, self.scale_factor):
            moved = batch.to(self.device)
            noise = random.standard_normal((batch.drawings, self.settings.model.latent_size)).astype(np.float32)
            nats = measure(self.network, moved, torch.from_numpy(noise).to(self.device))
            reconstruction = nats.offsets.sum() + nats.pen.sum() + pixel * len(batch.points)
            totals += [float(reconstruction), float(nats.kl.sum())]
            drawings += batch.drawings
        return float(totals[0] / drawings), float(totals[1] / drawings)

    def state(self) -> tuple[dict[str, Tensor], dict[str, Any]]:
        """All that a later process needs to go on: tensors by name, and plain values."""
        tensors = {f"network.{name}": tensor for name, tensor in self.network.state_dict().items()}
        tensors |= {f"average.{name}": tensor for name, tensor in self.averaged().items()}
        for (name, _), parameter in zip(self.network.named_parameters(), self.parameters, strict=True):
            for key, value in self.optimizer.state.get(parameter, {}).items():
                tensors[f"adam.{key}.{name}"] = value
        values = {"step": self.step_number, "epoch": self.epoch, "position": self.position,
                  "scale_factor": self.scale_factor, "settings": self.settings.to_dict()}  # fmt: skip
        return tensors, values

    def restore(self, tensors: dict[str, Tensor], values: dict[str, Any]) -> None:
        """Takes up a state written by a run over the same data with the same settings."""
        self.network.load_state_dict(_under("network.", tensors))
        averaged = _under("average.", tensors)
        for (name, _), mean in zip(self.network.named_parameters(), self.average, strict=True):
            mean.copy_(averaged[name])
        for (name, parameter) in self.network.named_parameters():
            moments = {key: tensors[f"adam.{key}.{name}"].clone().to(self.device)
                       for key in ("step", "exp_avg", "exp_avg_sq")}  # fmt: skip
            self.optimizer.state[parameter] = moments
        self.step_number, self.epoch, self.position = values["step"], values["epoch"], values["position"]
        self._batches = self.plan.epoch(self.epoch)


def _under(prefix: str, tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    return {name[len(prefix) :]: tensor for name, tensor in tensors.items() if name.startswith(prefix)}


def validation_batches(
    data: TrainingSet, indices: NDArray[np.int64], scale_factor: float, points: int = 6000
) -> Iterator[Batch]:
    """Drawings as they are, in batches of about ``points`` points."""
    for chosen in in_order(data, indices, points):
        yield load_batch(data, chosen, scale_factor, NO_AUGMENTATION, np.random.default_rng(0))
