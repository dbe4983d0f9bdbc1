// The log: it stays at its end until the reader goes up, and again once they come back; a link to a message leads to it. Edit and
// its Cancel; fields that grow; answers of the server that are errors become a toast.
(() => {
  const NEAR = 40;
  /** Within so many milliseconds of a wheel, finger, key or press a scroll is the reader's. */
  const TOUCH_MS = 1500;
  const box = () => document.getElementById("chat-scroll");
  let follows = true;
  let seen = { top: 0, left: 0 };
  let touchedAt = -Infinity;

  /** `left`: pixels below what is seen. */
  const placeOf = (scroll) => ({ top: scroll.scrollTop, left: scroll.scrollHeight - scroll.scrollTop - scroll.clientHeight });
  const showButton = () => {
    const button = document.querySelector("[data-to-end]");
    if (button) button.hidden = follows;
  };
  const toEnd = () => {
    const scroll = box();
    if (!scroll) return;
    scroll.scrollTop = scroll.scrollHeight;
    seen = placeOf(scroll);
  };
  // A message that stays where it is while others come in above it and are laid out: until the picture after the next.
  let held;
  const topOf = (element) => element.getBoundingClientRect().top;
  const hold = (message) => { held = message && { message, top: topOf(message) }; };
  const keep = () => { if (held) box().scrollTop += topOf(held.message) - held.top; };
  const letGo = () => requestAnimationFrame(() => requestAnimationFrame(() => { keep(); held = undefined; }));
  // Words, pictures, fonts, what is laid out as it comes into sight, the composer: whatever changes the height.
  const sizes = new ResizeObserver(() => { if (follows) toEnd(); else keep(); });
  const grow = (field) => {
    field.style.height = "auto";
    field.style.height = `${field.scrollHeight + 2}px`;
  };
  const prepare = () => {
    for (const field of document.querySelectorAll("[data-grows]")) if (field.offsetParent) grow(field);
    const linked = window.location.hash.startsWith("#message-") && document.getElementById(window.location.hash.slice(1));
    follows = !linked;
    if (linked) {
      linked.scrollIntoView({ block: "start" });
      hold(linked);
      letGo();
    } else toEnd();
    showButton();
    sizes.disconnect();
    for (const part of [box(), document.getElementById("chat-log")]) if (part) sizes.observe(part);
  };

  for (const name of ["wheel", "touchmove", "keydown", "pointerdown"]) {
    document.addEventListener(name, () => { touchedAt = performance.now(); }, { capture: true, passive: true });
  }
  document.addEventListener("scroll", (event) => {
    const scroll = box();
    if (event.target !== scroll) return;
    const now = placeOf(scroll);
    // Fonts and what is laid out late move the log as well: only a hand upon it leaves the end.
    const isUp = performance.now() - touchedAt < TOUCH_MS && now.top < seen.top - 1 && now.left > seen.left + 1;
    if (isUp) follows = false;
    else if (now.left < NEAR) follows = true;
    seen = now;
    showButton();
  }, true);
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-to-end]")) {
      follows = true;
      toEnd();
      showButton();
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
    if (event.target.matches?.("[data-grows]")) grow(event.target);
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
  const isEarlier = (event) => event.detail.target?.matches?.("[data-earlier]");
  document.addEventListener("htmx:beforeSwap", (event) => {
    if (!isEarlier(event)) return;
    follows = false;
    hold([...document.querySelectorAll(".chat-message")].find((message) => message.getBoundingClientRect().bottom > topOf(box())));
  });
  document.addEventListener("htmx:afterSwap", (event) => {
    if (!isEarlier(event)) return;
    keep();
    letGo();
  });
  prepare();
})();
