// What the widget shows: built once, then only filled and hidden, so that a screen reader never loses its place.
import { dress } from "./style.js";

const KEYS = ["1", "2", "3", "4", "5", "6", "7", "8", "9", "*", "0", "#"];

function h(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (value === true) node.setAttribute(name, "");
    else if (value !== false && value !== undefined) node.setAttribute(name, value);
  }
  node.append(...children);
  return node;
}

function button(label, onclick, attributes = {}) {
  // The second half of a double click is no answer to the next question.
  const once = (event) => event.detail < 2 && onclick();
  return h("button", { type: "button", onclick: once, ...attributes }, label);
}

export class View {
  // `does` has a function for everything that a person can do; `words` are of the element's language.
  constructor(host, words, does) {
    this.words = words;
    this.does = does;
    this.root = host.shadowRoot || host.attachShadow({ mode: "open" });
    dress(this.root);
    this.root.append(this.build());
    this.root.addEventListener("keydown", (event) => this.typedKey(event));
  }

  build() {
    const { words: w, does } = this;
    this.talk = button(w.start, does.talk, { class: "talk", part: "talk" });
    this.quiet = button(w.quietStart, does.quietStart, { part: "quiet button" });
    this.state = h("p", { class: "state", part: "state" }, w.idle);
    this.bar = h("div", { class: "bar" });
    this.level = h("div", { class: "level", "aria-hidden": "true", hidden: true }, this.bar);
    this.signText = h("span", {}, w.micIsOff);
    this.lamp = h("span", { class: "lamp", "aria-hidden": "true" });
    this.sign = h("div", { class: "sign", part: "sign", hidden: true }, this.lamp, this.signText, this.level);
    this.notice = h("p", { class: "notice", part: "notice", role: "status" });
    this.log = h("ol", {});
    this.logBox = h("div", { class: "log", part: "log", role: "log", "aria-label": w.log, hidden: true }, this.log);
    this.choices = h("div", {
      class: "choices", part: "choices", role: "group", "aria-label": w.choices, tabindex: "-1",
    });
    this.after = h("div", { class: "after", hidden: true }, ...this.controls());
    const top = [this.talk, this.quiet, this.state, this.sign, this.notice];
    return h("section", { "aria-label": w.name, lang: "id", part: "widget" },
      ...top, this.ticketBox(), this.logBox, this.choices, this.after, this.voicePick(),
      h("p", { part: "privacy" }, w.privacy));
  }

  controls() {
    const { words: w, does } = this;
    const says = (label, text) => button(label, () => does.write(text, label), { part: "button" });
    this.always = h("div", { class: "row", role: "group", "aria-label": w.always, part: "always" },
      says(w.repeat, "ulangi"), says(w.slower, "lebih pelan"), says(w.back, "kembali"), says(w.help, "bantuan"));
    this.input = h("input", {
      type: "text", id: "ketik", part: "input", autocomplete: "off", enterkeyhint: "send", maxlength: "1000",
    });
    const form = h("form", { part: "form", onsubmit: (event) => this.submit(event) },
      h("label", { for: "ketik" }, w.type), this.input, h("button", { part: "button" }, w.send));
    const names = { "*": w.star, "#": w.hash };
    const keys = KEYS.map((key) => button(key, () => does.press(key, key), { part: "key", "aria-label": names[key] }));
    const pad = h("details", { part: "keypad" }, h("summary", {}, w.keypad), h("div", { class: "keys" }, ...keys));
    this.all = h("input", { type: "checkbox", onchange: () => this.logBox.classList.toggle("all", this.all.checked) });
    const all = h("label", { class: "pick" }, this.all, w.showAll);
    this.end = button(w.end, does.end, { part: "end button" });
    return [this.always, form, pad, all, this.end];
  }

