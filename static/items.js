// Another search in place: tap an item, draw a box, drag its corners, press a chip, add words.
// Everything goes through the page's own addresses, so links, Back and reload work as ever;
// without this file the same forms and links load whole pages.

import { answer, go, load } from "./answer.js";

const photo = answer.querySelector("[data-photo]");
const drawButton = answer.querySelector("[data-draw]");
const FEW_PIXELS = 6;

answer.addEventListener("submit", (event) => {
  const form = event.target.closest("[data-go]");
  if (!form) return;
  event.preventDefault();
  choose(new URLSearchParams(new FormData(form, event.submitter)), event.submitter);
});
answer.addEventListener("click", (event) => {
  const link = event.target.closest(".mark, a[data-go]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  choose(new URL(link.href.baseVal ?? link.href, location.href).searchParams, link);
});
if (photo) {
  addHandles();
  answer.addEventListener("answered", addHandles);
  enableDrawing();
}

async function choose(query, pressed) {
  await go(query);
  // The pressed button was replaced by its successor: keep the keyboard where it was.
  const { then } = (pressed?.closest("[data-go]") ?? answer).dataset;
  if (then) (answer.querySelector(`[data-key=${then}]`) ?? answer.querySelector("[data-key]"))?.focus();
  else if (pressed?.name === "nudge") answer.querySelector(`[name=nudge][value=${pressed.value}]`)?.focus();
  else if (pressed?.closest(".items")) answer.querySelector("[aria-current]")?.focus();
  else if (pressed?.closest(".area")) answer.querySelector(".area [type=submit]").focus();
  else if (pressed?.closest(".refine")) answer.querySelector(".refine [data-key]")?.focus();
  // It has none: on with the answer that it led to.
  if (document.activeElement === document.body) answer.querySelector("h1").focus({ preventScroll: true });
}

// Drawing. A mouse draws at once; a finger scrolls the page until "Draw on the photo" is pressed.

function enableDrawing() {
  drawButton.hidden = false;
  drawButton.addEventListener("click", () => setDrawing(drawButton.getAttribute("aria-pressed") !== "true"));
  photo.addEventListener("dragstart", (event) => event.preventDefault());
  photo.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    const corner = event.target.dataset?.corner;
    const drawing = drawButton.getAttribute("aria-pressed") === "true";
    if (!corner && !drawing && event.pointerType !== "mouse") return;
    drag(event, corner ? opposite(corner) : pointOf(event));
  });
}

function drag(start, anchor) {
  let box = null;
  const move = (event) => {
    const far = Math.hypot(event.clientX - start.clientX, event.clientY - start.clientY);
    if (!box && far < FEW_PIXELS) return;
    event.preventDefault();
    box = between(anchor, pointOf(event));
    show(box);
  };
  const end = () => {
    window.removeEventListener("pointermove", move);
    window.removeEventListener("pointerup", end);
    window.removeEventListener("pointercancel", end);
    if (!box) return;
    window.addEventListener("click", swallow, { capture: true, once: true });
    setTimeout(() => window.removeEventListener("click", swallow, { capture: true }));
    setDrawing(false);
    if (box.right - box.left >= 2 && box.bottom - box.top >= 2) go(withSource(box));
    else load(location.href);
  };
  window.addEventListener("pointermove", move, { passive: false });
  window.addEventListener("pointerup", end);
  window.addEventListener("pointercancel", end);
}

// The click that ends a drag is no tap on the item beneath.
function swallow(event) {
  event.preventDefault();
  event.stopPropagation();
}

function setDrawing(on) {
  drawButton.setAttribute("aria-pressed", on);
  photo.toggleAttribute("data-drawing", on);
}

function withSource(box) {
  const query = new URLSearchParams(location.search);
  for (const name of ["item", "box", "left", "top", "right", "bottom"]) query.delete(name);
  for (const [side, value] of Object.entries(box)) query.set(side, value.toFixed(1));
  return query;
}

// Places in per cent of the photo, as in the form and in the address.

function pointOf(event) {
  const edge = photo.querySelector("svg").getBoundingClientRect();
  const share = (value) => Math.min(100, Math.max(0, 100 * value));
  return { x: share((event.clientX - edge.left) / edge.width), y: share((event.clientY - edge.top) / edge.height) };
}

function between(a, b) {
  return {
    left: Math.min(a.x, b.x),
    top: Math.min(a.y, b.y),
    right: Math.max(a.x, b.x),
    bottom: Math.max(a.y, b.y),
  };
}

function current() {
  const side = (name) => Number(answer.querySelector(`[data-part=area] [name=${name}]`).value);
  return { left: side("left"), top: side("top"), right: side("right"), bottom: side("bottom") };
}

function opposite(corner) {
  const box = current();
  return { x: corner.includes("left") ? box.right : box.left, y: corner.includes("top") ? box.bottom : box.top };
}

function show(box) {
  const { width, height } = photo.querySelector("svg").viewBox.baseVal;
  const rect = photo.querySelector(".selection");
  rect.setAttribute("x", (box.left * width) / 100);
  rect.setAttribute("y", (box.top * height) / 100);
  rect.setAttribute("width", ((box.right - box.left) * width) / 100);
  rect.setAttribute("height", ((box.bottom - box.top) * height) / 100);
  for (const handle of photo.querySelectorAll("[data-corner]")) place(handle, box, width, height);
}

function addHandles() {
  const svg = photo.querySelector("svg");
  const { width, height } = svg.viewBox.baseVal;
  for (const corner of ["top left", "top right", "bottom left", "bottom right"]) {
    const handle = document.createElementNS("http://www.w3.org/2000/svg", "circle");
    handle.dataset.corner = corner;
    handle.setAttribute("class", "handle");
    handle.setAttribute("r", Math.min(width / 34, height / 4));
    // The finger is the corner's, not the page's: browsers heed no touch-action within an SVG.
    handle.addEventListener("touchstart", (event) => event.preventDefault(), { passive: false });
    place(handle, current(), width, height);
    svg.querySelector("[data-selection]").append(handle);
  }
}

function place(handle, box, width, height) {
  const [vertical, horizontal] = handle.dataset.corner.split(" ");
  handle.setAttribute("cx", (box[horizontal] * width) / 100);
  handle.setAttribute("cy", (box[vertical] * height) / 100);
}
