// Filters close as menus do: with Escape, and with a click elsewhere.

const open = () => document.querySelector(".filter[open]");

document.addEventListener("keydown", ({ key }) => {
  const filter = key === "Escape" && open();
  if (!filter) return;
  filter.open = false;
  filter.querySelector("summary").focus();
});
document.addEventListener("click", ({ target }) => {
  const filter = open();
  if (filter && !filter.contains(target)) filter.open = false;
});
