// A page in a frame: tells the page around it its height, and the server what was shown and clicked.

const main = document.querySelector("main");
const list = document.querySelector("[data-similar]");

function tell(type, facts = {}) {
  parent.postMessage({ type: `visual-search:${type}`, ...facts }, "*"); // no secret: any page may know
}

new ResizeObserver(() => tell("height", { height: Math.ceil(main.getBoundingClientRect().height) })).observe(main);

function record(type, facts) {
  const address = new URL("../../api/v1/events", import.meta.url);
  const key = new URLSearchParams(location.search).get("key");
  if (key) address.searchParams.set("key", key);
  navigator.sendBeacon?.(address, JSON.stringify({ type, widget: "embed-similar", ...facts }));
}

if (list) {
  const source_id = list.dataset.source;
  record("render", { source_id });
  list.addEventListener("click", (event) => {
    const card = event.target.closest("[data-product]");
    if (!card) return;
    const facts = { product_id: card.dataset.product, position: Number(card.dataset.position) };
    record("click", { ...facts, source_id });
    tell("click", { productId: facts.product_id, position: facts.position });
  });
}
