// <visual-search>: a camera button that opens a dialog; a photo in, the products like it out.

import { Photo } from "./photo.js";
import { STYLES } from "./search-styles.js";
import { Widget, ask, make } from "./shared.js";
import { smaller } from "./smaller.js";
import { Standing } from "./standing.js";

const CAMERA = ["M4 8h3l1.6-2.4h6.8L17 8h3v11H4z", "M12 9.6a3.4 3.4 0 1 0 0 6.8 3.4 3.4 0 0 0 0-6.8z"];
const CROSS = ["M6 6l12 12M18 6L6 18"];

class VisualSearch extends Widget {
  static observedAttributes = ["heading", "inline", "label", "language"];
  #parts = {};
  #searching = null;
  #photo = null;
  #token = "";
  #speaking = null;
  #standing = new Standing(() => this.close());

  constructor() {
    super(STYLES);
  }

  connectedCallback() {
    this.#furnish();
    this.#speaking = this.speak().then((isOther) => isOther && this.#refurnish());
    document.addEventListener("paste", this.#paste);
  }

  // Nothing is taken from a shopper who looks at products; all else is as the page says now.
  attributeChangedCallback() {
    if (!this.#speaking) return;
    this.#speaking = this.speak().then(() => (this.#photo && this.#isShown) || this.#refurnish());
  }

  disconnectedCallback() {
    this.#searching?.abort();
    this.#standing.end();
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
    this.#photo = null;
    this.#parts = this.#build(isInline);
    const { button, shell } = this.#parts;
    this.shadowRoot.replaceChildren(...(isInline ? [shell] : [button, shell]));
    this.#listen(shell);
  }

  get #isShown() {
    return this.#parts.shell.matches("dialog[open], section");
  }

  // The same in other words, or another form; a photo that was searched is forgotten.
  #refurnish() {
    if (!this.isConnected) return;
    const isOpen = this.#parts.shell.matches("dialog[open]");
    this.#searching?.abort();
    this.#furnish();
    if (isOpen && this.#parts.shell.showModal) this.#showModal();
  }

  #showModal() {
    this.#parts.shell.showModal();
    this.#standing.watch(this.#parts.shell);
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

    const shown = new Photo(this, (item) => this.#choose(item));
    const file = this.#input({});
    const camera = this.#input({ capture: "environment" });
    const choose = make("button", { part: "choose", class: "pill", type: "button", autofocus: !isInline, onclick: () => file.click() }, this.text("choose"));
    const take = make("button", { part: "take", class: "pill quiet finger", type: "button", onclick: () => camera.click() }, this.text("camera"));
    const hint = make("p", { class: "soft mouse" }, this.text("drop"));
    const drop = make("div", { part: "drop", class: "drop" }, choose, take, hint, file, camera);

    const status = make("p", { part: "status", class: "status", role: "status" });
    const results = make("div", { class: "results" });
    const body = make("div", { class: "body" }, make("div", { class: "asked" }, shown.element, drop), make("div", {}, status, results));
    const panel = make("div", { part: "panel", class: "panel" }, head, body);
    const name = words ? { "aria-labelledby": "heading" } : { "aria-label": this.text("open") };
    const shell = make(isInline ? "section" : "dialog", { part: "dialog", ...name, ...this.written }, panel);
    return { button, shell, shown, choose, status, results };
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
    const { shown, choose } = this.#parts;
    choose.textContent = this.text("another");
    shown.clear();
    return this.#run("looking", async (signal) => {
      const sent = await smaller(photo);
      const picture = await createImageBitmap(sent).catch(() => null);
      if (signal.aborted) return;
      this.#photo = sent;
      shown.show(picture);
      const found = await this.#post("detect", { image: sent }, signal);
      if (!picture) await this.#showAsServed(found.image_token, signal);
      this.#token = found.image_token;
      shown.mark(found.objects);
      await this.#find({}, signal);
    });
  }

  // Browsers cannot show every photo that the server can read.
  async #showAsServed(token, signal) {
    const picture = make("img", { src: this.address(`photos/${token}`) });
    await picture.decode().catch(() => null);
    if (!signal.aborted && picture.naturalWidth) this.#parts.shown.show(picture);
  }

  #choose(item) {
    this.#parts.shown.frame(item.box);
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
    if (answer.objects.length) this.#parts.shown.mark(answer.objects);
    this.#parts.shown.frame(answer.searched_box);
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

customElements.define("visual-search", VisualSearch);
