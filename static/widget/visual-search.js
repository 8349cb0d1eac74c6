// <visual-search>: a camera button that opens a dialog; a photo in, the products like it out.

import { Widget, ask, make, sheet } from "./shared.js";

const SIDE = 960; // pixels of the photo as it is shown
const APART = 36; // pixels between the centres of two items' buttons
const CAMERA = ["M4 8h3l1.6-2.4h6.8L17 8h3v11H4z", "M12 9.6a3.4 3.4 0 1 0 0 6.8 3.4 3.4 0 0 0 0-6.8z"];
const CROSS = ["M6 6l12 12M18 6L6 18"];

class VisualSearch extends Widget {
  #parts = {};
  #searching = null;
  #photo = null;
  #token = "";
  #items = [];
  #speaking = null;
  // A dialog that has no box, as in a menu that closed behind the shopper, would hold the page unseen;
  // one that became inert with such a menu, seen but dead.
  #check = () => isOfUse(this.#parts.shell) || this.close();
  #seen = new IntersectionObserver(this.#check);
  #inert = new MutationObserver(this.#check);

  constructor() {
    super(STYLES);
  }

  connectedCallback() {
    this.#furnish();
    this.#speaking = this.speak().then((isOther) => isOther && this.#refurnish());
    document.addEventListener("paste", this.#paste);
  }

  disconnectedCallback() {
    this.#searching?.abort();
    this.#unwatch();
    document.removeEventListener("paste", this.#paste);
  }

  open() {
    const { shell } = this.#parts;
    if (shell.open || !shell.showModal) return;
    this.#showModal();
    this.record("open");
    this.emit("open");
  }

  close() {
    this.#parts.shell.close?.();
  }

  #furnish() {
    const isInline = this.hasAttribute("inline");
    this.#items = [];
    this.#parts = this.#build(isInline);
    const { button, shell } = this.#parts;
    this.shadowRoot.replaceChildren(...(isInline ? [shell] : [button, shell]));
    this.#listen(shell);
  }

  // The same in another language, before anything was searched.
  #refurnish() {
    const isOpen = this.#parts.shell.matches("dialog[open]");
    this.#furnish();
    if (isOpen) this.#showModal();
  }

