"""Holds what is exported against what was trained, and our features against Kaldi's. Run by `script/train-check`.

Each comparison with the difference found: torch and the numpy reference on real features, the exported file read
back, our features against kaldi-native-fbank, and what is done to batches on a GPU against what is done to one
recording. Any that is too far off ends with status 1.
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

from speech.training.batch_calls import BatchCalls, Plans, butterworth
from speech.training.examples import Item, Mix, Pools, as_floats
from speech.training.features import DIM, RATE, SUBSAMPLING, Floats, frames_in, mfcc
from speech.training.kaldi import ModelFormatError, forward, low_rank, read_model, write_model
from speech.training.network import Shape, exported, imported, padded
from speech.training.synthetic import RESERVED_VOICES, speak
from speech.training.telephone import band_pass

# float32 through nine layers; measured 4e-5 for log-probabilities down to -40.
MOST_NETWORK = 1e-3
MOST_FEATURES = 0.02  # of coefficients up to 150, where a filter hears almost nothing; 1e-4 on speech
MOST_BATCH = 0.5  # of the same coefficients, the median where the voice is loud
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
    model = imported(low_rank(network, network.rank), network.rank, features).eval()
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


def batch_differences() -> dict[str, float]:
    """How far calls that are made in batches are from those made one by one, where nothing is left to chance."""
    sound = speak(SENTENCES[0], RESERVED_VOICES[0], 140, 50)[0]
    samples = (np.clip(sound, -1, 32767 / 32768) * 32768).astype(np.int16)
    pools = Pools([("digits", Item("somebody", np.ones(3, np.int64), samples))])
    mix = Mix(untouched=1.0, warped=0.0)
    shape = Shape()
    calls = BatchCalls(pools, mix, shape, "cpu", seed=1, mask_frames=0)
    x, outputs, _, _ = calls.make(as_it_is(len(samples)))
    frames = mfcc(as_floats(samples))
    left = shape.left_context
    heard = x[0, left : left + len(frames)].numpy()
    hertz = np.linspace(60, 3940, 98)
    impulse = np.zeros(RATE, np.float32)
    impulse[0] = 1
    one_by_one = np.abs(np.fft.rfft(band_pass(impulse)))[hertz.astype(int)]
    in_batches = butterworth(
        torch.from_numpy(hertz.astype(int))[None], torch.tensor([[300.0]]), torch.tensor([[3400.0]])
    )
    # The level is drawn at random and only moves the first coefficient; a trace of noise is added to silence.
    loud = frames[:, 0] > np.median(frames[:, 0])
    shapes = np.median(np.abs(heard[loud, 1:] - frames[loud, 1:]))
    if int(outputs[0]) != -(-len(frames) // SUBSAMPLING):
        raise ValueError(f"a batch has {int(outputs[0])} outputs for {len(frames)} frames")
    return {"a call in a batch": float(shapes), "its band-pass": _far(one_by_one, in_batches[0].numpy())}


def as_it_is(samples: int) -> Plans:
    """The plan of one call that is the first recording, at its own pace."""
    number, none = np.array([0]), np.array([1])
    own = np.array([1.0])
    return Plans(
        number, none, np.zeros((1, 3), np.int64), own, own, np.array([samples]), np.array([frames_in(samples)])
    )


def _far(one: Floats, other: Floats) -> float:
    return float(np.abs(one - other).max())


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="script/train-check", description="Check the export of a model.")
    parser.add_argument("model", type=Path, nargs="?", default=Path("speech/model"))
    options = parser.parse_args(arguments)
    try:
        found = differences(options.model) | batch_differences()
    except (ModelFormatError, ValueError, OSError) as error:
        print(f"script/train-check: {error}", file=sys.stderr)
        return 1
    limits = {"features and Kaldi's": MOST_FEATURES, "a call in a batch": MOST_BATCH}
    wrong = 0
    for name, far in found.items():
        limit = limits.get(name, MOST_NETWORK)
        wrong += far > limit
        print(f"{name:24} {far:.2e}  {'ok' if far <= limit else f'too far: at most {limit}'}")
    return int(wrong > 0)


if __name__ == "__main__":
    sys.exit(main())
