// <suara-warga>: the conversation of the city's telephone line in a page. Speech, touch, keys and typing are all open
// at every step; nothing needs sight, hearing or speech alone, and nothing happens before somebody presses a button.
import { Line } from "./line.js";
import { Microphone, Voice } from "./sound.js";
import { View } from "./view.js";
import { words } from "./words.js";

const BASE = new URL("..", import.meta.url).href;
const SILENT_MS = 5000; // an open microphone that brings nothing at all
const SOUNDLESS = 0.0008;

class SuaraWarga extends HTMLElement {
  connectedCallback() {
    if (this.view) return;
    this.words = words(this.lang || document.documentElement.lang);
    this.going = false;
    this.spoken = true; // our voice, or theirs
    this.ticket = "";
    this.listen = null; // the open question
    this.view = new View(this, this.words, this.deeds());
    this.line = new Line(BASE, this.news());
    this.voice = new Voice((mark) => this.heard(mark));
    this.microphone = new Microphone((samples, level) => this.sound(samples, level), () => this.micGone());
    this.view.polite(false);
    if (this.line.token) this.view.label(this.words.resume, false);
    if (this.hasAttribute("keeps")) import("./later.js").then(({ keep }) => keep(this, BASE));
  }

  disconnectedCallback() {
    this.microphone.close();
    this.voice.clear();
    if (this.going) this.line.wanted = false;
    if (this.line.socket) this.line.socket.close();
  }

  // -- what people do

  deeds() {
    return {
      talk: () => this.talk(),
      quietStart: () => this.start(false),
      press: (key, label) => this.answer({ type: "key", key }, label),
      write: (text, label) => this.answer({ type: "text", text }, label),
      back: (answered) => this.line.send({ type: "back", answered }),
      voice: (ours) => this.choose(ours),
      end: () => this.end(),
      copy: () => this.copy(),
      sayTicket: () => this.sayTicket(),
    };
  }

  talk() {
    if (!this.going) this.start(true);
    else if (this.microphone.on) this.micOff(this.words.micStopped);
    else this.micOn();
  }

  start(withMicrophone) {
    this.voice.unlock();
    this.going = true;
    this.view.started(true);
    this.view.tell("");
    this.view.showTicket("");
    this.view.say(this.words.connecting);
    this.view.label(this.words.speak, false);
    this.line.open({ voice: this.spoken, mic: false });
    if (withMicrophone) this.micOn();
  }

  answer(message, label) {
    if (!this.going || !this.listen) return false;
    // A number is entered key by key: over requests they are gathered in the field, to be sent together.
    if (message.type === "key" && this.line.mode === "turns" && this.listen.keys > 1 && label === message.key) {
      this.view.input.value += message.key;
      return true;
    }
    this.voice.skip();
    const gathered = message.type === "key" && this.listen.keys > 1;
    this.line.send(message);
    this.view.write(this.words.youSay, label, false);
    if (!gathered) this.taken();
    return true;
  }

  choose(ours) {
    this.spoken = ours;
    if (!ours) this.voice.skip();
    this.view.polite(!ours);
    if (this.going) this.line.send({ type: "voice", on: ours });
  }

  end() {
    this.line.stop();
    this.over();
    this.view.say(this.words.over);
  }

  async copy() {
    try {
      await navigator.clipboard.writeText(this.ticket);
      this.view.tell(this.words.copied);
    } catch (error) {
      this.view.tell(this.words.notCopied);
    }
  }

  sayTicket() {
    if (this.going && this.listen) this.answer({ type: "text", text: "ulangi" }, this.words.sayTicket);
    else this.view.tell(`${this.words.ticket}: ${this.ticket.split("").join(" ")}`);
  }

  // -- the microphone

  async micOn() {
    try {
      await this.microphone.open();
    } catch (error) {
      this.view.tell(error.name === "NotFoundError" ? this.words.missing : this.words.refused);
      this.refresh();
      return;
    }
    if (!this.going) {
      this.microphone.close();
      return;
    }
    this.recorded = [];
    this.soundAt = Date.now();
    this.view.hears(true);
    this.view.tell(this.spoken ? "" : this.words.micOn);
    this.line.send({ type: "mic", on: true });
    if (this.line.mode === "turns") this.voice.skip();
    this.refresh();
    if (this.listen && !this.voice.busy) this.voice.tone("listen");
  }

