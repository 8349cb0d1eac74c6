// Makes the upload form quicker to use: choose, drop or paste a photo and it is searched at once,
// shown while the server looks at it. Without this file the form works as a plain form.

import { ask, reasonOf, waiting } from "./asking.js";

const main = document.getElementById("main");
let going = null;

for (const form of document.querySelectorAll("[data-upload]")) enliven(form);

function enliven(form) {
  const input = form.querySelector("input[type=file]");
  const area = input.closest("label");

  input.addEventListener("click", () => smallerPart().catch(() => {}), { once: true });
  input.addEventListener("change", () => {
    if (input.files.length) form.requestSubmit();
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    search(form, input.files[0]);
  });

  // A file beside the area would be opened in the shop's place.
  const isMeant = ({ target, dataTransfer }) => area.contains(target) || dataTransfer.types.includes("Files");
  document.addEventListener("dragover", (event) => {
    area.toggleAttribute("data-over", isMeant(event));
    if (isMeant(event)) event.preventDefault();
  });
  document.addEventListener("dragleave", ({ relatedTarget }) => {
    if (!relatedTarget) area.removeAttribute("data-over"); // out of the window
  });
  document.addEventListener("drop", (event) => {
    area.removeAttribute("data-over");
    if (!isMeant(event)) return;
    event.preventDefault();
    send(form, input, event.dataTransfer.files);
  });
  document.addEventListener("paste", (event) => {
    if (event.clipboardData?.files.length) send(form, input, event.clipboardData.files);
  });

  // Chosen before this file was there. On a way back, browsers fill in what was chosen long ago.
  const [visit] = performance.getEntriesByType("navigation");
  if (visit?.type === "navigate" && input.files.length) form.requestSubmit();
}

export function send(form, input, files) {
  if (!files.length) return refuse(form, form.dataset.noFile);
  const one = new DataTransfer();
  one.items.add(files[0]);
  input.files = one.files;
  form.requestSubmit();
}

async function search(form, photo) {
  if (!photo || going) return;
  going = new AbortController();
  refuse(form, "");
  const view = show(photo);
  const sent = await smaller(photo).catch(() => photo);
  const tooLarge = excess(sent, form.dataset);
  if (tooLarge) return back(form, tooLarge);
  const body = new FormData(form);
  body.set(form.querySelector("input[type=file]").name, sent);
  try {
    const response = await ask(form.action, {
      method: "POST",
      body,
      headers: { Accept: "application/json" },
      signal: going.signal,
      tell: (words) => { view.querySelector("[data-line]").textContent = words; },
    });
    if (response.ok) return void location.assign((await response.json()).address);
    back(form, await problemIn(response));
  } catch (error) {
    back(form, reasonOf(error));
  }
}

// The first page does without this part, which comes while the shopper chooses.
function smallerPart() {
  return import("./widget/smaller.js");
}

async function smaller(photo) {
  return photo.type === "image/jpeg" ? (await smallerPart()).smaller(photo) : photo;
}

// Videos may be larger than photos; what a file of no known type is, the server finds out.
function excess({ type, size }, { mostBytes, tooLarge, mostPhotoBytes, photoTooLarge }) {
  const [most, words] = type.startsWith("image/") ? [mostPhotoBytes, photoTooLarge] : [mostBytes, tooLarge];
  return size > Number(most) ? words : "";
}

// The photo at once, and grey cards where its products will be.
function show(photo) {
  const view = waiting.content.cloneNode(true).firstElementChild;
  const picture = view.querySelector("img");
  picture.addEventListener("load", () => { picture.hidden = false; });
  picture.src = URL.createObjectURL(photo);
  view.querySelector("[data-cancel]").addEventListener("click", () => going.abort(new DOMException("", "AbortError")));
  main.hidden = true;
  main.after(view);
  view.querySelector("h1").focus();
  window.scrollTo(0, 0);
  return view;
}

function back(form, problem) {
  const view = document.querySelector("[data-waiting]");
  if (view) URL.revokeObjectURL(view.querySelector("img").src);
  view?.remove();
  main.hidden = false;
  going = null;
  form.querySelector("input[type=file]").value = "";
  refuse(form, problem);
  if (view) form.querySelector("input[type=file]").focus();
}

// Coming back by the Back button shows the page as it was before the search.
window.addEventListener("pageshow", ({ persisted }) => {
  for (const form of persisted ? document.querySelectorAll("[data-upload]") : []) back(form, "");
});

async function problemIn(response) {
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  return page.querySelector(".problem")?.textContent || reasonOf(new Error());
}

// The form may be folded, or far from what is seen.
function refuse(form, words) {
  const problem = form.querySelector("[data-problem]");
  if (words) form.closest("details")?.setAttribute("open", "");
  problem.textContent = words;
  if (!words) return;
  form.querySelector("input[type=file]").focus();
  problem.scrollIntoView({ block: "nearest" });
}

// On a phone, the two buttons at its lower edge.

const thumbs = document.querySelector("[data-thumbs]");
const first = document.querySelector("[data-upload]");
if (first) {
  thumbs.hidden = false;
  thumbs.addEventListener("click", ({ target }) => {
    const wanted = target.closest("[data-thumb]")?.dataset.thumb;
    if (!wanted) return;
    first.closest("details")?.setAttribute("open", "");
    first.querySelector(wanted === "take" ? "[data-take]" : "input[type=file]").click();
  });
}
