"""The picture of a training: loss and phone errors over the hours of audio heard."""

from __future__ import annotations

import json
from pathlib import Path

import matplotlib

matplotlib.use("Agg")
from matplotlib import pyplot


def draw_curve(folder: Path) -> Path:
    """Draw curve.png from curve.jsonl of a run's folder."""
    rows = [json.loads(text) for text in (folder / "curve.jsonl").read_text().splitlines()]
    hours = [row["hours"] for row in rows]
    figure, (loss, errors) = pyplot.subplots(1, 2, figsize=(12, 5), layout="constrained")
    told = [(row["hours"], row["loss"]) for row in rows if row["loss"] is not None]
    loss.plot(*zip(*told, strict=True) if told else ((), ()), marker=".")
    loss.set(title="CTC loss in training", xlabel="hours of audio", ylabel="nats per phone")
    for name in rows[-1]["errors"]:
        style = "-" if name.endswith("clean") else "--" if name.endswith("line") else ":"
        errors.plot(hours, [row["errors"].get(name) for row in rows], style, label=name)
    errors.set(title="Phone errors, development set", xlabel="hours of audio", ylabel="%", yscale="log")
    errors.legend(fontsize="small", ncols=2)
    for axes in (loss, errors):
        axes.grid(alpha=0.3)
    path = folder / "curve.png"
    figure.savefig(path, dpi=80)
    pyplot.close(figure)
    return path