  #showModal() {
    const { shell } = this.#parts;
    shell.showModal();
    this.#unwatch();
    this.#seen.observe(shell);
    const roots = [...upwards(shell)].filter((node) => !node.parentNode);
    for (const root of roots) this.#inert.observe(root, { attributeFilter: ["inert"], subtree: true });
  }

  #unwatch() {
    this.#seen.disconnect();
    this.#inert.disconnect();
  }

  #build(isInline) {
    const label = this.getAttribute("label");
    const attributes = { part: "button", class: "camera", type: "button", "aria-haspopup": "dialog", ...this.written, onclick: () => this.open() };
    if (!label) Object.assign(attributes, { "aria-label": this.text("open"), title: this.text("open") });
    const button = make("button", attributes, icon(CAMERA), label ?? "");

    const words = this.getAttribute("heading") ?? this.text("open");
    const heading = make("h2", { part: "heading", id: "heading" }, words);
    const closing = { part: "close", class: "round", type: "button", "aria-label": this.text("close"), onclick: () => this.close() };
    const head = make("header", { class: "head" }, heading, ...(isInline ? [] : [make("button", closing, icon(CROSS))]));

    const canvas = make("canvas", { part: "photo", role: "img", "aria-label": this.text("photo") });
    const frame = make("div", { class: "frame", hidden: true });
    const marks = make("ul", { class: "marks", role: "list", "aria-label": this.text("items") });
    const photo = make("div", { class: "photo", hidden: true }, canvas, frame, marks);

    const file = this.#input({});
    const camera = this.#input({ capture: "environment" });
    const choose = make("button", { part: "choose", class: "pill", type: "button", autofocus: !isInline, onclick: () => file.click() }, this.text("choose"));
    const take = make("button", { part: "take", class: "pill quiet finger", type: "button", onclick: () => camera.click() }, this.text("camera"));
    const hint = make("p", { class: "soft mouse" }, this.text("drop"));
    const drop = make("div", { part: "drop", class: "drop" }, choose, take, hint, file, camera);

    const status = make("p", { part: "status", class: "status", role: "status" });
    const results = make("div", { class: "results" });
    const body = make("div", { class: "body" }, make("div", { class: "asked" }, photo, drop), make("div", {}, status, results));
    const panel = make("div", { part: "panel", class: "panel" }, head, body);
    const name = words ? { "aria-labelledby": "heading" } : { "aria-label": this.text("open") };
    const shell = make(isInline ? "section" : "dialog", { part: "dialog", ...name, ...this.written }, panel);
    return { button, shell, photo, canvas, frame, marks, choose, status, results };
  }

  #input(attributes) {
    const chosen = ({ target }) => {
      if (target.files.length) this.search(target.files[0]);
      target.value = ""; // choosing the same photo again is a change, too
    };
    return make("input", { type: "file", accept: "image/*", hidden: true, onchange: chosen, ...attributes });
  }

  #listen(shell) {
    shell.addEventListener("close", () => this.emit("close"));
    shell.addEventListener("click", (event) => {
      if (event.target === shell) this.close(); // the backdrop; the panel covers the rest
    });
    shell.addEventListener("dragover", (event) => {
      event.preventDefault();
      shell.toggleAttribute("data-over", true);
    });
    shell.addEventListener("dragleave", () => shell.removeAttribute("data-over"));
    shell.addEventListener("drop", (event) => {
      event.preventDefault();
      shell.removeAttribute("data-over");
      const [photo] = event.dataTransfer.files;
      if (photo) this.search(photo);
      else this.#say(this.text("no-picture"), true);
    });
  }

  #paste = (event) => {
    const [photo] = event.clipboardData?.files ?? [];
    if (!photo || !(this.#parts.shell.open || event.composedPath().includes(this))) return;
    event.preventDefault();
    this.search(photo);
  };

  // Find the items of a photo, then the products like the one that suits the catalogue best.
  async search(photo) {
    await this.#speaking;
    this.#photo = photo;
    this.#token = "";
    const { canvas, photo: area, choose } = this.#parts;
    choose.textContent = this.text("another");
    this.#frame(null);
    this.#mark([]);
    return this.#run("looking", async (signal) => {
      const picture = await createImageBitmap(photo).catch(() => null);
      if (signal.aborted) return;
      area.hidden = !picture;
      if (picture) draw(canvas, picture);
      const found = await this.#post("detect", { image: photo }, signal);
      if (!picture) await this.#drawAsServed(found.image_token, signal);
      this.#token = found.image_token;
      this.#mark(found.objects);
      await this.#find({}, signal);
    });
  }

  // Browsers cannot show every photo that the server can read.
  async #drawAsServed(token, signal) {
    const picture = make("img", { src: this.address(`photos/${token}`) });
    await picture.decode().catch(() => null);
    if (signal.aborted || !picture.naturalWidth) return;
    this.#parts.photo.hidden = false;
    draw(this.#parts.canvas, picture);
  }

  #choose(item) {
    this.#frame(item.box);
    return this.#run("searching", (signal) => this.#find({ box: item.box.join(",") }, signal));
  }

  // One search at a time: the next one ends the one before.
  async #run(what, steps) {
    this.#searching?.abort();
    const { signal } = (this.#searching = new AbortController());
    this.#say(this.text(what));
    this.#parts.shell.toggleAttribute("data-busy", true);
    try {
      await steps(signal);
    } catch (error) {
      if (signal.aborted) return;
      this.#parts.results.replaceChildren();
      this.#say(this.getAttribute("text-error") ?? this.said(error), true);
      this.emitError(error);
    }
    if (!signal.aborted) this.#parts.shell.removeAttribute("data-busy");
  }

  async #find(choice, signal) {
    const fields = { ...choice, limit: this.getAttribute("limit") ?? "" };
    const answer = await this.#post("search", { image_token: this.#token, ...fields }, signal).catch((error) => {
      if (error.code !== "image_token_gone") throw error;
      return this.#post("search", { image: this.#photo, ...fields }, signal);
    });
    this.#token = answer.image_token;
    if (answer.objects.length) this.#mark(answer.objects);
    this.#frame(answer.searched_box);
    this.#show(answer);
  }

  #post(what, fields, signal) {
    const body = new FormData();
    for (const [name, value] of Object.entries(fields)) if (value) body.append(name, value);
    return ask(this.address(`api/v1/${what}`), { method: "POST", body, signal });
  }

  #show({ results, no_confident_match, searched_box }) {
    const count = this.text("found", { count: results.length });
    const unsure = no_confident_match ? this.text("unsure") : "";
    this.#say(results.length ? `${unsure} ${count}`.trim() : this.text("none"));
    this.#parts.results.replaceChildren(this.products(results));
    this.record("search");
    this.emit("search", { products: results.map((hit) => hit.product), box: searched_box });
  }

  #say(words, isProblem = false) {
    this.#parts.status.textContent = words;
    this.#parts.status.toggleAttribute("data-problem", isProblem);
  }

  // The items as buttons over the photo, in one list; the whole picture is the last.
  #mark(items) {
    const { marks } = this.#parts;
    if (same(items, this.#items)) return;
    this.#items = items;
    const { width, height } = marks.getBoundingClientRect();
    const spots = spread(items.map((item) => centre(item.box)), width || 1, height || 1);
    const names = items.map((item) => (item.confidence ? this.nameOf(item.label) : this.text("whole")));
    marks.replaceChildren(...items.map((item, index) => this.#button(item, names[index], spots[index])));
  }

  #button(item, name, spot) {
    const isWhole = !item.confidence;
    const label = isWhole ? name : this.text("item", { item: name });
    const attributes = { part: "mark", class: isWhole ? "whole" : "mark", type: "button", "aria-pressed": "false", onclick: () => this.#choose(item) };
    if (!isWhole) Object.assign(attributes, { "aria-label": label, title: name });
    const entry = make("li", {}, make("button", attributes, isWhole ? name : ""));
    if (!isWhole) place(entry, { left: spot.x, top: spot.y });
    return entry;
  }

  #frame(box) {
    const { frame, marks } = this.#parts;
    frame.hidden = !box;
    if (box) place(frame, { left: box[0], top: box[1], width: box[2] - box[0], height: box[3] - box[1] });
    this.#items.forEach((item, index) => {
      marks.children[index].firstChild.setAttribute("aria-pressed", String(same(item.box, box)));
    });
  }
}

