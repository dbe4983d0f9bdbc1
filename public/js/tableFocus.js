// A table is swapped whole when it is sorted, filtered or paged: the heading, box or page link that was used keeps the focus.
// (The search field, whose caret counts too, has searchFocus.js.)
(() => {
  const PARTS = "[data-table] :is(th a, .table-controls input[type=checkbox], .table-pages a)";
  let was;
  const wordOf = (used) =>
    used.matches("th a") ? `th:nth-child(${used.closest("th").cellIndex + 1}) a` : used.matches("input") ? `input[name="${used.name}"]` : `.table-pages a[rel="${used.rel}"]`;
  document.addEventListener("htmx:beforeSwap", () => {
    const used = document.activeElement;
    was = used?.matches?.(PARTS) ? { id: used.closest("[data-table]").id, word: wordOf(used) } : undefined;
  });
  document.addEventListener("htmx:afterSwap", () => {
    const table = was && document.getElementById(was.id);
    // On the last page there is no "Next" any more: then the table itself.
    (table?.querySelector(was.word) ?? table?.querySelector(".table-scroll"))?.focus();
    was = undefined;
  });
})();
