// Keys for lists: j and k walk the rows, o opens one, s goes to "save", / to the search box. Without this script
// everything is reached by links. A row is marked data-row, its main link data-open; the others data-save, data-search.
"use strict";

(() => {
  const typing = (element) => element.closest("input, textarea, select, [contenteditable]") !== null;

  const walk = (step) => {
    const rows = [...document.querySelectorAll("[data-row]")];
    if (rows.length === 0) return;
    const now = rows.findIndex((row) => row.contains(document.activeElement));
    const next = rows[Math.min(Math.max(now + step, 0), rows.length - 1)];
    (next.querySelector("[data-open]") ?? next.querySelector("a, button"))?.focus();
    next.scrollIntoView({ block: "nearest" });
  };

  const keys = {
    j: () => walk(1),
    k: () => walk(-1),
    o: () => document.activeElement.closest("[data-row]")?.querySelector("[data-open]")?.click(),
    s: () => document.querySelector("[data-save]")?.click(),
    "/": () => document.querySelector("[data-search]")?.focus(),
  };

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || typing(event.target)) return;
    const act = Object.hasOwn(keys, event.key) ? keys[event.key] : undefined;
    if (act === undefined) return;
    event.preventDefault();
    act();
  });
})();
