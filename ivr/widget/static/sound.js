// What is heard and said: prompts played one after the other, tones, and the microphone.
const LINE_RATE = 8000; // samples per second of a prompt
const AHEAD_S = 0.03;
const TONES = { listen: [660, 880], stop: [520, 390], quiet: [300, 300] };

let shared; // one audio context a page: browsers allow only a few

function context() {
  const Context = window.AudioContext || window.webkitAudioContext;
  if (!shared && Context) shared = new Context();
  return shared;
}

function pcm(mulaw) {
  const samples = new Float32Array(mulaw.length);
  for (let i = 0; i < mulaw.length; i += 1) {
    const code = ~mulaw[i] & 0xff;
    const magnitude = (((code & 0x0f) << 3) + 0x84) << ((code & 0x70) >> 4);
    samples[i] = (code & 0x80 ? 0x84 - magnitude : magnitude - 0x84) / 32768;
  }
  return samples;
}

export class Voice {
  // `played(mark)` is called when everything before the mark was heard.
  constructor(played) {
    this.played = played;
    this.queue = []; // sounds that play or wait, and marks between them
    this.until = 0;
  }

  unlock() {
    // Browsers let a page sound only after somebody pressed something.
    const audio = context();
    if (audio && audio.state !== "running") audio.resume();
  }

  get busy() {
    return this.queue.some((one) => one.source);
  }

  push(mulaw) {
    const audio = context();
    if (!audio || !mulaw.length) return;
    const buffer = audio.createBuffer(1, mulaw.length, LINE_RATE);
    buffer.copyToChannel(pcm(mulaw), 0);
    const source = audio.createBufferSource();
    source.buffer = buffer;
    source.connect(audio.destination);
    this.until = Math.max(this.until, audio.currentTime + AHEAD_S);
    source.start(this.until);
    this.until += buffer.duration;
    const item = { source };
    source.onended = () => this.ended(item);
    this.queue.push(item);
  }

  mark(mark) {
    this.queue.push({ mark });
    this.give();
  }

  ended(item) {
    this.queue = this.queue.filter((one) => one !== item);
    this.give();
  }

  give() {
    while (this.queue.length && this.queue[0].mark) this.played(this.queue.shift().mark);
  }

  // The line has interrupted itself, and wants no mark back.
  clear() {
    const stopped = this.queue;
    this.queue = [];
    this.until = 0;
    for (const one of stopped) {
      if (!one.source) continue;
      one.source.onended = null;
      one.source.stop();
    }
  }

  // The listener has heard enough: what is left counts as heard.
  skip() {
    const marks = this.queue.filter((one) => one.mark);
    this.clear();
    marks.forEach((one) => this.played(one.mark));
  }

  tone(name) {
    const audio = context();
    if (!audio || audio.state !== "running") return;
    const oscillator = audio.createOscillator();
    const gain = audio.createGain();
    const [from, to] = TONES[name];
    const now = audio.currentTime;
    oscillator.frequency.setValueAtTime(from, now);
    oscillator.frequency.setValueAtTime(to, now + 0.07);
    gain.gain.setValueAtTime(0, now);
    gain.gain.linearRampToValueAtTime(0.2, now + 0.01);
    gain.gain.setValueAtTime(0.2, now + 0.12);
    gain.gain.linearRampToValueAtTime(0, now + 0.15);
    oscillator.connect(gain).connect(audio.destination);
    oscillator.start(now);
    oscillator.stop(now + 0.16);
  }
}

export class Microphone {
  // `heard(samples, level)` gets 40 ms at a time; `gone()` is called when the device is pulled out.
  constructor(heard, gone) {
    this.heard = heard;
    this.gone = gone;
    this.on = false;
  }

  async open() {
    // Throws what getUserMedia throws: NotAllowedError, NotFoundError ...
    if (!navigator.mediaDevices || !window.AudioWorkletNode) throw new DOMException("", "NotFoundError");
    const wishes = { echoCancellation: true, noiseSuppression: true, autoGainControl: true, channelCount: 1 };
    const stream = await navigator.mediaDevices.getUserMedia({ audio: wishes });
    try {
      const audio = context();
      await audio.resume();
      if (!audio.suaraWarga) audio.suaraWarga = audio.audioWorklet.addModule(new URL("worklet.js", import.meta.url));
      await audio.suaraWarga;
      this.source = audio.createMediaStreamSource(stream);
      this.node = new AudioWorkletNode(audio, "suara-warga-microphone");
      this.node.port.onmessage = ({ data }) => this.on && this.heard(data.samples, data.level);
      this.mute = audio.createGain(); // a graph without an end is not run everywhere
      this.mute.gain.value = 0;
      this.source.connect(this.node).connect(this.mute).connect(audio.destination);
    } catch (error) {
      stream.getTracks().forEach((track) => track.stop());
      throw error;
    }
    this.stream = stream;
    stream.getTracks()[0].onended = () => this.on && this.gone();
    this.on = true;
  }

  close() {
    if (!this.on) return;
    this.on = false;
    this.stream.getTracks().forEach((track) => track.stop());
    this.source.disconnect();
    this.node.disconnect();
    this.mute.disconnect();
  }
}
