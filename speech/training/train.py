"""Training by CTC: resumable, seeded, on two processor cores or a GPU. Run by `script/train`.

A run is a folder: plan.json (its settings), state.pt (all that resuming needs), curve.jsonl and curve.png. The
learning rate stays level for as long as the run is given, and falls to nothing in its last part
("--cool-down"): so a run can be prolonged at any time from what it was before it cooled down. What is measured and
exported is the moving average of the weights.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader, IterableDataset
from tqdm import tqdm

from speech.training.batch_calls import Batch, BatchCalls
from speech.training.curve import draw_curve
from speech.training.development import Development
from speech.training.examples import Examples, Mix, Pools
from speech.training.features import RATE, SHIFT, SUBSAMPLING
from speech.training.kaldi import ModelFormatError, low_rank, read_model, write_model
from speech.training.network import Shape, Tdnn, exported, imported, padded

OUTPUT_S = SUBSAMPLING * SHIFT / RATE
CHECKPOINT_S = 120.0


@dataclass
class Plan:
    """Settings of a run; written beside its results. Hours are of audio, as the network heard it."""

    start: str = ""
    seed: int = 1
    width: int = 512
    rank: int = 0  # of the layers; 0: of the network that it starts from, or the usual one
    learning_rate: float = 1.5e-3
    warm_up_steps: int = 200
    batch_s: float = 60.0
    dropout: float = 0.0
    average: float = 0.999  # of the weights, per step
    mask_frames: int = 2  # longest stretch of features that is blanked, twice an utterance
    mask_bands: int = 0  # most neighbouring mel bands that are blanked, twice an utterance; on a GPU only
    speakers: float = 1.0  # share of each corpus's speakers that are heard: for a learning curve
    by_workers: float = 0.1  # share of the batches that the loading processes make when a GPU makes the others
    mix: Mix = field(default_factory=Mix)


class Batches(IterableDataset):
    """The examples of one loading process."""

    def __init__(self, work: Path, plan: Plan, shape: Shape, round_number: int) -> None:
        self._work, self._plan, self._shape, self._round = work, plan, shape, round_number

    def __iter__(self) -> Iterator[Batch]:
        torch.set_num_threads(1)
        info = torch.utils.data.get_worker_info()
        seed = (self._plan.seed, self._round, info.id if info else 0)
        rng = np.random.default_rng(seed)
        pools = Pools.load(self._work, speakers=self._plan.speakers)
        for group in Examples(pools, self._plan.mix, seed).batches(self._plan.batch_s):
            features = [masked(example.features, self._plan.mask_frames, rng) for example in group]
            x, outputs = padded(features, self._shape)
            labels = torch.from_numpy(np.concatenate([example.labels for example in group]))
            yield x, outputs, labels, torch.tensor([len(example.labels) for example in group])


def masked(features: np.ndarray, longest: int, rng: np.random.Generator) -> np.ndarray:
    """Two short stretches replaced by the mean: the network must guess from what is around."""
    features = features.copy()
    for _ in range(2):
        at, length = rng.integers(len(features)), rng.integers(longest + 1)
        features[at : at + length] = features.mean(0)
    return features


class Run:
    """One training, on disk and in memory."""

    def __init__(self, folder: Path, work: Path, plan: Plan, device: str) -> None:
        self.folder, self.work, self.plan, self.device = folder, work, plan, device
        self.model = self._first_model().to(device)
        self.model.set_dropout(plan.dropout)
        self.average = self._copy()
        self.optimizer = torch.optim.AdamW(self.model.parameters(), lr=plan.learning_rate, weight_decay=1e-3)
        self.steps, self.hours, self.rounds = 0, 0.0, 0
        if self._state.is_file():
            self._resume()

    @property
    def _state(self) -> Path:
        return self.folder / "state.pt"

    def _first_model(self) -> Tdnn:
        torch.manual_seed(self.plan.seed)
        examples = Examples(Pools.load(self.work, speakers=self.plan.speakers), self.plan.mix, (self.plan.seed, 0))
        samples = [example.features for example in (examples.draw() for _ in range(300))]
        if self.plan.start:
            network = read_model(Path(self.plan.start))
            rank = self.plan.rank or network.rank
            return imported(low_rank(network, rank), rank, samples)
        model = Tdnn(Shape(self.plan.width, self.plan.rank or Shape.rank))
        frames = np.concatenate(samples)
        model.mean.copy_(torch.from_numpy(frames.mean(0)))
        model.deviation.copy_(torch.from_numpy(frames.std(0)))
        return model

    def _copy(self) -> Tdnn:
        copy = Tdnn(self.model.shape).to(self.device)
        copy.load_state_dict(self.model.state_dict())
        return copy.eval().requires_grad_(False)

    def _resume(self) -> None:
        state = torch.load(self._state, map_location=self.device)
        self.model.load_state_dict(state["model"])
        self.average.load_state_dict(state["average"])
        self.optimizer.load_state_dict(state["optimizer"])
        torch.set_rng_state(state["torch"].cpu())
        self.steps, self.hours, self.rounds = state["steps"], state["hours"], state["rounds"] + 1

    def save(self, name: str = "state.pt") -> None:
        parts = {"model": self.model, "average": self.average, "optimizer": self.optimizer}
        state = {key: part.state_dict() for key, part in parts.items()}
        state |= {"steps": self.steps, "hours": self.hours, "rounds": self.rounds, "torch": torch.get_rng_state()}
        unfinished = self.folder / f"{name}.part"
        torch.save(state, unfinished)
        unfinished.replace(self.folder / name)

    def step(self, batch: Batch, rate: float) -> float:
        """One update; returns the CTC loss per phone, in nats."""
        x, outputs, labels, lengths = batch
        for group in self.optimizer.param_groups:
            group["lr"] = self.plan.learning_rate * rate * min(1.0, (self.steps + 1) / self.plan.warm_up_steps)
        log_probabilities = self.model(x.to(self.device)).transpose(0, 1)
        total = nn.functional.ctc_loss(
            log_probabilities, labels.to(self.device), outputs, lengths, reduction="sum", zero_infinity=True
        )
        loss = total / max(1, int(lengths.sum()))
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        norm = nn.utils.clip_grad_norm_(self.model.parameters(), 5.0)
        if torch.isfinite(norm):  # one call in a million must not spoil the weights of hours
            self.optimizer.step()
            self._average()
        self.steps += 1
        self.hours += float(outputs.sum()) * OUTPUT_S / 3600
        return float(loss.detach())

    @torch.no_grad()
    def _average(self) -> None:
        keep = min(self.plan.average, (1 + self.steps) / (10 + self.steps))
        pairs = zip(self.average.state_dict().values(), self.model.state_dict().values(), strict=True)
        means, values = zip(*(pair for pair in pairs if pair[0].dtype.is_floating_point), strict=True)
        torch._foreach_lerp_(means, values, 1 - keep)

    def batches(self, workers: int) -> Iterator[Batch]:
        """On a GPU nearly all batches are made there; those with GSM come from the loading processes."""
        plan, shape = self.plan, self.model.shape
        source = Batches(self.work, plan, shape, self.rounds)
        loaded = iter(DataLoader(source, batch_size=None, num_workers=workers, prefetch_factor=8 if workers else None))
        if self.device == "cpu":
            return loaded
        pools, seed = Pools.load(self.work, speakers=plan.speakers), 1000 * plan.seed + self.rounds
        made = BatchCalls(pools, plan.mix, shape, self.device, seed, plan.mask_frames, plan.mask_bands)
        return _alternate(made.batches(plan.batch_s), loaded, plan.by_workers)


def _alternate(most: Iterator[Batch], some: Iterator[Batch], share: float) -> Iterator[Batch]:
    """Of the second source this share, evenly."""
    owed = 0.0
    while True:
        owed += share
        yield next(some if owed >= 1 else most)
        owed %= 1


def rate_at(left: float, cool_down: float) -> float:
    """Share of the learning rate when this share of the work is left: level, then falling in a half cosine."""
    if left >= cool_down:
        return 1.0
    return max(0.01, 0.5 * (1 - math.cos(math.pi * max(0.0, left) / cool_down)))


class Goal:
    """How much is left to do: so many hours of audio in all, or what fits into so many minutes of this session."""

    def __init__(self, until: float, minutes: float) -> None:
        self.until, self._minutes, self._began = until, minutes, time.monotonic()

    def left(self, hours: float) -> float:
        """Share of the work, 1 to 0, when so many hours have been heard."""
        of_hours = (self.until - hours) / self.until
        spent = (time.monotonic() - self._began) / 60
        return max(0.0, min(of_hours, 1 - spent / self._minutes) if self._minutes else of_hours)


def train(run: Run, goal: Goal, cool_down: float, workers: int, measure_every: float) -> None:
    """Train to the goal; measures, draws and saves on the way."""
    development = Development(run.work)
    done, total = round(run.hours, 1), round(goal.until, 1)
    bar = tqdm(total=total, initial=done, unit="h of audio", file=sys.stderr, mininterval=5)
    losses: list[float] = []
    saved, kept_level = time.monotonic(), False
    next_measure = run.hours if run.plan.start else run.hours + measure_every
    for batch in run.batches(workers):
        left = goal.left(run.hours)
        if run.hours >= next_measure or left <= 0:
            _measure(run, development, losses, bar)
            losses, next_measure = [], run.hours + measure_every
        if left <= 0:
            break
        if left <= cool_down and not kept_level:
            run.save("level.pt")  # to prolong the run from here: copy it over state.pt
            kept_level = True
        before = run.hours
        losses.append(run.step(batch, rate_at(left, cool_down)))
        bar.update(run.hours - before)
        if time.monotonic() - saved > CHECKPOINT_S:
            run.save()
            saved = time.monotonic()
    run.save()
    bar.close()


def _measure(run: Run, development: Development, losses: Sequence[float], bar: tqdm) -> None:
    rates = development.phone_error_rates(run.average)
    row: dict[str, Any] = {"hours": round(run.hours, 2), "steps": run.steps, "time": round(time.time())}
    row |= {"loss": round(float(np.mean(losses)), 4) if losses else None, "errors": rates}
    with (run.folder / "curve.jsonl").open("a") as file:
        file.write(json.dumps(row) + "\n")
    bar.write(json.dumps(row), file=sys.stderr)
    draw_curve(run.folder)
    write_model(exported(run.average), run.folder / "model")


def _plan(options: argparse.Namespace) -> Plan:
    """The run's settings: those of its first start, whatever is asked for later.

    Raises:
        ValueError: if there is no such setting, or it has another type.
    """
    path = options.run / "plan.json"
    if path.is_file():
        kept = json.loads(path.read_text())
        return Plan(**{**kept, "mix": Mix(**kept["mix"])})
    plan = Plan(start=options.start, seed=options.seed)
    for setting in options.set:
        name, _, value = setting.partition("=")
        if not isinstance(before := getattr(plan, name, None), (int, float)):
            raise ValueError(f"--set {setting}: the settings are numbers of Plan in speech/training/train.py")
        setattr(plan, name, type(before)(value))
    options.run.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(asdict(plan), indent=1))
    return plan


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="script/train", description="Train the acoustic model.")
    parser.add_argument("work", type=Path, help="the prepared data (speech.training.corpora makes it)")
    parser.add_argument("run", type=Path, help="folder of this run; an unfinished one goes on")
    parser.add_argument("--hours", type=float, default=300, help="of audio to hear in all, repeats counted")
    parser.add_argument("--minutes", type=float, default=0, help="end sooner, after so many minutes of work")
    parser.add_argument("--cool-down", type=float, default=0.15, help="share in which the learning rate falls")
    parser.add_argument("--start", default="", help="a model directory to begin with, such as speech/model")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--set", action="append", default=[], help="NAME=NUMBER, a setting of Plan such as batch_s=600")
    parser.add_argument("--threads", type=int, default=1, help="of the network")
    parser.add_argument("--workers", type=int, default=1, help="processes that make telephone calls of recordings")
    parser.add_argument("--measure-every", type=float, default=10, help="hours of audio")
    options = parser.parse_args(arguments)
    torch.set_num_threads(options.threads)
    torch.set_float32_matmul_precision("high")  # TF32 on a GPU: three times as fast, and no worse to train with
    device = "cuda" if torch.cuda.is_available() else "cpu"
    try:
        run = Run(options.run, options.work, _plan(options), device)
    except (ModelFormatError, ValueError, OSError) as error:
        print(f"script/train: {error}", file=sys.stderr)
        return 1
    goal = Goal(options.hours, options.minutes)
    train(run, goal, options.cool_down, options.workers, options.measure_every)
    return 0


if __name__ == "__main__":
    sys.exit(main())
