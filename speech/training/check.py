"""Holds what is exported against what was trained, and our features against Kaldi's. Run by `script/train-check`.

Three comparisons, each with the greatest difference found: torch and the numpy reference on real features, the
exported file read back, and our features against kaldi-native-fbank. Any that is too far off ends with status 1.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import kaldi_native_fbank as fbank
import numpy as np
import torch

from speech.training.features import DIM, RATE, Floats, mfcc
from speech.training.kaldi import ModelFormatError, forward, low_rank, read_model, write_model
from speech.training.network import exported, imported, padded
from speech.training.synthetic import RESERVED_VOICES, speak

# float32 through nine layers; measured 4e-5 for log-probabilities down to -40.
MOST_NETWORK = 1e-3
MOST_FEATURES = 0.02  # of coefficients up to 150, where a filter hears almost nothing; 1e-4 on speech
SENTENCES = ("lampu jalan mati", "saya mau lapor sampah menumpuk", "satu dua tiga empat lima")


def kaldis_features(sound: Floats) -> Floats:
    """What kaldi-native-fbank makes of a sound with the options of conf/mfcc.conf."""
    options = fbank.MfccOptions()
    options.frame_opts.samp_freq, options.frame_opts.dither = RATE, 0
    options.mel_opts.num_bins, options.mel_opts.low_freq, options.mel_opts.high_freq = DIM, 40, -200
    options.num_ceps, options.use_energy = DIM, False
    online = fbank.OnlineMfcc(options)
    online.accept_waveform(RATE, (sound * 32768).tolist())
    online.input_finished()
    return np.stack([online.get_frame(n) for n in range(online.num_frames_ready)])


def differences(model_dir: Path) -> dict[str, float]:
    """The greatest absolute difference of each comparison."""
    sounds = [speak(text, voice, 140, 50)[0] for text, voice in zip(SENTENCES, RESERVED_VOICES, strict=False)]
    features = [mfcc(sound) for sound in sounds]
    network = read_model(model_dir)
    rank = max(min(factor.shape) for layer in network.layers[1:-1] for factor in layer.factors[:1])
    model = imported(low_rank(network, rank), rank, features).eval()
    with tempfile.TemporaryDirectory() as folder:
        write_model(exported(model), Path(folder))
        again = read_model(Path(folder))
    found = {"torch and numpy": 0.0, "the file read back": 0.0, "features and Kaldi's": 0.0}
    for sound, frames in zip(sounds, features, strict=True):
        x, _ = padded([frames], model.shape)
        with torch.no_grad():
            trained = model(x)[0].numpy()
        found["torch and numpy"] = max(found["torch and numpy"], _far(trained, forward(network, frames)))
        found["the file read back"] = max(found["the file read back"], _far(trained, forward(again, frames)))
        found["features and Kaldi's"] = max(found["features and Kaldi's"], _far(frames, kaldis_features(sound)))
    return found


def _far(one: Floats, other: Floats) -> float:
    return float(np.abs(one - other).max())


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="script/train-check", description="Check the export of a model.")
    parser.add_argument("model", type=Path, nargs="?", default=Path("speech/model"))
    options = parser.parse_args(arguments)
    try:
        found = differences(options.model)
    except (ModelFormatError, ValueError, OSError) as error:
        print(f"script/train-check: {error}", file=sys.stderr)
        return 1
    limits = {"features and Kaldi's": MOST_FEATURES}
    wrong = 0
    for name, far in found.items():
        limit = limits.get(name, MOST_NETWORK)
        wrong += far > limit
        print(f"{name:24} {far:.2e}  {'ok' if far <= limit else f'too far: at most {limit}'}")
    return int(wrong > 0)


if __name__ == "__main__":
    sys.exit(main())
