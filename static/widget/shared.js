// What both widgets share: where the server is, how it is asked, how a product looks.
// All words are the server's, in the browser's language at first: server/pages/widget.py names them.
// Strict content policies are met: no inline style, no eval, no markup made of data.

import BROWSERS from "./texts.js";

const HOME = new URL("..", import.meta.url).href;
const PATIENCE_MS = 60_000;
const spoken = new Map(); // by language: the promise of its texts

export class Widget extends HTMLElement {
  #said = BROWSERS;

  constructor(...styles) {
    super();
    this.attachShadow({ mode: "open" }).adoptedStyleSheets = [SHARED, ...styles];
  }

  // An address of the server. Lists become repeated parameters, what is empty is left out.
  address(path, query = {}) {
    const home = new URL((this.getAttribute("endpoint") || HOME).replace(/\/?$/, "/"), document.baseURI);
    const url = new URL(path, home);
    for (const [name, values] of Object.entries({ ...query, key: this.getAttribute("public-key") })) {
      for (const value of [values].flat()) if (value) url.searchParams.append(name, value);
    }
    return url.href;
  }

  // A word or sentence of the widget; the attribute `text-NAME` says it in the shop's own words.
  text(name, values = {}) {
    const text = this.getAttribute(`text-${name}`) ?? this.#said.texts[name] ?? "";
    return text.replace(/\{(\w+)\}/g, (whole, key) => values[key] ?? whole);
  }

  // The name of what was found in a photo.
  nameOf(label) {
    return this.#said.items[label] ?? label;
  }

