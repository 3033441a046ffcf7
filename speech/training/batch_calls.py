"""Telephone calls by the hundred: what `telephone` does to one recording, done to a whole batch on a GPU.

A GPU learns faster than processor cores can make calls (a core makes about 180 seconds of calls a second). So all
sounds lie in the GPU's memory, and rooms, noise, lines and features are sums over whole batches there. It differs from
`telephone` on purpose where a batch asks for it: the tempo is changed by the distance of the feature frames, filters
have no phase, babble is cut anew from the recordings every time, throats are also changed by warping the mel filters,
and GSM is missing (the loading processes bring that: `Examples`).
"""

from __future__ import annotations

import audioop
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from speech.training import features, telephone
from speech.training.examples import Item, Mix, Pools
from speech.training.features import RATE, SHIFT, SUBSAMPLING, WARPS, WINDOW
from speech.training.network import Shape
from speech.training.telephone import CALL_DB, CALL_SPREAD_DB, NOISY, PACKET, TALKER_DB, Telephone, mu_law

Batch = tuple[Tensor, Tensor, Tensor, Tensor]  # features, outputs of each row, labels, labels of each row

_DRAWN = 2048  # calls that are drawn together, so that batches of like length can be made of them
_TAPS = 16  # of the filter that resamples
_ROOM = RATE // 4  # samples: the longest echo
_ROUND = 2000  # batches are so many samples long, or a multiple: Fourier transforms of few and smooth lengths are fast
_MOST_TALKERS = 8
_FLOOR = 1e-5


@dataclass
class Plans:
    """What shall be done to each call of a batch; arrays of the same length. Times in samples, levels in dB."""

    first: NDArray[np.int64]  # number of the recording; the last recording is empty
    second: NDArray[np.int64]
    pauses: NDArray[np.int64]  # (calls, 3): before, between, behind
    pace: NDArray[np.float64]  # of pitch, formants and tempo together
    tempo: NDArray[np.float64]
    samples: NDArray[np.int64]  # of the call
    frames: NDArray[np.int64]

    def __getitem__(self, chosen: NDArray[np.int64]) -> Plans:
        return Plans(*(getattr(self, field.name)[chosen] for field in fields(self)))


