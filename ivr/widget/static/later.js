// A report that is told while there is no network: recorded, kept on this device, and sent once the line is back.
// It goes the way of a message for an officer, as on the telephone, and its number is then shown.
import { Microphone } from "./sound.js";

const NAME = "suara-warga";
const SHORTEST_PIECES = 25; // a second
const MOST_PIECES = 90 * 25; // as long as a story may be
const RETRY_MS = 20000;

export function keep(widget, base) {
  const { words: w, view } = widget;
  const box = document.createElement("div");
  box.className = "choices";
  box.hidden = true;
  const how = document.createElement("p");
  how.textContent = w.recordHow;
  const record = document.createElement("button");
  record.type = "button";
  record.setAttribute("part", "button");
  record.textContent = w.record;
  box.append(record, how);
  how.hidden = true;
  view.talk.after(box);

  let pieces = [];
  const microphone = new Microphone((samples, level) => {
    view.loud(level);
    pieces.push(samples);
    if (pieces.length >= MOST_PIECES) stop();
  }, stop);

  async function start() {
    try {
      await microphone.open();
    } catch (error) {
      view.tell(w.refused);
      return;
    }
    pieces = [];
    view.sign.hidden = false;
    view.hears(true);
    how.hidden = false;
    record.textContent = w.recordDone;
    widget.voice.tone("listen");
  }

  async function stop() {
    microphone.close();
    view.hears(false);
    how.hidden = true;
    record.textContent = w.record;
    widget.voice.tone("stop");
    if (pieces.length < SHORTEST_PIECES) return;
    await put({ sound: new Blob(pieces), token: "" });
    pieces = [];
    view.tell(w.recordKept);
    send();
  }

  async function send() {
    if (!navigator.onLine) return;
    for (const kept of await all()) {
      const ticket = await deliver(kept, base);
      if (ticket === null) {
        setTimeout(send, RETRY_MS);
        return;
      }
      await remove(kept.id);
      view.tell(w.recordSent);
      widget.ticket = ticket;
      view.showTicket(ticket, base);
    }
  }

  const offer = () => {
    box.hidden = false;
    if (!navigator.onLine) view.tell(w.offline);
  };
  record.addEventListener("click", () => (microphone.on ? stop() : start()));
  widget.addEventListener("suara-warga-lost", offer);
  window.addEventListener("offline", offer);
  window.addEventListener("online", () => {
    box.hidden = !microphone.on;
    send();
  });
  if (!navigator.onLine) offer();
  send();
}

// The report's number; null when the line cannot be reached, or takes nothing now.
async function deliver(kept, base) {
  try {
    const began = await turn(base, kept.token, { type: "hello", call: kept.token, voice: false, mic: false });
    const call = began.find((one) => one.type === "call");
    const known = began.find((one) => one.type === "turn" && one.ticket);
    if (known) return known.ticket; // it arrived the last time, and only the answer was lost
    if (!call) {
      kept.token = "";
      await put(kept);
      return null;
    }
    kept.token = call.call;
    await put(kept);
    await turn(base, kept.token, { type: "text", text: "lapor" });
    await turn(base, kept.token, { type: "key", key: "2" });
    const told = await turn(base, kept.token, null, kept.sound);
    const last = told.find((one) => one.type === "turn" && one.ticket);
    await turn(base, kept.token, { type: "stop" });
    return last ? last.ticket : null;
  } catch (error) {
    return null;
  }
}

async function turn(base, token, message, sound) {
  const headers = { "X-Call": token, "X-Voice": "0" };
  headers["Content-Type"] = sound ? "application/octet-stream" : "application/json";
  const body = sound || JSON.stringify(message);
  const answer = await fetch(`${base}widget/turn`, { method: "POST", headers, body, credentials: "omit" });
  return (await answer.json()).messages;
}

// -- IndexedDB, as promises

function open() {
  return new Promise((resolve, reject) => {
    const wanted = indexedDB.open(NAME, 1);
    wanted.onupgradeneeded = () => wanted.result.createObjectStore("reports", { keyPath: "id", autoIncrement: true });
    wanted.onsuccess = () => resolve(wanted.result);
    wanted.onerror = () => reject(wanted.error);
  });
}

async function within(mode, act) {
  const database = await open();
  return new Promise((resolve, reject) => {
    const wanted = act(database.transaction("reports", mode).objectStore("reports"));
    wanted.onsuccess = () => resolve(wanted.result);
    wanted.onerror = () => reject(wanted.error);
  });
}

async function put(report) {
  report.id = await within("readwrite", (store) => store.put(report));
}

const all = () => within("readonly", (store) => store.getAll());
const remove = (id) => within("readwrite", (store) => store.delete(id));
