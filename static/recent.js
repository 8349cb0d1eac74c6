// Recent searches, on this device alone: a small picture or the words, and the address.
// The page that shows results adds to them, the first page shows them. No module: there it runs as
// soon as its place on the page is read, so that nothing moves.
"use strict";

{
  const KEY = "visual-search:recent";
  const MOST = 8;
  const SIDE = 96;

  const result = document.querySelector("[data-remember]");
  const section = document.querySelector("[data-recent]");

  if (result) remember(result);
  if (section) {
    show();
    section.querySelector("[data-clear]").addEventListener("click", () => {
      write([]);
      show();
      document.querySelector("[data-upload] input").focus();
    });
  }

  async function remember({ dataset }) {
    const words = dataset.words ?? "";
    const until = dataset.seconds ? Date.now() + 1000 * dataset.seconds : null;
    const picture = words ? "" : await thumbnail();
    if (!words && !picture) return;
    const search = { query: dataset.remember, title: words || dataset.title, picture, until };
    write([search, ...read().filter((other) => other.query !== search.query)].slice(0, MOST));
  }

  // The photo of the page, cut to a square.
  async function thumbnail() {
    const photo = document.querySelector("[data-photo] img");
    try {
      await photo.decode();
      const { naturalWidth: width, naturalHeight: height } = photo;
      const side = Math.min(width, height);
      const canvas = Object.assign(document.createElement("canvas"), { width: SIDE, height: SIDE });
      canvas.getContext("2d").drawImage(photo, (width - side) / 2, (height - side) / 2, side, side, 0, 0, SIDE, SIDE);
      return canvas.toDataURL("image/jpeg", 0.7);
    } catch {
      return ""; // the search is not remembered
    }
  }

  function show() {
    const list = section.querySelector("ul");
    const searches = read();
    list.replaceChildren(...searches.map(row));
    section.hidden = !searches.length;
  }

  function row(search) {
    const item = section.querySelector("template").content.cloneNode(true).firstElementChild;
    const link = item.querySelector("a");
    const picture = item.querySelector("img");
    link.href = `${section.dataset.address}?${search.query}`;
    item.querySelector("bdi").textContent = search.title;
    picture.hidden = !search.picture;
    if (search.picture) picture.src = search.picture;
    return item;
  }

  // A photo is kept by the server for a while; its search goes with it.
  function read() {
    try {
      const searches = JSON.parse(localStorage.getItem(KEY)) ?? [];
      return searches.filter(({ until, query }) => (!until || until > Date.now()) && query);
    } catch {
      return []; // none can be kept here, or something else was
    }
  }

  function write(searches) {
    try {
      if (searches.length) localStorage.setItem(KEY, JSON.stringify(searches));
      else localStorage.removeItem(KEY);
    } catch {
      // no room, or not allowed: nothing is remembered
    }
  }
}
