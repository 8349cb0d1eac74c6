// The similarity slider, and what counts most: results follow. Without this file a button applies both.

import { answer, emphases, go, lastQuery, similarity } from "./answer.js";

const PAUSE_MS = 150;
const { form } = similarity;
let waiting = null;

similarity.addEventListener("input", () => {
  tell();
  clearTimeout(waiting);
  waiting = setTimeout(refine, PAUSE_MS);
});
form.addEventListener("change", (event) => {
  if (emphases.includes(event.target)) refine();
});
form.addEventListener("submit", (event) => {
  event.preventDefault();
  refine();
});
answer.addEventListener("click", (event) => {
  if (!event.target.closest("[data-any-similarity]")) return;
  event.preventDefault();
  similarity.value = 0;
  similarity.focus();
  tell();
  refine();
});
window.addEventListener("popstate", () => {
  clearTimeout(waiting);
  const query = new URLSearchParams(location.search);
  similarity.value = query.get("threshold") ?? 0;
  tell();
  const emphasis = emphases.find((choice) => choice.value === query.get("emphasis")) ?? emphases[0];
  if (emphasis) emphasis.checked = true;
});

// They may have been moved before this file was there.
const isChanged = emphases.some((choice) => choice.checked !== choice.defaultChecked);
if (isChanged || similarity.value !== similarity.defaultValue) {
  tell();
  refine();
}

function refine() {
  clearTimeout(waiting);
  const query = lastQuery();
  query.delete("offset");
  go(query, { step: false });
}

function tell() {
  const words = similarity.valueAsNumber ? form.dataset.least.replace("{value}", similarity.value) : form.dataset.any;
  form.querySelector("output").textContent = words;
  similarity.setAttribute("aria-valuetext", words);
}
