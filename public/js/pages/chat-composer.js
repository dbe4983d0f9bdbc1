// The composer: Enter sends, Shift+Enter breaks the line; nothing is sent twice, nor while an answer runs; examples fill it in.
(() => {
  const field = () => document.querySelector("[data-composer-text]");
  const isTouch = window.matchMedia("(pointer: coarse)").matches;
  document.addEventListener("keydown", (event) => {
    if (!event.target.matches?.("[data-composer-text]") || event.key !== "Enter" || event.shiftKey || event.isComposing || isTouch) return;
    event.preventDefault();
    event.target.form.requestSubmit();
  });
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!form.matches("[data-sends]")) return;
    const isEmpty = form.matches("[data-composer]") && field().value.trim() === "" && !form.querySelector('input[name="upload"]');
    const isWaiting = form.querySelector("[data-uploading]") !== null;
    const isRunning = document.querySelector("[data-running]") !== null;
    const needsConsent = form.querySelector('input[name="model"]:checked[data-needs-consent]') !== null;
    if (!isEmpty && !isWaiting && !isRunning && !needsConsent && form.dataset.sent === undefined) {
      form.dataset.sent = "1";
      return;
    }
    event.preventDefault();
    event.stopImmediatePropagation();
    const told = isRunning ? "Wait for the answer, or stop it." : isWaiting ? "A file is still on its way." : needsConsent ? "This model needs your consent first." : undefined;
    if (told) document.body.dispatchEvent(new CustomEvent("toast", { detail: { kind: "bad", text: told } }));
    if (needsConsent) document.querySelector("[data-consent-card] button[type=submit]")?.focus();
  }, true);
  document.addEventListener("htmx:afterRequest", (event) => { if (event.target.dataset) delete event.target.dataset.sent; });
  document.addEventListener("click", (event) => {
    const example = event.target.closest("[data-example]");
    if (example) {
      const text = field();
      text.value = example.dataset.example;
      text.dispatchEvent(new Event("input", { bubbles: true }));
      text.focus();
    }
    if (event.target.matches?.(".composer-box, .composer-row")) field().focus();
  });
  const prepare = () => {
    if (window.matchMedia("(max-width: 640px)").matches && field()) {
      field().placeholder = "Ask anything";
      field().dispatchEvent(new Event("input", { bubbles: true }));
    }
    if (!isTouch) field()?.focus({ preventScroll: true });
  };
  document.addEventListener("htmx:afterSwap", (event) => { if (event.detail.target?.id === "main" || event.target.id === "main") prepare(); });
  prepare();
})();