  // That of the attribute, else of the page; empty where neither says one, and the browser's counts.
  // Private: frameworks such as React set what an element has as a property, and not as an attribute.
  get #language() {
    return (this.getAttribute("language") || around(this, "[lang]")?.lang || "").replaceAll("_", "-");
  }

  // From now on `text` is in the widget's language. True where it was in another before.
  async speak() {
    const before = this.#said;
    this.#said = await textsIn(this.#language);
    return this.#said !== before;
  }

  // For an element around all words: the language that they are in, where the page does not say it.
  get written() {
    const isPages = !this.hasAttribute("language") && around(this, "[lang]");
    return isPages ? {} : { lang: this.#said.language, dir: this.#said.direction };
  }

  // False where a listener prevented what would come next.
  emit(name, detail = {}) {
    const options = { bubbles: true, composed: true, cancelable: true, detail };
    return this.dispatchEvent(new CustomEvent(`${this.localName}:${name}`, options));
  }

  // What a shopper is told: the reason where it may be theirs; of all else, that it does not work.
  said(error) {
    if (!(error instanceof Refusal && error.message)) return this.text("unreachable");
    return this.text(`error-${error.code}`) || this.text("error-unavailable");
  }

  // What the page is told: all of it. Where only who builds it can mend it, the console says it, too.
  emitError(error) {
    const isRefusal = error instanceof Refusal;
    const code = isRefusal ? error.code : "unreachable";
    if (isRefusal && !this.text(`error-${code}`)) console.warn(`<${this.localName}> ${code}: ${error.message}`);
    this.emit("error", { code, message: error.message });
  }

  // Tell the server, for the shop's own statistics.
  record(type, facts = {}) {
    if (this.hasAttribute("no-events")) return;
    const event = { type, widget: this.localName, ...facts };
    navigator.sendBeacon?.(this.address("api/v1/events"), JSON.stringify(event));
  }

  products(hits, source) {
    const list = make("ol", { part: "list", class: "products", role: "list" });
    list.append(...hits.map((hit, index) => this.#card(hit, index + 1, source)));
    return list;
  }

  #card({ product, image_url }, position, source) {
    const title = product.title || product.id;
    const href = this.#link(product);
    const lines = [
      make("span", { part: "title", class: "title", id: `title-${position}` }, make("bdi", {}, title)),
      make("span", { part: "price", class: "price", id: `price-${position}` }, price(product, this.#language || undefined)),
      make("span", { part: "stock", class: "soft", id: `stock-${position}` }, this.text(product.availability.replaceAll("_", "-"))),
    ].filter((line) => line.textContent);
    const picture = {
      part: "image",
      src: new URL(image_url, this.address("")).href,
      alt: title,
      width: 300,
      height: 300,
      loading: "lazy",
      decoding: "async",
    };
    const attributes = {
      part: "link",
      class: "product",
      "aria-labelledby": lines.map((line) => line.id).join(" "),
      onclick: (event) => {
        this.record("click", { product_id: product.id, source_id: source, position });
        if (!this.emit("click", { productId: product.id, position, product })) event.preventDefault();
      },
    };
    if (href) Object.assign(attributes, { href, target: this.getAttribute("target") ?? "" });
    const card = make(href ? "a" : "button", attributes, make("img", picture), ...lines);
    return make("li", { part: "item" }, card);
  }

  // The shop's own address by the attribute `link`, as in link="/p/{id}", else the catalogue's.
  #link(product) {
    const own = this.getAttribute("link")?.replaceAll("{id}", encodeURIComponent(product.id));
    const address = own || product.url;
    if (!address || !URL.canParse(address, document.baseURI)) return "";
    const url = new URL(address, document.baseURI);
    return /^https?:$/.test(url.protocol) ? url.href : "";
  }
}

// An answer of the server that says no: in its words, if it gave any, and with its `code`.
export class Refusal extends Error {
  constructor(status, problem) {
    super(problem?.detail ?? "");
    this.code = problem?.code ?? `http_${status}`;
  }
}

// The answer as an object. Throws a Refusal, or another error where there was no answer.
export async function ask(address, { signal, ...options } = {}) {
  const signals = [AbortSignal.timeout(PATIENCE_MS), ...(signal ? [signal] : [])];
  const response = await fetch(address, { credentials: "omit", signal: AbortSignal.any(signals), ...options });
  const answer = await response.json().catch(() => null);
  if (response.ok && answer) return answer;
  throw new Refusal(response.status, answer);
}

export function make(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (typeof value === "function") element.addEventListener(key.slice(2), value);
    else if (value === true || value === false) element.toggleAttribute(key, value);
    else element.setAttribute(key, value);
  }
  element.append(...children);
  return element;
}

export function sheet(text) {
  const styles = new CSSStyleSheet();
  styles.replaceSync(text);
  return styles;
}

// The nearest element around that matches; a component of the shop's is no border.
function around(element, selector) {
  return element && (element.closest(selector) ?? around(element.getRootNode().host, selector));
}

function textsIn(tag) {
  if (!tag || [tag, tag.split("-")[0]].includes(BROWSERS.language)) return BROWSERS;
  if (!spoken.has(tag)) {
    const texts = import(`./texts.js?lang=${encodeURIComponent(tag)}`);
    spoken.set(tag, texts.then((module) => module.default, () => BROWSERS));
  }
  return spoken.get(tag);
}

function price({ price, currency }, lang) {
  if (price == null) return "";
  const options = currency ? { style: "currency", currency } : { minimumFractionDigits: 2 };
  try {
    return new Intl.NumberFormat(lang, options).format(price);
  } catch {
    return `${price} ${currency}`; // no language or currency that browsers know
  }
}

// Sizes follow the text around: what a rem is, the shop's theme says, and for many it is ten pixels.
const SHARED = sheet(`
:host {
  --accent: var(--vs-accent, light-dark(#1f5f5b, #7fd1c7));
  --accent-ink: var(--vs-accent-ink, light-dark(#fff, #10201e));
  --line: var(--vs-line, color-mix(in srgb, currentColor 22%, transparent));
  --radius: var(--vs-radius, 12px);
  --gap: var(--vs-gap, 16px);
  display: block;
  font-family: var(--vs-font, inherit);
}
:host([hidden]) { display: none; }
*, *::before, *::after { box-sizing: border-box; }
h2 { margin: 0 0 var(--gap); font-size: var(--vs-heading-size, 1.25em); line-height: 1.3; }
h2:empty { display: none; }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
button { font: inherit; color: inherit; cursor: pointer; }
.products {
  display: grid;
  grid-template-columns: repeat(auto-fill, minmax(min(var(--vs-card, 10em), 42vw), 1fr));
  gap: var(--gap);
  margin: 0;
  padding: 0;
  list-style: none;
}
.product {
  display: flex;
  flex-direction: column;
  gap: 0.15em;
  width: 100%;
  height: 100%;
  padding: 0;
  border: 0;
  border-radius: var(--radius);
  background: none;
  color: inherit;
  text-align: start;
  text-decoration: none;
}
.product img {
  width: 100%;
  height: auto;
  aspect-ratio: 1;
  margin-bottom: 0.35em;
  border: 1px solid var(--line);
  border-radius: var(--radius);
  background: var(--vs-picture, #fff);
  object-fit: contain;
}
.title { overflow-wrap: anywhere; line-height: 1.35; }
.product:hover .title { text-decoration: underline; }
.price { font-weight: 650; }
.soft { color: color-mix(in srgb, currentColor 78%, transparent); font-size: 0.9em; }
`);
