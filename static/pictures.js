// A product whose picture is gone was removed since the page was made: its card says so.

document.addEventListener("error", ({ target }) => mark(target), { capture: true });
for (const picture of document.querySelectorAll(".product img")) {
  if (picture.complete && picture.src && !picture.naturalWidth) mark(picture);
}

async function mark(picture) {
  const card = picture.closest?.(".product");
  if (!card) return;
  const { status } = await fetch(picture.currentSrc || picture.src, { method: "HEAD" }).catch(() => ({}));
  if (status === 404) card.dataset.gone = "";
}