function isOfUse(dialog) {
  return dialog.checkVisibility() && ![...upwards(dialog)].some((node) => node.inert);
}

// A node and all that it is shown in, by way of slots and out of components.
function* upwards(node) {
  for (; node; node = node.assignedSlot ?? node.parentNode ?? node.host) yield node;
}

function same(one, other) {
  return JSON.stringify(one) === JSON.stringify(other);
}

function centre([left, top, right, bottom]) {
  return { x: (left + right) / 2, y: (top + bottom) / 2 };
}

// Through the object model, which content policies allow: shares of the photo as per cent.
function place(element, sides) {
  for (const [side, share] of Object.entries(sides)) element.style[side] = `${100 * share}%`;
}

// No button may cover another: one that would moves down, and to the next column at the bottom.
function spread(points, width, height) {
  const placed = [];
  for (const { x, y } of points) {
    const spot = { x: x * width, y: y * height };
    const isTaken = () => placed.some((other) => Math.hypot(other.x - spot.x, other.y - spot.y) < APART);
    for (let tries = 0; tries < 50 && isTaken(); tries += 1) {
      spot.y += APART / 2;
      if (spot.y < height - APART / 2) continue;
      spot.y = APART / 2;
      spot.x = (spot.x + APART) % width;
    }
    placed.push(spot);
  }
  return placed.map((spot) => ({ x: spot.x / width, y: spot.y / height }));
}

function draw(canvas, picture) {
  const width = picture.naturalWidth ?? picture.width;
  const height = picture.naturalHeight ?? picture.height;
  const scale = Math.min(1, SIDE / Math.max(width, height));
  canvas.width = Math.max(1, width * scale);
  canvas.height = Math.max(1, height * scale);
  canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
  picture.close?.();
}

function icon(paths) {
  const [svg, ...lines] = ["svg", ...paths].map((_, index) =>
    document.createElementNS("http://www.w3.org/2000/svg", index ? "path" : "svg"),
  );
  lines.forEach((line, index) => line.setAttribute("d", paths[index]));
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  svg.append(...lines);
  return svg;
}

