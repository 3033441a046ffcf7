// The microphone as 16-bit mono samples at 16 kHz, in pieces of 40 ms, each with its level (0 to 1).
// Audio contexts run at 44.1 or 48 kHz; a windowed sinc keeps what lies above 8 kHz from folding back.
const RATE = 16000;
const PIECE = 640;
const HALF = 16; // taps on either side, of the slower rate's period

class Microphone extends AudioWorkletProcessor {
  constructor() {
    super();
    this.step = sampleRate / RATE;
    this.reach = Math.ceil(HALF * Math.max(1, this.step) / 2);
    this.kept = new Float32Array(0);
    this.at = this.reach; // place of the next output sample, in input samples
    this.piece = new Int16Array(PIECE);
    this.filled = 0;
    this.loudest = 0;
  }

  process(inputs) {
    const channels = inputs[0];
    if (!channels.length) return true;
    const samples = new Float32Array(this.kept.length + channels[0].length);
    samples.set(this.kept);
    samples.set(channels[0], this.kept.length);
    while (this.at + this.reach < samples.length) {
      this.put(this.sample(samples, this.at));
      this.at += this.step;
    }
    const done = Math.max(0, Math.floor(this.at) - this.reach);
    this.kept = samples.slice(done);
    this.at -= done;
    return true;
  }

  sample(samples, at) {
    if (this.step === 1) return samples[Math.round(at)];
    const cut = Math.min(1, 1 / this.step) * 0.94;
    let sum = 0;
    for (let i = Math.ceil(at - this.reach); i <= at + this.reach; i += 1) {
      const x = i - at;
      const angle = Math.PI * x * cut;
      const sinc = x === 0 ? 1 : Math.sin(angle) / angle;
      sum += (samples[i] || 0) * sinc * cut * (0.5 + 0.5 * Math.cos((Math.PI * x) / this.reach));
    }
    return sum;
  }

  put(value) {
    const level = Math.abs(value);
    if (level > this.loudest) this.loudest = level;
    this.piece[this.filled] = Math.max(-32768, Math.min(32767, Math.round(value * 32768)));
    this.filled += 1;
    if (this.filled < PIECE) return;
    this.port.postMessage({ samples: this.piece.buffer, level: this.loudest }, [this.piece.buffer]);
    this.piece = new Int16Array(PIECE);
    this.filled = 0;
    this.loudest = 0;
  }
}

registerProcessor("suara-warga-microphone", Microphone);
