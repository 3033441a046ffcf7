// Looks of the widget: large, 7:1 and more, nothing that moves. From outside: ::part(...) and the variables of :host.
const css = `
:host { --sw-ground: #ffffff; --sw-ink: #10201d; --sw-line: #55655f; --sw-brand: #07504a; --sw-on-brand: #ffffff;
  --sw-tint: #e6f3f1; --sw-alert: #7d1f08; --sw-focus: #0842a0; display: block; max-width: 40rem; margin-inline: auto;
  color-scheme: light dark; }
@media (prefers-color-scheme: dark) {
  :host { --sw-ground: #101715; --sw-ink: #f2f7f5; --sw-line: #9db0ab; --sw-brand: #93e0d6; --sw-on-brand: #06231f;
    --sw-tint: #17332f; --sw-alert: #ffc2b3; --sw-focus: #b5d0ff; }
}
*, *::before { box-sizing: border-box; }
[hidden] { display: none !important; }
section { display: grid; gap: 1.25rem; padding: 1.25rem; background: var(--sw-ground); color: var(--sw-ink);
  font: 1.5rem/1.5 system-ui, "Segoe UI", Roboto, "Noto Sans", "DejaVu Sans", sans-serif; overflow-wrap: anywhere; }
p, ol, dl, dd, fieldset { margin: 0; padding: 0; border: 0; min-width: 0; }
ol { list-style: none; display: grid; gap: .75rem; }
button, .link, input[type=text] { font: inherit; min-height: 3.5rem; padding: .5rem 1.1rem; border-radius: .75rem;
  border: 3px solid var(--sw-brand); max-width: 100%; min-width: 0; }
button, .link { background: var(--sw-ground); color: var(--sw-brand); font-weight: 700; cursor: pointer; }
.link { display: inline-flex; align-items: center; justify-content: center; text-decoration: underline; }
button:hover, .link:hover { background: var(--sw-tint); }
button[aria-disabled=true] { border-style: dashed; cursor: default; }
:focus-visible { outline: 4px solid var(--sw-focus); outline-offset: 3px; }
.talk { min-height: 9rem; width: 100%; border-radius: 1.5rem; font-size: 2rem; line-height: 1.25; white-space: normal;
  background: var(--sw-brand); color: var(--sw-on-brand); }
.talk:hover { background: var(--sw-brand); text-decoration: underline; }
.talk.on { background: var(--sw-ground); color: var(--sw-brand); border-width: 8px; }
.state { font-weight: 700; text-align: center; }
.sign { display: grid; grid-template-columns: auto minmax(0, 1fr); align-items: center; gap: .75rem; }
.lamp { width: 1.5rem; height: 1.5rem; border-radius: 50%; border: 3px solid var(--sw-line); }
.sign.on .lamp { background: var(--sw-alert); border-color: var(--sw-alert); }
.level { grid-column: 1 / -1; height: 1rem; border: 2px solid var(--sw-line); border-radius: .5rem; overflow: hidden; }
.bar { height: 100%; background: var(--sw-brand); transform-origin: 0 50%; transform: scaleX(0); }
.notice:not(:empty) { padding: .75rem 1rem; border-inline-start: 8px solid var(--sw-alert); background: var(--sw-tint); }
.ticket { display: grid; gap: .75rem; padding: 1rem; border: 4px solid var(--sw-brand); border-radius: 1rem; }
.number { font-size: 2.25rem; font-weight: 800; font-variant-numeric: tabular-nums; line-height: 1.2; }
.row { display: flex; flex-wrap: wrap; gap: .75rem; }
.row > * { flex: 1 1 auto; }
.choices { display: grid; gap: .75rem; }
.choices > button { text-align: start; display: flex; gap: .75rem; align-items: center; }
.choices:empty { display: none; }
.after { display: grid; gap: 1rem; }
.choices:focus { outline: none; }
.key { flex: none; min-width: 2.2rem; text-align: center; border: 2px solid currentcolor; border-radius: .5rem; }
.who { display: block; font-weight: 700; }
.log li { padding: .75rem 1rem; border-radius: 1rem; background: var(--sw-tint); }
.log li.yours { background: transparent; border: 2px solid var(--sw-line); }
.log:not(.all) li:nth-last-child(n + 3) { position: absolute; width: 1px; height: 1px; overflow: hidden;
  clip-path: inset(50%); padding: 0; border: 0; }
.keys { display: grid; grid-template-columns: repeat(3, minmax(0, 1fr)); gap: .5rem; margin-block-start: .75rem; }
.keys button { padding-inline: .25rem; font-size: 2rem; }
form { display: grid; gap: .5rem; }
label, legend, summary { font-weight: 700; padding: 0; }
.pick { display: flex; align-items: center; gap: .75rem; min-height: 3rem; font-weight: 400; }
.pick input { width: 1.75rem; height: 1.75rem; flex: none; margin: 0; accent-color: var(--sw-brand); }
input[type=text] { width: 100%; border-color: var(--sw-line); background: var(--sw-ground); color: var(--sw-ink); }
summary { min-height: 3rem; cursor: pointer; display: list-item; }
@media (forced-colors: active) {
  button, .link, .ticket, .notice:not(:empty), .log li { border: 3px solid; }
  .talk { border-width: 6px; }
  .sign.on .lamp, .bar { forced-color-adjust: none; background: Highlight; }
}
`;

export function dress(root) {
  if ("adoptedStyleSheets" in root && "replaceSync" in CSSStyleSheet.prototype) {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(css);
    root.adoptedStyleSheets = [sheet];
    return;
  }
  const style = document.createElement("style");
  style.textContent = css;
  root.append(style);
}
