// Follows imports without loading the page again. Without this file the pages load themselves, or wait.

const PAUSE_MS = 1000;

for (const form of document.querySelectorAll("[data-sending]")) {
  const status = form.querySelector("[data-status]");
  form.addEventListener("submit", () => { status.textContent = "Sending the archive …"; });
  window.addEventListener("pageshow", () => { status.textContent = ""; });
}
follow();

function follow() {
  if (document.querySelector("[data-live][data-waits]")) setTimeout(look, PAUSE_MS);
}

async function look() {
  const part = document.querySelector("[data-live]");
  try {
    const response = await fetch(part.dataset.live);
    if (response.status >= 500) throw new Error(response.status); // a proxy's page, or the server's own
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    const newer = page.querySelector("[data-live]");
    // Signed out meanwhile, or it is gone: the page itself says so.
    if (!newer) return void location.reload();
    update(part, document.adoptNode(newer));
  } catch { /* the server restarts perhaps; the import goes on after it */ }
  follow();
}

function update(part, newer) {
  // What is read aloud, and the button that may be in focus, stay the same elements while they can.
  if (part.dataset.shape !== newer.dataset.shape) return part.replaceWith(newer);
  const now = part.querySelectorAll("[data-changes]");
  newer.querySelectorAll("[data-changes]").forEach((then, place) => {
    if (then.hasAttribute("value")) now[place].value = then.value;
    else if (now[place].textContent !== then.textContent) now[place].textContent = then.textContent;
  });
}