  ticketBox() {
    const { words: w, does } = this;
    this.number = h("p", { class: "number" });
    this.sms = h("a", { class: "link", part: "button" }, w.sms);
    this.status = h("a", { class: "link", part: "button", target: "_blank", rel: "noopener" }, w.status);
    const copy = button(w.copy, does.copy, { part: "button" });
    this.sayNumber = button(w.sayTicket, does.sayTicket, { part: "button" });
    this.ticket = h("div", { class: "ticket", part: "ticket", role: "group", "aria-label": w.ticket, hidden: true },
      h("p", {}, w.ticket), this.number, h("div", { class: "row" }, copy, this.sayNumber, this.sms, this.status));
    return this.ticket;
  }

  voicePick() {
    const { words: w, does } = this;
    const pick = (value, label) => {
      const input = h("input", { type: "radio", name: "suara", value, onchange: () => does.voice(value === "ours") });
      input.checked = value === "ours";
      return h("label", { class: "pick" }, input, label);
    };
    return h("fieldset", { part: "voice" }, h("legend", {}, w.voice), pick("ours", w.ourVoice), pick("own", w.ownVoice));
  }

  // -- what people do

  submit(event) {
    event.preventDefault();
    const text = this.input.value.trim();
    if (!text) return;
    if (this.does.write(text, text)) this.input.value = ""; // else it waits here for the next question
  }

  typedKey(event) {
    const field = event.target.closest && event.target.closest("input, summary");
    if (field || event.ctrlKey || event.altKey || event.metaKey || event.repeat || this.after.hidden) return;
    if (!KEYS.includes(event.key)) return;
    event.preventDefault();
    this.does.press(event.key, event.key);
  }

  // -- what is shown

  started(going) {
    this.quiet.hidden = going;
    this.sign.hidden = !going;
    this.logBox.hidden = !going && !this.log.children.length;
    this.after.hidden = !going;
    if (!going) this.choose([]);
  }

  tell(text) {
    if (this.notice.textContent !== text) this.notice.textContent = text;
  }

  say(state) {
    this.state.textContent = state;
  }

  label(text, on) {
    this.talk.textContent = text;
    this.talk.classList.toggle("on", on);
  }

  hears(on) {
    this.signText.textContent = on ? this.words.micIsOn : this.words.micIsOff;
    this.sign.classList.toggle("on", on);
    this.level.hidden = !on;
    this.loud(0);
  }

  loud(level) {
    // Ears and meters are logarithmic: -50 dB is nothing, -10 dB is all.
    const db = level > 0 ? 20 * Math.log10(level) : -100;
    this.bar.style.transform = `scaleX(${Math.min(1, Math.max(0, (db + 50) / 40)).toFixed(2)})`;
  }

  polite(on) {
    // Announced by a screen reader only while our own voice is off: never both at once.
    this.logBox.setAttribute("aria-live", on ? "polite" : "off");
  }

  write(who, text, ours) {
    const entry = h("li", ours ? {} : { class: "yours", "aria-live": "off" }, h("span", { class: "who" }, who), text);
    this.log.append(entry);
    return entry;
  }

  choose(choices) {
    const focused = this.choices.contains(this.root.activeElement);
    this.choices.replaceChildren(...choices.map(({ key, label }) =>
      button(label, () => this.does.press(key, label), { part: "choice button" })));
    for (const [place, { key }] of choices.entries()) {
      this.choices.children[place].prepend(h("span", { class: "key", "aria-hidden": "true" }, key));
    }
    if (focused) (choices.length ? this.choices : this.talk).focus({ preventScroll: true });
  }

  dial(target, number) {
    const w = this.words.call;
    const link = h("a", { class: "link", part: "dial button", href: `tel:${number || "112"}` },
      number ? `${w[target] || w.operator}: ${number}` : w.none);
    this.choices.replaceChildren(link,
      button(this.words.talked, () => this.does.back(true), { part: "button" }),
      button(this.words.notTalked, () => this.does.back(false), { part: "button" }));
  }

  showTicket(ticket, base) {
    this.ticket.hidden = !ticket;
    if (!ticket) return;
    this.number.textContent = ticket.replace(/^(...)(...)/, "$1 $2 ");
    this.sms.href = `sms:?&body=${encodeURIComponent(`${this.words.smsText} ${ticket}`)}`;
    this.status.href = `${base}tiket/${ticket}`;
  }
}
