// Makes the upload form quicker to use: choose, drop or paste a photo and it is searched at once.
// Without this file the form works as a plain form.

for (const form of document.querySelectorAll("[data-upload]")) enliven(form);

function enliven(form) {
  const input = form.querySelector("input[type=file]");
  const area = input.closest("label");
  form.dataset.live = "";
  form.querySelector("[data-hint]").textContent = "or drop or paste one; the search starts at once";

  input.addEventListener("change", () => {
    if (input.files.length) form.requestSubmit();
  });
  form.addEventListener("submit", () => tell(form, "Looking for the items in your photo …"));
  // Coming back by the Back button shows the page as it was left.
  window.addEventListener("pageshow", () => tell(form, ""));

  area.addEventListener("dragover", (event) => {
    event.preventDefault();
    area.dataset.over = "";
  });
  area.addEventListener("dragleave", () => delete area.dataset.over);
  area.addEventListener("drop", (event) => {
    event.preventDefault();
    delete area.dataset.over;
    send(form, input, event.dataTransfer.files);
  });
  document.addEventListener("paste", (event) => {
    if (event.clipboardData?.files.length) send(form, input, event.clipboardData.files);
  });
}

export function send(form, input, files) {
  if (!files.length) return tell(form, "That was not a picture file.");
  const one = new DataTransfer();
  one.items.add(files[0]);
  input.files = one.files;
  form.requestSubmit();
}

function tell(form, text) {
  form.querySelector("[data-status]").textContent = text;
}
