// An answer with data-close-dialog="#place" closes the dialog it came into and puts the focus to that place. Esc in a dialog
// that holds a button with data-on-cancel presses that button instead of only closing.
(() => {
  document.addEventListener("htmx:load", (event) => {
    const mark = event.target.matches?.("[data-close-dialog]") ? event.target : event.target.querySelector?.("[data-close-dialog]");
    const dialog = mark?.closest("dialog");
    if (!dialog) return;
    dialog.close();
    if (document.activeElement === document.body) document.querySelector(mark.dataset.closeDialog)?.focus();
    dialog.remove();
  });
  document.addEventListener("cancel", (event) => {
    const button = event.target.querySelector?.("[data-on-cancel]");
    if (!button) return;
    event.preventDefault();
    button.click();
  }, true);
})();
