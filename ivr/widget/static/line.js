// The way to the line: one WebSocket that comes back after a break, or a request a turn where none gets through.
const BACKOFF_S = [0.3, 1, 2, 4, 8, 15];
const ALIVE_S = 10;
const DEAD_S = 25; // our word that we are alive was not answered
const OPEN_WITHIN_S = 8;
const KEY = "suara-warga-panggilan";

export class Line {
  // `on` has a function for every message's type, and for: lost, back, unreachable.
  constructor(base, on) {
    this.base = base;
    this.on = on;
    this.token = recall();
    this.mode = "stream"; // or "turns"
    this.wanted = false; // a call goes on, or should
    this.tries = 0;
    this.everOpen = false;
    this.chain = Promise.resolve();
    window.addEventListener("online", () => this.hurry());
    window.addEventListener("offline", () => this.socket && this.fell(this.socket));
  }

  open(options) {
    this.options = options;
    this.wanted = true;
    this.tries = 0;
    this.connect();
  }

  connect() {
    clearTimeout(this.timer);
    if (this.mode === "turns") {
      this.turn(this.hello());
      return;
    }
    let socket;
    try {
      socket = new WebSocket(this.base.replace(/^http/, "ws") + "widget/stream");
    } catch (error) {
      this.fell(null);
      return;
    }
    this.socket = socket;
    socket.binaryType = "arraybuffer";
    this.timer = setTimeout(() => this.fell(socket), OPEN_WITHIN_S * 1000);
    socket.onopen = () => {
      clearTimeout(this.timer);
      this.heardAt = Date.now();
      socket.send(JSON.stringify(this.hello()));
    };
    socket.onmessage = ({ data }) => this.socket === socket && this.receive(data);
    socket.onclose = () => this.fell(socket);
    clearInterval(this.beat);
    this.beat = setInterval(() => this.alive(socket), ALIVE_S * 1000);
  }

  hello() {
    return { type: "hello", call: this.token, voice: this.options.voice, mic: this.options.mic };
  }

  alive(socket) {
    if (this.socket !== socket || socket.readyState !== WebSocket.OPEN) return;
    if (Date.now() - this.heardAt > DEAD_S * 1000) this.fell(socket);
    else this.send({ type: "alive" });
  }

  receive(data) {
    this.heardAt = Date.now();
    if (data instanceof ArrayBuffer) {
      this.on.sound(new Uint8Array(data));
      return;
    }
    this.take(JSON.parse(data));
  }

  take(message) {
    if (message.type === "call") {
      this.tries = 0;
      this.everOpen = true;
      this.token = message.call;
      keep(this.token);
      this.on.back();
    } else if (message.type === "problem") {
      if (message.code !== "trouble") this.wanted = false;
      if (message.code === "ended") this.forget();
    } else if (message.type === "turn" && message.ended) {
      this.wanted = false;
      this.forget();
    }
    if (this.on[message.type]) this.on[message.type](message);
  }

  // -- when it breaks

  fell(socket) {
    if (socket && this.socket !== socket) return;
    clearTimeout(this.timer);
    clearInterval(this.beat);
    this.socket = null;
    if (socket) {
      socket.onclose = null;
      socket.close();
    }
    if (!this.wanted) return;
    this.tries += 1;
    if (!this.everOpen && this.tries === 2 && navigator.onLine) this.mode = "turns"; // no WebSocket comes through here
    this.on.lost(this.tries);
    this.timer = setTimeout(() => this.connect(), BACKOFF_S[Math.min(this.tries, BACKOFF_S.length) - 1] * 1000);
  }

  hurry() {
    if (!this.wanted || this.socket) return;
    this.tries = 0;
    this.connect();
  }

  forget() {
    this.token = "";
    keep("");
  }

  // -- what the caller does

  send(message) {
    if (this.mode === "turns") {
      if (["key", "text", "back", "stop"].includes(message.type)) this.turn(message);
    } else if (this.socket && this.socket.readyState === WebSocket.OPEN) {
      this.socket.send(JSON.stringify(message));
    }
    if (message.type === "mic" || message.type === "voice") this.options[message.type] = message.on;
  }

  sound(samples) {
    // What waits to leave is late already: a second more than that is of no use.
    if (this.socket && this.socket.readyState === WebSocket.OPEN && this.socket.bufferedAmount < 640000) {
      this.socket.send(samples);
    }
  }

  stop() {
    this.wanted = false;
    this.send({ type: "stop" });
    this.forget();
    if (this.socket) this.socket.close();
  }

  // -- without a WebSocket

  turn(message, samples) {
    this.chain = this.chain.then(() => this.request(message, samples));
    return this.chain;
  }

  async request(message, samples) {
    const headers = { "X-Call": this.token, "X-Voice": this.options.voice ? "1" : "0" };
    headers["Content-Type"] = samples ? "application/octet-stream" : "application/json";
    let answer;
    try {
      const body = samples || JSON.stringify(message);
      answer = await fetch(`${this.base}widget/turn`, { method: "POST", headers, body, credentials: "omit" });
    } catch (error) {
      this.unreachable();
      return;
    }
    if (answer.status === 403) this.take({ type: "problem", code: "origin" });
    else if (answer.status === 429) this.take({ type: "problem", code: "fast" });
    else if (!(answer.headers.get("Content-Type") || "").includes("json")) this.unreachable();
    else (await answer.json()).messages.forEach((one) => this.give(one));
  }

  give(message) {
    if (message.type === "sound") this.on.sound(Uint8Array.from(atob(message.sound), (c) => c.charCodeAt(0)));
    else this.take(message);
  }

  unreachable() {
    if (!this.everOpen) this.mode = "stream";
    this.tries = Math.max(this.tries, 2);
    this.on.unreachable();
    if (this.wanted) this.timer = setTimeout(() => this.connect(), BACKOFF_S[3] * 1000);
  }
}

function recall() {
  try {
    return sessionStorage.getItem(KEY) || "";
  } catch (error) {
    return ""; // pages may be forbidden to keep anything
  }
}

function keep(token) {
  try {
    if (token) sessionStorage.setItem(KEY, token);
    else sessionStorage.removeItem(KEY);
  } catch (error) {
    // the call is then not gone on with after the page is loaded again
  }
}