class BatchCalls:
    """Draws batches of calls forever, on one device; the same for the same seed and device."""

    def __init__(
        self, pools: Pools, mix: Mix, shape: Shape, device: str, seed: int, mask_frames: int, mask_bands: int = 0
    ) -> None:
        self._mix, self._shape, self._device = mix, shape, device
        self._mask_frames, self._mask_bands = mask_frames, mask_bands
        self._rng = np.random.default_rng(seed)
        self._random = torch.Generator(device).manual_seed(seed)
        corpora = [corpus for corpus in mix.shares if pools.by_corpus.get(corpus)]
        corpora.sort(key=lambda corpus: corpus == "synthetic")  # people first: they make the babble
        items = [(corpus, item) for corpus in corpora for item in pools.by_corpus[corpus]]
        self._take_sounds(corpora, items)
        self._take_labels([item for _, item in items])
        share = np.array([mix.shares[corpus] / len(pools.by_corpus[corpus]) for corpus, _ in items])
        self._likely = np.cumsum(share / share.sum())
        speakers: dict[tuple[str, str], list[int]] = {}
        for number, (corpus, item) in enumerate(items):
            speakers.setdefault((corpus, item.speaker), []).append(number)
        self._beside = [np.array(speakers[corpus, item.speaker]) for corpus, item in items]
        telephones = Telephone(pools.talkers(self._rng), seed)
        self._tracks = torch.from_numpy(np.stack([noise.track for noise in telephones.others])).to(device)
        self._codecs = torch.from_numpy(_codecs()).to(device)
        banks = np.stack([features.mel_bank(warp) for warp in WARPS])
        self._banks = torch.from_numpy(banks).to(device)
        self._window = torch.from_numpy(features.window()).to(device)
        self._cosines = torch.from_numpy(features.cosines()).to(device)

    def _take_sounds(self, corpora: Sequence[str], items: Sequence[tuple[str, Item]]) -> None:
        lengths = np.array([len(item.sound) for _, item in items] + [0])
        self._starts = np.concatenate([[0], np.cumsum(lengths)[:-1]])
        self._lengths = lengths
        sounds = [item.sound for _, item in items]
        self._silence = int(lengths.sum())  # where the store is silent, and so is the empty recording
        store = np.concatenate([*sounds, np.zeros(1, np.int16)])
        self._sound = torch.from_numpy(store).to(self._device)
        people = [len(item.sound) for corpus, item in items if corpus != "synthetic"]
        self._people = sum(people) or self._silence

    def _take_labels(self, items: Sequence[Item]) -> None:
        labels = [*(item.labels for item in items), np.zeros(0, np.int64)]
        self._label_lengths = np.array([len(label) for label in labels])
        self._label_starts = np.concatenate([[0], np.cumsum(self._label_lengths)[:-1]])
        self._labels = np.concatenate(labels)

    # --- drawing -----------------------------------------------------------------------------------------------

    def batches(self, seconds: float) -> Iterator[Batch]:
        """Batches of calls of like length, each of about so many seconds with its padding."""
        most = int(seconds * RATE / SHIFT)
        while True:
            plans = self._draw(_DRAWN)
            order = np.argsort(plans.frames)
            groups, group = [], [order[0]]
            for number in order[1:]:
                if (len(group) + 1) * plans.frames[number] > most:
                    groups.append(np.array(group))
                    group = []
                group.append(number)
            groups.append(np.array(group))
            for chosen in self._rng.permutation(len(groups)):
                yield self.make(plans[groups[chosen]])

    def _draw(self, count: int) -> Plans:
        rng, mix = self._rng, self._mix
        first = np.searchsorted(self._likely, rng.random(count)).clip(max=len(self._likely) - 1)
        second = np.array([rng.choice(self._beside[n]) for n in first])
        nothing = len(self._lengths) - 1
        wordless = rng.random(count) < mix.noise_only
        first = np.where(wordless, nothing, first)
        second = np.where(wordless | (rng.random(count) >= mix.joined), nothing, second)
        pauses = rng.uniform(0, mix.longest_pause_s * RATE, (count, 3)) * (rng.random((count, 3)) < 0.5)
        pauses[:, 1] *= second != nothing
        pauses[wordless, 0] = rng.uniform(0.5 * RATE, 4.0 * RATE, wordless.sum())
        pace = np.where(rng.random(count) < 0.8, rng.uniform(0.87, 1.15, count), 1.0)
        tempo = np.where(rng.random(count) < 0.4, rng.uniform(0.78, 1.22, count), 1.0)
        whole = pauses.astype(np.int64).sum(1) + self._lengths[first] + self._lengths[second]
        samples = np.maximum(2 * WINDOW, (whole / pace).astype(np.int64))
        frames = 1 + ((samples - WINDOW) / (SHIFT * tempo)).astype(np.int64)
        return Plans(first, second, pauses.astype(np.int64), pace, tempo, samples, frames)

    def make(self, plans: Plans) -> Batch:
        """The planned calls, as the network takes them."""
        x = self._call(plans)
        heard = self._features(x, plans)
        both = zip(plans.first, plans.second, strict=True)
        labels = [self._labels_of(first) for pair in both for first in pair]
        lengths = self._label_lengths[plans.first] + self._label_lengths[plans.second]
        outputs = -(-plans.frames // SUBSAMPLING)
        target = torch.from_numpy(np.concatenate(labels)).to(self._device)
        return heard, torch.from_numpy(outputs), target, torch.from_numpy(lengths)

    def _labels_of(self, number: int) -> NDArray[np.int64]:
        start = self._label_starts[number]
        return self._labels[start : start + self._label_lengths[number]]

    # --- sound -------------------------------------------------------------------------------------------------

    def _uniform(self, *size: int, low: float = 0.0, high: float = 1.0) -> Tensor:
        return torch.rand(*size, generator=self._random, device=self._device) * (high - low) + low

    def _normal(self, *size: int) -> Tensor:
        return torch.randn(*size, generator=self._random, device=self._device)

    def _on_device(self, values: NDArray[np.int64] | NDArray[np.float64]) -> Tensor:
        return torch.from_numpy(np.ascontiguousarray(values)).to(self._device)

    def _call(self, plans: Plans) -> Tensor:
        """(calls, samples of the longest): what the line brings."""
        count = len(plans.first)
        samples = self._on_device(plans.samples)[:, None]
        spoken = self._speakers(plans)
        inside = torch.arange(spoken.shape[1], device=self._device) < samples
        wordless = self._on_device(plans.first == len(self._lengths) - 1)[:, None]
        untouched = (self._uniform(count, 1) < self._mix.untouched) & ~wordless
        echoing = (self._uniform(count, 1) < 0.25) & ~untouched
        spoken = torch.where(echoing, self._room(spoken), spoken) * inside
        noise, least = self._noise(count, spoken.shape[1], wordless)
        noise = _level(noise * inside, TALKER_DB, samples)
        below = least + self._uniform(count, 1) * (30.0 - least)
        noisy = (self._uniform(count, 1) < NOISY) & ~untouched & ~wordless
        x = spoken + noisy * noise * (_rms(spoken, samples) / _rms(noise, samples) * 10 ** (-below / 20))
        x = torch.where(wordless, self._sudden(noise, samples), x) * inside
        x = torch.where(untouched, x, self._line(x))
        decibels = (CALL_DB + CALL_SPREAD_DB * self._normal(count, 1)).clamp(-45, -12)
        decibels = torch.where(wordless, self._uniform(count, 1, low=-65, high=-12), decibels)
        decibels = torch.where(untouched, self._uniform(count, 1, low=-38, high=-14), decibels)
        x = _level(x, decibels, samples).clamp(-1, 32767 / 32768)
        lossy = (self._uniform(count, 1) < 0.12) & ~untouched
        x = torch.where(lossy, self._lose_packets(x), x)
        return self._codec(x, untouched)

    def _speakers(self, plans: Plans) -> Tensor:
        """The recordings between their pauses, resampled by windowed sinc; some with an unsteady voice."""
        count, longest = len(plans.first), -(-int(plans.samples.max()) // _ROUND) * _ROUND
        starts, lengths = self._starts[[plans.first, plans.second]], self._lengths[[plans.first, plans.second]]
        begins = np.stack([plans.pauses[:, 0], plans.pauses[:, :2].sum(1) + lengths[0]])
        start, length, begin = (self._on_device(values)[:, :, None] for values in (starts, lengths, begins))
        pace = self._on_device(plans.pace).float()[:, None]
        at = torch.arange(longest, device=self._device)[None] * pace.double()
        whole = at.floor().long()
        part = (at - whole).float()
        cut = (1 / pace).clamp(max=1.0) * 0.97  # below half of the new rate: nothing folds back
        x = torch.zeros(count, longest, device=self._device)
        for tap in range(1 - _TAPS // 2, _TAPS // 2 + 1):
            place = whole + tap
            inside = [(place >= begin[n]) & (place < begin[n] + length[n]) for n in (0, 1)]
            address = torch.where(inside[1], start[1] + place - begin[1], self._silence)
            address = torch.where(inside[0], start[0] + place - begin[0], address)
            off = part - tap
            weight = cut * torch.sinc(cut * off) * torch.cos(torch.pi * off / (_TAPS + 1)) ** 2
            x += weight * self._sound[address]
        x = x / 32768 + 1e-4 * self._normal(count, longest)
        knots = self._uniform(count, 1, longest * 2 // RATE + 2, low=-6, high=6)
        wobble = nn.functional.interpolate(knots, longest, mode="linear", align_corners=True)[:, 0]
        unsteady = self._uniform(count, 1) < 0.3
        return torch.where(unsteady, x * 10 ** (wobble / 20), x)

    def _room(self, x: Tensor) -> Tensor:
        """A short exponential tail."""
        count = len(x)
        length = self._uniform(count, 1, low=0.2) * _ROOM
        at = torch.arange(_ROOM, device=self._device)[None]
        tail = self._normal(count, _ROOM) * torch.exp(-5 * at / length) * (at < length)
        tail *= self._uniform(count, 1, low=0.02, high=0.12)
        tail[:, 0] = 1
        size = x.shape[1] + _ROOM
        return torch.fft.irfft(torch.fft.rfft(x, size) * torch.fft.rfft(tail, size), size)[:, : x.shape[1]]

    def _noise(self, count: int, samples: int, wordless: Tensor) -> tuple[Tensor, Tensor]:
        """Noise for every call, and how many dB it must stay below the caller, each (calls, ...)."""
        kind = self._uniform(count, 1)
        kind = torch.where(wordless, kind * 0.5, kind)  # a lone voice without a caller would be the caller
        kind = torch.where(wordless & (kind > 0.3), 1.0, kind)
        others, few = kind < 0.3, (kind >= 0.3) & (kind < 0.4)
        talkers = torch.where(few, 1 + (2 * self._uniform(count, 1)).floor(), 3 + (6 * self._uniform(count, 1)).floor())
        television = few & (self._uniform(count, 1) < 0.25)
        talking = self._babble(samples, torch.where(others, 0, talkers)[:, 0])
        track = self._track(count, samples)
        noise = torch.where(others, track, talking + television * 0.7 * track)
        return noise, torch.where(few, 10.0, 0.0)

    def _babble(self, samples: int, talkers: Tensor) -> Tensor:
        """So many people at once, equally loud, each a random stretch of the recordings."""
        count = len(talkers)
        span = max(1, self._people - samples)
        begin = (self._uniform(count, _MOST_TALKERS, 1) * span).long()
        address = (begin + torch.arange(samples, device=self._device)) % self._people
        voices = self._sound[address].float() / 32768
        loudness = voices.square().mean(2, keepdim=True).sqrt() + _FLOOR
        chosen = torch.arange(_MOST_TALKERS, device=self._device)[None, :, None] < talkers[:, None, None]
        return (voices / loudness * chosen).sum(1) * 10 ** (TALKER_DB / 20)

    def _track(self, count: int, samples: int) -> Tensor:
        """Streets, music and hums, half of the hums of a colour that was never there before."""
        which = (self._uniform(count, 1) * len(self._tracks)).long()
        begin = (self._uniform(count, 1) * max(1, self._tracks.shape[1] - samples)).long()
        address = (begin + torch.arange(samples, device=self._device)) % self._tracks.shape[1]
        track = self._tracks[which, address]
        spectrum = torch.fft.rfft(self._normal(count, samples))
        slope = self._uniform(count, 1, high=1.1)
        spectrum /= torch.arange(1, spectrum.shape[1] + 1, device=self._device)[None] ** slope
        hum = torch.fft.irfft(spectrum, samples)
        hum = hum / (hum.square().mean(1, keepdim=True).sqrt() + _FLOOR) * 10 ** (TALKER_DB / 20)
        return torch.where(self._uniform(count, 1) < 0.25, hum, track)

    def _sudden(self, noise: Tensor, samples: Tensor) -> Tensor:
        """Half of the noise sets in and ends, as a horn or a blow on the handset does; some of that is a tone."""
        count = len(noise)
        at = torch.arange(noise.shape[1], device=self._device)[None]
        hertz = self._uniform(count, 1, low=200, high=3000)
        tone = torch.sin(2 * torch.pi * hertz * at / RATE) * 0.14
        ends = (self._uniform(count, 2).sort(1).values * samples).long()
        loud = torch.where((at >= ends[:, :1]) & (at < ends[:, 1:]), 1.0, 1e-3)
        sudden = torch.where(self._uniform(count, 1) < 0.2, tone, noise) * loud
        return torch.where(self._uniform(count, 1) < 0.5, sudden, noise)

    def _line(self, x: Tensor) -> Tensor:
        """Handset and band-pass: the usual band, another, or none."""
        count = len(x)
        size = x.shape[1] + _ROUND
        hertz = torch.fft.rfftfreq(size, 1 / RATE, device=self._device)[None]
        tilt = 1 + self._uniform(count, 1, low=-0.5, high=0.5) * torch.exp(-2j * torch.pi * hertz / RATE)
        band = self._uniform(count, 1)
        usual = band < 0.4
        low = torch.where(usual, 300.0, self._uniform(count, 1, low=180, high=380))
        high = torch.where(usual, 3400.0, self._uniform(count, 1, low=3100, high=3700))
        response = torch.where(band < 0.85, butterworth(hertz, low, high), 1.0)
        return torch.fft.irfft(torch.fft.rfft(x, size) * (tilt * response), size)[:, : x.shape[1]]

    def _lose_packets(self, x: Tensor) -> Tensor:
        """1 to 5 % of the packets are lost; the one before is repeated and fades, or there is silence."""
        count, samples = x.shape
        packets = -(-samples // PACKET)
        parts = nn.functional.pad(x, (0, packets * PACKET - samples)).view(count, packets, PACKET)
        lost = self._uniform(count, packets, 1) < self._uniform(count, 1, 1, low=0.01, high=0.05)
        before = nn.functional.pad(parts[:, :-1], (0, 0, 1, 0))
        fades = 0.7 * (self._uniform(count, 1, 1) < 0.5)
        return torch.where(lost, fades * before, parts).reshape(count, -1)[:, :samples]

    def _codec(self, x: Tensor, untouched: Tensor) -> Tensor:
        chance = self._uniform(len(x), 1)
        codec = torch.where(chance < 0.7, 0, torch.where(chance < 0.8, 1, 2))
        codec = torch.where(untouched, 2, codec)
        return self._codecs[codec, (x * 32768).long() + 32768]

    # --- features ----------------------------------------------------------------------------------------------

    def _features(self, x: Tensor, plans: Plans) -> Tensor:
        """(calls, context + frames + context, 40), as `network.padded` makes them; some bands and moments masked."""
        count, longest = len(x), int(plans.frames.max())
        frames = self._on_device(plans.frames)[:, None]
        hop = SHIFT * self._on_device(plans.tempo)[:, None]
        begin = (torch.arange(longest, device=self._device)[None] * hop).round().long()
        address = begin[:, :, None] + torch.arange(WINDOW, device=self._device)
        rows = torch.arange(count, device=self._device)[:, None, None]
        windows = x[rows, address.clamp(max=x.shape[1] - 1)]
        warp = (self._uniform(count) * len(WARPS)).long()
        warp = torch.where(self._uniform(count) < self._mix.warped, warp, WARPS.index(1.0))
        energies = energies_of(windows, self._window, self._banks[warp])
        if self._mask_bands:
            energies = self._mask(energies.transpose(1, 2), self._mask_bands, None).transpose(1, 2)
        heard = self._mask(energies @ self._cosines, self._mask_frames, frames)
        left, right = self._shape.left_context, self._shape.right_context
        at = torch.arange(-left, longest + right, device=self._device)[None].clamp(min=0)
        at = torch.minimum(at, frames - 1)
        return heard.gather(1, at[:, :, None].expand(-1, -1, heard.shape[2]))

    def _mask(self, x: Tensor, longest: int, frames: Tensor | None) -> Tensor:
        """Two stretches of the second axis replaced by its mean: the network must guess from what is around."""
        among = torch.full((len(x), 1), x.shape[1], device=self._device) if frames is None else frames
        at = torch.arange(x.shape[1], device=self._device)[None]
        inside = (at < among)[:, :, None]
        mean = (x * inside).sum(1, keepdim=True) / among[:, :, None]
        for _ in range(2):
            begin = (self._uniform(len(x), 1) * among).long()
            length = (self._uniform(len(x), 1) * (longest + 1)).long()
            x = torch.where(((at >= begin) & (at < begin + length))[:, :, None], mean, x)
        return x


def energies_of(windows: Tensor, window: Tensor, banks: Tensor) -> Tensor:
    """Logarithms of the mel energies, (calls, frames, 40), as `features.mfcc` has them before its cosines.

    Args:
        windows: (calls, frames, 200), in [-1, 1].
        window: (200).
        banks: (calls, 128, 40).
    """
    frames = windows * features.FULL_SCALE
    frames = frames - frames.mean(2, keepdim=True)
    before = torch.cat([frames[:, :, :1], frames[:, :, :-1]], 2)
    frames = (frames - features.PREEMPHASIS * before) * window
    power = torch.fft.rfft(frames, features.FFT)[:, :, : features.FFT // 2].abs().square()
    return torch.log(torch.clamp(torch.bmm(power, banks), min=float(np.finfo(np.float32).eps)))


def _rms(x: Tensor, samples: Tensor) -> Tensor:
    """Root mean square of each row's first samples (what follows is 0); never quite 0."""
    return (x.square().sum(1, keepdim=True) / samples + _FLOOR**2).sqrt()


def _level(x: Tensor, decibels: Tensor | float, samples: Tensor) -> Tensor:
    return x * (10 ** (torch.as_tensor(decibels, device=x.device) / 20) / _rms(x, samples))


def butterworth(hertz: Tensor, low: Tensor, high: Tensor) -> Tensor:
    """Amplitude of a digital Butterworth band-pass of order 4, as `telephone.band_pass` has it."""
    at, low, high = (torch.tan(torch.pi * value / RATE) for value in (hertz.clamp(1, RATE / 2 - 1), low, high))
    return 1 / (1 + ((at.square() - low * high) / (at * (high - low))) ** 8).sqrt()


def _codecs() -> NDArray[np.float32]:
    """(3, 65536): every 16-bit sample after mu-law, after A-law, and as it is."""
    samples = np.arange(-32768, 32768).astype("<i2")
    a_law = audioop.alaw2lin(audioop.lin2alaw(samples.tobytes(), 2), 2)
    plain = samples.astype(np.float32) / np.float32(32768)
    return np.stack([mu_law(plain), telephone.floats_of(a_law), plain])
