// The shopper's photo as it is shown, with its items as buttons to choose from.

import { make } from "./shared.js";

const SIDE = 960; // pixels of the photo as it is shown
const APART = 36; // pixels between the centres of two items' buttons

export class Photo {
  #widget; // whose words it has
  #choose; // what to do with an item that is chosen
  #items = [];
  #canvas;
  #frame = make("div", { class: "frame", hidden: true });
  #marks;

  constructor(widget, choose) {
    this.#widget = widget;
    this.#choose = choose;
    this.#canvas = make("canvas", { part: "photo", role: "img", "aria-label": widget.text("photo") });
    this.#marks = make("ul", { class: "marks", role: "list", "aria-label": widget.text("items") });
    this.element = make("div", { class: "photo", hidden: true }, this.#canvas, this.#frame, this.#marks);
  }

  // Of the next photo nothing is known yet.
  clear() {
    this.frame(null);
    this.mark([]);
  }

  // Show a picture, or none where the browser has none to show.
  show(picture) {
    this.element.hidden = !picture;
    if (picture) draw(this.#canvas, picture);
  }

  // The items as buttons over the photo, in one list; the whole picture is the last.
  mark(items) {
    if (same(items, this.#items)) return;
    this.#items = items;
    const { width, height } = this.#marks.getBoundingClientRect();
    const spots = spread(items.map((item) => centre(item.box)), width || 1, height || 1);
    this.#marks.replaceChildren(...items.map((item, index) => this.#button(item, spots[index])));
  }

  // Which part is searched.
  frame(box) {
    this.#frame.hidden = !box;
    if (box) place(this.#frame, { left: box[0], top: box[1], width: box[2] - box[0], height: box[3] - box[1] });
    this.#items.forEach((item, index) => {
      this.#marks.children[index].firstChild.setAttribute("aria-pressed", String(same(item.box, box)));
    });
  }

  #button(item, spot) {
    const isWhole = !item.confidence;
    const name = isWhole ? this.#widget.text("whole") : this.#widget.nameOf(item.label);
    const attributes = { part: "mark", class: isWhole ? "whole" : "mark", type: "button", "aria-pressed": "false", onclick: () => this.#choose(item) };
    if (!isWhole) Object.assign(attributes, { "aria-label": this.#widget.text("item", { item: name }), title: name });
    const entry = make("li", {}, make("button", attributes, isWhole ? name : ""));
    if (!isWhole) place(entry, { left: spot.x, top: spot.y });
    return entry;
  }
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
