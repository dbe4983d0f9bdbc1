// The model picker shows what is chosen, narrows as one types, and asks for consent in place where the chosen model needs it.
(() => {
  const chosen = () => document.querySelector('[data-composer] input[name="model"]:checked');
  const card = () => document.querySelector("[data-consent-card]");
  const say = (kind, text) => document.body.dispatchEvent(new CustomEvent("toast", { detail: { kind, text } }));

  const show = () => {
    const option = chosen();
    const picker = document.querySelector("[data-model-picker]");
    if (!option || !picker) return;
    picker.querySelector("[data-chosen-name]").textContent = option.value;
    const price = picker.querySelector("[data-chosen-price]");
    if (price) price.textContent = option.dataset.price;
    const dot = picker.querySelector("summary .status-dot");
    if (dot) dot.className = `status-dot status-${option.dataset.status}`;
    if ("needsConsent" in option.dataset) askFor(option.value);
    else if (card()) card().hidden = true;
  };
  const askFor = async (model) => {
    const address = `/profile/access/${encodeURIComponent(model)}/consent`;
    try {
      const answer = await fetch(address, { headers: { accept: "text/html" } });
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const [notice, form] = [page.querySelector(".consent-notice"), page.querySelector('main form[action$="/consent"]')];
      if (!notice || !form) { window.location.assign(address); return; }
      const box = card();
      const title = Object.assign(document.createElement("h2"), { textContent: `${model} asks for your consent` });
      for (const name of [...form.getAttributeNames()]) if (name.startsWith("hx-")) form.removeAttribute(name);
      form.setAttribute("hx-boost", "false");
      form.dataset.consentForm = model;
      for (const other of form.querySelectorAll(".dialog-actions > :not([type=submit])")) other.remove();
      box.replaceChildren(title, notice, form);
      box.hidden = false;
      form.querySelector("[type=submit]").focus();
    } catch {
      say("bad", "The notice could not be loaded. Try again.");
    }
  };
  document.addEventListener("submit", async (event) => {
    const model = event.target.dataset.consentForm;
    if (model === undefined) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    const answer = await fetch(event.target.action, { method: "POST", body: new URLSearchParams(new FormData(event.target)) }).catch(() => undefined);
    if (!answer?.ok) { say("bad", "Your consent could not be recorded. Try again."); return; }
    for (const option of document.querySelectorAll('input[name="model"]')) {
      if (option.value !== model) continue;
      delete option.dataset.needsConsent;
      option.closest("[data-model-option]").querySelector(".badge-warn")?.remove();
    }
    card().hidden = true;
    say("good", `${model} can be used now.`);
    document.querySelector("[data-composer-text]").focus();
  }, true);
  document.addEventListener("change", (event) => { if (event.target.matches?.('[data-composer] input[name="model"]')) show(); });
  document.addEventListener("click", (event) => {
    const link = event.target.closest("[data-consent-for]");
    if (link) { event.preventDefault(); askFor(link.dataset.consentFor); }
    // A click chooses and closes; the arrows of the keyboard only choose.
    const picker = event.target.closest("[data-model-picker]");
    if (picker && event.target.matches('input[name="model"]') && event.detail > 0) close(picker);
  });
  const close = (picker) => { picker.open = false; if (card()?.hidden !== false) document.querySelector("[data-composer-text]").focus(); };
  document.addEventListener("keydown", (event) => {
    const picker = event.target.closest?.("[data-model-picker]");
    if (picker?.open && event.key === "Enter" && event.target.matches("input")) { event.preventDefault(); close(picker); }
  });
  document.addEventListener("toggle", (event) => {
    if (!event.target.matches?.("[data-model-picker]") || !event.target.open) return;
    (event.target.querySelector("[data-model-search]") ?? chosen() ?? event.target.querySelector("input"))?.focus();
  }, true);
  document.addEventListener("input", (event) => {
    if (!event.target.matches?.("[data-model-search]")) return;
    const words = event.target.value.trim().toLowerCase();
    for (const option of event.target.closest("[data-model-picker]").querySelectorAll("[data-model-option]")) option.hidden = !option.textContent.toLowerCase().includes(words);
  });
  document.addEventListener("htmx:afterSwap", (event) => { if (event.detail.target?.id === "main" || event.target.id === "main") show(); });
  show();
})();
