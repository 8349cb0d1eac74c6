// Suggests names while words are typed. Without this file the box is a plain one.

const PAUSE_MS = 150;

for (const box of document.querySelectorAll("[data-suggest]")) enliven(box);

function enliven(box) {
  let waiting = null;
  let asking = null;
  box.addEventListener("input", () => {
    clearTimeout(waiting);
    asking?.abort();
    asking = new AbortController();
    const { signal } = asking;
    waiting = setTimeout(() => suggest(box, signal), PAUSE_MS);
  });
}

async function suggest(box, signal) {
  const words = box.value.trim();
  if (!words || [...box.list.options].some((option) => option.value === box.value)) return;
  try {
    const address = new URL(box.dataset.suggest, location.href);
    address.searchParams.set("q", words);
    const response = await fetch(address, { signal });
    if (!response.ok) return;
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    box.list.replaceChildren(...page.querySelectorAll("option"));
  } catch (error) {
    if (error.name !== "AbortError") box.list.replaceChildren(); // the box works without
  }
}
