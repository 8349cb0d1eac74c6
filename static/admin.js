// Follows an import without loading the page again. Without this file the page loads itself.

const PAUSE_MS = 700;

for (const form of document.querySelectorAll("[data-sending]")) {
  const status = form.querySelector("[data-status]");
  form.addEventListener("submit", () => { status.textContent = "Sending the archive …"; });
  window.addEventListener("pageshow", () => { status.textContent = ""; });
}
follow();

function follow() {
  if (document.querySelector("[data-import][data-waits]")) setTimeout(look, PAUSE_MS);
}

async function look() {
  const part = document.querySelector("[data-import]");
  try {
    const response = await fetch(part.dataset.import);
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    const newer = page.querySelector("[data-import]");
    // Signed out meanwhile, or the collection is gone: the page itself says so.
    if (!newer) return void location.reload();
    update(part, document.adoptNode(newer));
  } catch { /* the server restarts perhaps; the import goes on after it */ }
  follow();
}

function update(part, newer) {
  // The line that is read aloud, and the button that may be in focus, stay the same elements.
  if (newer.hasAttribute("data-waits") && part.querySelector("progress")) {
    part.querySelector("h2").replaceWith(newer.querySelector("h2"));
    part.querySelector("progress").replaceWith(newer.querySelector("progress"));
    const [now, then] = [part, newer].map((root) => root.querySelector("[role=status]"));
    if (now.textContent !== then.textContent) now.textContent = then.textContent;
  } else {
    part.replaceWith(newer);
  }
}
