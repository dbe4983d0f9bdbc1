// The log: it stays at its end unless the reader has scrolled up; Edit and its Cancel; fields that grow; answers of the server
// that are errors become a toast.
(() => {
  const NEAR = 80;
  const box = () => document.getElementById("chat-scroll");
  let follows = true;

  const toEnd = () => { const scroll = box(); if (scroll) scroll.scrollTop = scroll.scrollHeight; };
  const follow = () => { if (follows) toEnd(); };
  const grow = (field) => {
    field.style.height = "auto";
    field.style.height = `${field.scrollHeight + 2}px`;
  };
  const prepare = () => {
    follows = true;
    for (const field of document.querySelectorAll("[data-grows]")) if (field.offsetParent) grow(field);
    toEnd();
  };
  // Used by the other scripts of this page.
  document.addEventListener("chat:grown", follow);
  document.addEventListener("chat:to-end", () => { follows = true; toEnd(); });

  document.addEventListener("scroll", (event) => {
    const scroll = box();
    if (event.target !== scroll) return;
    follows = scroll.scrollHeight - scroll.scrollTop - scroll.clientHeight < NEAR;
    const button = document.querySelector("[data-to-end]");
    if (button) button.hidden = follows;
  }, true);
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-to-end]")) {
      follows = true;
      toEnd();
      event.target.closest("[data-to-end]").hidden = true;
      document.querySelector("[data-composer-text]")?.focus();
    }
    const cancel = event.target.closest("[data-edit-cancel]");
    if (cancel) closeEdit(cancel.closest("[data-edit]"));
  });
  const closeEdit = (edit) => {
    edit.querySelector("form").reset();
    edit.open = false;
    edit.querySelector("summary").focus();
  };
  document.addEventListener("toggle", (event) => {
    if (!event.target.matches?.("[data-edit]") || !event.target.open) return;
    const field = event.target.querySelector("textarea");
    grow(field);
    field.focus();
    field.setSelectionRange(field.value.length, field.value.length);
  }, true);
  document.addEventListener("input", (event) => {
    if (event.target.matches?.("[data-grows]")) {
      grow(event.target);
      follow();
    }
  });
  document.addEventListener("keydown", (event) => {
    const edit = event.target.closest?.("[data-edit]");
    if (!edit || !event.target.matches("textarea")) return;
    if (event.key === "Escape") { event.stopPropagation(); closeEdit(edit); }
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) { event.preventDefault(); event.target.form.requestSubmit(); }
  });
  document.addEventListener("htmx:beforeSwap", (event) => {
    const { xhr } = event.detail;
    if (xhr.status >= 400 && xhr.responseText.includes('id="chat"')) event.detail.shouldSwap = true;
  });
  // What was done is said on the next page, of which only a part is taken.
  document.addEventListener("htmx:beforeSwap", (event) => {
    const toast = /<p class="toast toast-(\w+)">[^<]*<\/p>/.exec(event.detail.xhr.responseText);
    if (!toast) return;
    const text = new DOMParser().parseFromString(toast[0], "text/html").body.textContent;
    document.body.dispatchEvent(new CustomEvent("toast", { detail: { kind: toast[1], text } }));
  });
  document.addEventListener("htmx:responseError", (event) => {
    const { xhr } = event.detail;
    if (xhr.responseText.includes('id="chat"')) return;
    const said = new DOMParser().parseFromString(xhr.responseText, "text/html").querySelector(".error-page h1 + p")?.textContent;
    document.body.dispatchEvent(new CustomEvent("toast", { detail: { kind: "bad", text: said || "That did not work. Try again." } }));
  });
  document.addEventListener("htmx:afterSwap", (event) => {
    if (event.detail.target?.id === "main" || event.target.id === "main") prepare();
  });
  // Earlier messages come in above: what is being read stays where it is.
  let below = 0;
  const isEarlier = (event) => event.detail.target?.matches?.("[data-earlier]");
  document.addEventListener("htmx:beforeSwap", (event) => { if (isEarlier(event)) below = box().scrollHeight - box().scrollTop; });
  document.addEventListener("htmx:afterSwap", (event) => {
    if (!isEarlier(event)) return;
    box().scrollTop = box().scrollHeight - below;
    follows = false;
  });
  window.addEventListener("resize", follow);
  document.fonts.ready.then(follow);
  prepare();
})();
