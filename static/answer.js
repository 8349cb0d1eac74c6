// Shows another answer in place: only what an answer changes on the page is replaced.
// The address follows, so links, Back and reload work as ever.

import { ask, reasonOf } from "./asking.js";

export const answer = document.querySelector("[data-answer]");
export const similarity = answer.querySelector("[type=range]");
export const emphases = [...answer.querySelectorAll("[name=emphasis][type=radio]")];
const status = answer.querySelector("[data-status-line]");
let loading = null;
let asked = location.search;
let isStep = false;

// The link that skips to the content is told of here too, and asks for nothing.
window.addEventListener("popstate", () => {
  if (asked !== location.search || answer.hasAttribute("aria-busy")) load(location.href);
});

// What is shown, or on its way.
export function lastQuery() {
  return new URLSearchParams(asked);
}

// A step is one that Back returns from; anything else takes the place of the address before.
export async function go(query, { step = true } = {}) {
  isStep ||= step; // also where a refinement ends the step before it was answered
  query.delete("threshold");
  if (similarity.valueAsNumber) query.set("threshold", similarity.value);
  query.delete("emphasis");
  const emphasis = emphases.find((choice) => choice.checked);
  if (emphasis && emphasis !== emphases[0]) query.set("emphasis", emphasis.value);
  const address = await load(`${location.pathname}?${query}`, { quietly: !step });
  if (!address) return;
  history[isStep ? "pushState" : "replaceState"](null, "", address);
  isStep = false;
}

export async function load(address, { quietly = false } = {}) {
  loading?.abort();
  const { signal } = (loading = new AbortController());
  asked = new URL(address, location.href).search;
  answer.setAttribute("aria-busy", "true");
  answer.toggleAttribute("data-step", !quietly);
  if (!quietly) tell(status.dataset.searching);
  try {
    const response = await ask(address, { signal, tell });
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    if (!page.querySelector("[data-answer]")) return void location.assign(address);
    show(page);
    asked = new URL(response.url).search;
    return response.url;
  } catch (error) {
    if (error.name !== "AbortError") fail(error);
    return null;
  }
}

function show(page) {
  for (const now of answer.querySelectorAll("[data-part]")) {
    const then = page.querySelector(`[data-part=${now.dataset.part}]`);
    now.replaceWith(document.adoptNode(then));
  }
  answer.removeAttribute("aria-busy");
  // The line itself stays: screen readers announce changes within it, not a new one.
  status.replaceChildren(...page.querySelector("[data-status-line]").childNodes);
  answer.dispatchEvent(new Event("answered"));
}

function fail(error) {
  isStep = false;
  asked = location.search;
  answer.removeAttribute("aria-busy");
  tell(reasonOf(error));
}

function tell(words) {
  status.textContent = words;
}
