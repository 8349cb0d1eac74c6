// <similar-products product-id="mug-005">: the products that look most like one of the catalogue.

import { Widget, ask, make } from "./shared.js";

const IN_STOCK = "availability:in_stock";
const OUT_OF_STOCK = "out_of_stock";
const NEAR = "400px";

class SimilarProducts extends Widget {
  static observedAttributes = [
    ...["endpoint", "public-key", "product-id", "limit", "threshold", "filter", "fallback"],
    ...["emphasis", "mode", "availability", "heading", "link", "language"],
  ];
  #loading = null;
  #observer = null;
  #isPlanned = false;

  connectedCallback() {
    this.#plan();
  }

  disconnectedCallback() {
    this.#loading?.abort();
    this.#observer?.disconnect();
  }

  attributeChangedCallback() {
    if (this.isConnected) this.#plan();
  }

  get #isReplacement() {
    return this.getAttribute("mode") === "replacement";
  }

  // Several attributes that change together are one change.
  #plan() {
    if (this.#isPlanned) return;
    this.#isPlanned = true;
    queueMicrotask(() => {
      this.#isPlanned = false;
      if (!this.isConnected) return;
      if (this.hasAttribute("lazy")) this.#loadWhenNear();
      else this.#load();
    });
  }

  #loadWhenNear() {
    this.hidden = false; // without a box nothing would ever come near; the box is empty yet
    this.#observer?.disconnect();
    this.#observer = new IntersectionObserver((entries) => {
      if (!entries.some((entry) => entry.isIntersecting)) return;
      this.#observer.disconnect();
      this.#load();
    }, { rootMargin: NEAR });
    this.#observer.observe(this);
  }

  async #load() {
    this.#loading?.abort();
    const { signal } = (this.#loading = new AbortController());
    try {
      const [hits] = await Promise.all([this.#hits(signal), this.speak()]);
      if (!signal.aborted) this.#show(hits);
    } catch (error) {
      if (signal.aborted) return;
      this.#show([]);
      this.emitError(error);
    }
  }

  // Templates leave spaces and lines around it.
  get #productId() {
    return this.getAttribute("product-id")?.trim();
  }

  async #hits(signal) {
    const id = this.#productId;
    if (!id) return [];
    if (this.#isReplacement && !(await this.#isSoldOut(id, signal))) return [];
    return (await ask(this.address("api/v1/similar", { product_id: id, ...this.#query() }), { signal })).results;
  }

  // The page knows best; where it says nothing, the catalogue does.
  async #isSoldOut(id, signal) {
    const said = this.getAttribute("availability");
    if (said) return said === OUT_OF_STOCK;
    return (await ask(this.address("api/v1/product", { product_id: id }), { signal })).product.availability === OUT_OF_STOCK;
  }

  #query() {
    const [limit, threshold, fallback, emphasis] = ["limit", "threshold", "fallback", "emphasis"].map((name) => this.getAttribute(name));
    const text = this.getAttribute("filter") ?? "";
    const filter = text.split(text.includes("|") ? "|" : /\s+/).map((part) => part.trim());
    if (this.#isReplacement) filter.push(IN_STOCK);
    return { limit, threshold, fallback, emphasis, filter };
  }

  #show(hits) {
    this.hidden = !hits.length;
    if (!hits.length) return this.shadowRoot.replaceChildren();
    const source = this.#productId;
    const words = this.getAttribute("heading") ?? this.text(this.#isReplacement ? "replacement" : "heading");
    const heading = make("h2", { part: "heading", id: "heading" }, words);
    const list = this.products(hits, source);
    this.shadowRoot.replaceChildren(make("section", { part: "section", "aria-labelledby": "heading", ...this.written }, heading, list));
    this.record("render", { source_id: source });
    this.emit("render", { products: hits.map((hit) => hit.product) });
  }
}

customElements.define("similar-products", SimilarProducts);
