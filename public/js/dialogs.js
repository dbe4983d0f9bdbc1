// data-opens="#id" opens a <dialog>; data-closes closes the one around it. A form with data-confirm asks first, and
// sends `confirmed` along. A dialog that htmx put into the page with data-open-now opens by itself.
(() => {
  const openNow = (root) => {
    for (const dialog of root.querySelectorAll("dialog[data-open-now]:not([open])")) dialog.showModal();
  };
  document.addEventListener("click", (event) => {
    const opener = event.target.closest("[data-opens]");
    if (opener) {
      event.preventDefault();
      document.querySelector(opener.dataset.opens)?.showModal();
    }
    const closer = event.target.closest("[data-closes]");
    if (closer?.closest("dialog")) {
      // Without script such a link leads back to the page.
      if (closer.matches("a")) event.preventDefault();
      closer.closest("dialog").close();
    }
    const menu = event.target.closest("[data-menu]");
    for (const open of document.querySelectorAll("[data-menu][open]")) if (open !== menu) open.open = false;
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    for (const open of document.querySelectorAll("[data-menu][open]")) {
      open.open = false;
      open.querySelector("summary").focus();
    }
  });
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!form.dataset.confirm || form.elements.confirmed) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    const dialog = document.createElement("dialog");
    dialog.className = "confirm";
    dialog.setAttribute("aria-labelledby", "confirm-title");
    dialog.setAttribute("aria-describedby", "confirm-text");
    const title = Object.assign(document.createElement("h2"), { id: "confirm-title", textContent: form.dataset.confirm });
    const text = Object.assign(document.createElement("p"), { id: "confirm-text", textContent: form.dataset.confirmText });
    const actions = Object.assign(document.createElement("div"), { className: "dialog-actions" });
    const no = Object.assign(document.createElement("button"), { type: "button", className: "button button-quiet", textContent: "Cancel" });
    const yes = Object.assign(document.createElement("button"), { type: "button", className: "button button-danger-solid", textContent: form.dataset.confirmLabel });
    actions.append(no, yes);
    dialog.append(title, text, actions);
    document.body.append(dialog);
    dialog.addEventListener("close", () => dialog.remove());
    no.addEventListener("click", () => dialog.close());
    yes.addEventListener("click", () => {
      dialog.close();
      const answer = Object.assign(document.createElement("input"), { type: "hidden", name: "confirmed", value: "1" });
      form.append(answer);
      form.requestSubmit(event.submitter ?? undefined);
      answer.remove();
    });
    dialog.showModal();
    no.focus();
  }, true);
  openNow(document);
  document.addEventListener("htmx:load", (event) => openNow(event.target.parentElement ?? document));
})();