const STYLES = sheet(`
:host { display: inline-block; }
:host([inline]:not([hidden])) { display: block; }
[hidden] { display: none !important; }
svg { width: 24px; height: 24px; fill: none; stroke: currentColor; stroke-width: 1.7; stroke-linejoin: round; stroke-linecap: round; }
.camera, .round {
  display: inline-flex;
  align-items: center;
  justify-content: center;
  gap: 0.5em;
  min-width: 48px;
  min-height: 48px;
  padding: 0 12px;
  border: 0;
  border-radius: 999px;
  background: none;
  white-space: nowrap;
}
.camera:hover, .round:hover { background: color-mix(in srgb, currentColor 10%, transparent); }
dialog {
  width: min(64em, 100vw - 2em);
  max-width: none;
  max-height: calc(100dvh - 2em);
  padding: 0;
  border: 0;
  border-radius: calc(var(--radius) * 1.5);
  overscroll-behavior: contain;
  box-shadow: 0 1em 4em rgb(0 0 0 / 0.35);
  /* It is a page of its own: what a shop's header says of its one line is not for it. */
  font-size: medium;
  font-style: normal;
  font-weight: normal;
  line-height: 1.4;
  letter-spacing: normal;
  text-align: start;
  text-indent: 0;
  text-shadow: none;
  text-transform: none;
  white-space: normal;
  word-spacing: normal;
  pointer-events: auto;
}
dialog, :host([inline]) section { background: var(--vs-surface, Canvas); color: var(--vs-ink, CanvasText); }
dialog::backdrop { background: rgb(0 0 0 / 0.5); }
.panel { --edge: clamp(1em, 3vw, 1.75em); min-height: 100%; padding: 0 var(--edge) var(--edge); }
.head {
  position: sticky;
  top: 0;
  z-index: 1;
  display: flex;
  align-items: center;
  justify-content: space-between;
  gap: 1em;
  padding: 0.75em 0;
  background: var(--vs-surface, Canvas);
}
.head h2 { margin: 0; }
:host([inline]) .panel { padding: 0; }
:host([inline]) .head { position: static; padding-top: 0; }
:host([inline]) .head:has(:empty) { display: none; }
.body { display: grid; gap: var(--gap) 2em; align-items: start; }
.asked { display: grid; gap: 0.75em; justify-items: center; min-width: 0; }
.drop {
  display: flex;
  flex-wrap: wrap;
  gap: 0.75em;
  align-items: center;
  justify-content: center;
  width: 100%;
  padding: 1.5em 1em;
  border: 2px dashed var(--line);
  border-radius: var(--radius);
}
.drop p { width: 100%; margin: 0; text-align: center; }
[data-over] .drop { border-color: var(--accent); background: color-mix(in srgb, var(--accent) 10%, transparent); }
.photo:not([hidden]) + .drop { gap: 0.5em; padding: 0; border-color: transparent; }
.pill {
  min-height: 44px;
  padding: 0.5em 1.1em;
  border: 1px solid var(--accent);
  border-radius: 999px;
  background: var(--accent);
  color: var(--accent-ink);
  font-weight: 600;
}
.pill.quiet { background: none; color: inherit; }
.photo { position: relative; max-width: 100%; line-height: 0; overflow: hidden; border-radius: var(--radius); }
canvas { max-width: 100%; max-height: 38vh; }
.marks { position: absolute; inset: 0; margin: 0; padding: 0; list-style: none; line-height: 1.2; }
.marks li { position: absolute; }
.marks li:has(.whole) { right: 8px; bottom: 8px; }
.mark {
  width: 34px;
  height: 34px;
  padding: 0;
  transform: translate(-50%, -50%);
  border: 9px solid transparent;
  border-radius: 50%;
  background: #fff padding-box;
  filter: drop-shadow(0 0 3px rgb(0 0 0 / 0.8));
}
.mark:hover, .mark[aria-pressed="true"] { border-width: 6px; background-color: #ffd37a; }
.whole { min-height: 28px; padding: 0.2em 0.75em; border: 0; border-radius: 999px; background: rgb(0 0 0 / 0.75); color: #fff; font-size: 0.85em; }
.whole:hover, .whole[aria-pressed="true"] { background: #ffd37a; color: #1d2322; }
.photo :focus-visible { outline: 3px solid #fff; outline-offset: -3px; box-shadow: 0 0 0 3px #000; }
.frame { position: absolute; border: 3px solid #ffd37a; border-radius: 6px; box-shadow: 0 0 0 100vmax rgb(0 0 0 / 0.28); pointer-events: none; }
.status { min-height: 1.5em; margin: 0 0 0.75em; }
.status[data-problem] { color: var(--vs-alert, light-dark(#a3321f, #ff9d8a)); font-weight: 600; }
[data-busy] .results { opacity: 0.5; }
[data-busy] .photo::after {
  content: "";
  position: absolute;
  inset: 0;
  pointer-events: none;
  background: linear-gradient(transparent 40%, rgb(255 255 255 / 0.55) 50%, transparent 60%) 0 0 / 100% 250%;
  animation: scan 1.2s linear infinite;
}
@keyframes scan { from { background-position: 0 100%; } to { background-position: 0 0; } }
@media (prefers-reduced-motion: reduce) { [data-busy] .photo::after { animation: none; } }
@media not (pointer: coarse) { .finger { display: none; } }
@media (pointer: coarse) { .mouse { display: none; } }
@media (min-width: 48rem) { .body:has(.photo:not([hidden])) { grid-template-columns: minmax(14em, 20em) 1fr; } }
@media (max-width: 40rem) {
  dialog { width: 100vw; max-height: 100dvh; height: 100dvh; margin: 0; border-radius: 0; }
}
`);

customElements.define("visual-search", VisualSearch);