  micOff(why) {
    if (!this.microphone.on) return;
    this.microphone.close();
    this.line.send({ type: "mic", on: false });
    this.view.hears(false);
    this.voice.tone("stop");
    this.view.tell(this.spoken && why === this.words.micStopped ? "" : why);
    if (this.line.mode === "turns" && this.recorded.length) this.sendRecorded();
    this.refresh();
  }

  micGone() {
    this.micOff(this.words.gone);
  }

  sendRecorded() {
    const whole = new Blob(this.recorded);
    this.recorded = [];
    this.taken();
    this.line.turn(null, whole);
  }

  sound(samples, level) {
    this.view.loud(level);
    const now = Date.now();
    if (level > SOUNDLESS) this.soundAt = now;
    if (now - this.soundAt > SILENT_MS) {
      this.soundAt = now + 1e9; // said once
      this.voice.tone("quiet");
      this.view.tell(this.words.silent);
    }
    if (!this.listen) return; // nobody listens: nothing is sent
    if (this.line.mode === "turns") this.recorded.push(samples);
    else this.line.sound(samples);
  }

  // -- what the line tells

  news() {
    return {
      sound: (mulaw) => this.spoken && this.voice.push(mulaw),
      mark: ({ mark }) => this.voice.mark(mark),
      clear: () => this.voice.clear(),
      turn: (turn) => this.turn(turn),
      understood: ({ text }) => this.understood(text),
      rest: () => this.micOff(this.words.rest),
      problem: ({ code }) => this.problem(code),
      lost: (tries) => this.lost(tries),
      back: () => this.cameBack(),
      unreachable: () => this.lost(2),
    };
  }

  turn(turn) {
    const said = turn.said.map((one) => one.text).join(" ");
    if (said) this.view.write(this.words.lineSays, said, true);
    this.listen = turn.listen;
    const shown = turn.choices.filter(({ key }) => key !== "#" || !this.isStory || this.microphone.on);
    this.view.choose(shown);
    if (turn.dial) this.view.dial(turn.dial.target, turn.dial.number);
    if (turn.ticket && turn.ticket !== this.ticket) {
      this.ticket = turn.ticket;
      this.view.showTicket(turn.ticket, BASE);
    }
    this.ended = turn.ended;
    if (turn.ended) this.over();
    this.refresh();
  }

  get isStory() {
    return Boolean(this.listen) && ["message", "sentence"].includes(this.listen.kind);
  }

  heard(mark) {
    this.line.send({ type: "heard", mark });
    if (mark.split(":")[1] !== "listen") return;
    this.refresh();
    if (this.microphone.on) this.voice.tone("listen");
  }

  understood(text) {
    this.voice.tone("stop");
    if (text) this.view.write(this.words.heard, text, true);
    this.taken();
  }

  taken() {
    this.listen = null;
    this.view.say(this.words.thinking);
  }

  problem(code) {
    this.view.tell(this.words.problems[code] || this.words.problems.trouble);
    if (code !== "trouble") this.over();
  }

  lost(tries) {
    this.listen = null;
    this.voice.clear();
    this.view.say(this.words.connecting);
    if (tries === 1 && !this.line.everOpen) return; // perhaps the first try only
    this.broken = true;
    this.dispatchEvent(new CustomEvent("suara-warga-lost"));
    this.view.tell(navigator.onLine ? this.words.lost : `${this.words.offline} ${this.words.lost}`);
  }

  cameBack() {
    if (this.broken) this.view.tell(this.words.backAgain);
    else if (this.line.mode === "turns") this.view.tell(this.words.turns);
    this.broken = false;
    if (this.microphone.on) this.line.send({ type: "mic", on: true });
  }

  // -- how it stands

  over() {
    this.going = false;
    this.listen = null;
    if (this.microphone.on) {
      this.microphone.close();
      this.view.hears(false);
      this.voice.tone("stop");
    }
    this.view.started(false);
    this.view.label(this.line.token ? this.words.resume : this.words.again, false);
  }

  refresh() {
    const { words: w } = this;
    if (!this.going) {
      this.view.say(this.ended ? w.over : this.view.state.textContent);
      return;
    }
    const { on } = this.microphone;
    const done = this.line.mode === "turns" ? w.speakDone : w.micOff;
    this.view.label(on ? done : w.speak, on);
    if (this.voice.busy) this.view.say(w.talking);
    else if (this.listen) this.view.say(on ? w.listening : this.spoken ? w.waiting : w.waitingQuiet);
  }
}

customElements.define("suara-warga", SuaraWarga);
