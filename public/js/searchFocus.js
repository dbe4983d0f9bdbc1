// A table is swapped whole while somebody types into its search field: the field that comes back keeps focus and caret.
(() => {
  let caret;
  document.addEventListener("htmx:beforeSwap", () => {
    const field = document.activeElement;
    caret = field?.matches?.("[data-table] input[type=search]") ? { id: field.id, at: field.selectionStart, value: field.value } : undefined;
  });
  document.addEventListener("htmx:afterSwap", () => {
    const field = caret && document.getElementById(caret.id);
    if (!field) return;
    field.value = caret.value;
    field.focus();
    field.setSelectionRange(caret.at, caret.at);
    caret = undefined;
  });
})();
