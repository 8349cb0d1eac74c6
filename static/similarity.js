// The similarity slider: results follow while it moves. Without this file a button applies it.

import { answer, go, lastQuery, similarity } from "./answer.js";

const PAUSE_MS = 150;
const { form } = similarity;
let waiting = null;

similarity.addEventListener("input", () => {
  tell();
  clearTimeout(waiting);
  waiting = setTimeout(refine, PAUSE_MS);
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
  similarity.value = new URLSearchParams(location.search).get("threshold") ?? 0;
  tell();
});

// It may have been moved before this file was there.
if (similarity.value !== similarity.defaultValue) {
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
