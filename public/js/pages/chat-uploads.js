// Files by button, paste and drop: each is sent at once, shown as a chip with its progress, and goes with the message by its id.
(() => {
  const composer = () => document.querySelector("[data-composer]");
  const chips = () => composer().querySelector("[data-chips]");
  const say = (text) => document.body.dispatchEvent(new CustomEvent("toast", { detail: { kind: "bad", text } }));
  const size = (bytes) => bytes < 1000 ? `${bytes} B` : bytes < 1e6 ? `${Math.round(bytes / 1000)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
  const make = (tag, props, ...children) => { const made = Object.assign(document.createElement(tag), props); made.append(...children); return made; };

  const add = (files) => {
    const { maxBytes, maxFiles, upload } = composer().dataset;
    for (const file of files) {
      if (chips().children.length >= Number(maxFiles)) { say(`A message takes ${maxFiles} files at most.`); return; }
      if (file.size > Number(maxBytes)) { say(`${file.name} is larger than ${size(Number(maxBytes))}.`); continue; }
      send(file, upload);
    }
  };
  const send = (file, address) => {
    const progress = make("progress", { max: 1, value: 0 });
    progress.setAttribute("aria-label", `Sending ${file.name}`);
    const state = make("span", { className: "file-size" }, progress);
    const remove = make("button", { type: "button", className: "chip-remove", textContent: "×" });
    remove.setAttribute("aria-label", `Remove ${file.name}`);
    remove.dataset.removeChip = "";
    const chip = make("li", { className: "file-chip" }, make("span", { className: "file-name", textContent: file.name }), state, remove);
    chip.dataset.chip = "";
    chip.dataset.uploading = "";
    if (/^image\/(png|jpeg|webp|gif)$/.test(file.type)) chip.prepend(make("img", { src: URL.createObjectURL(file), alt: "" }));
    chips().append(chip);
    const fail = (text) => { delete chip.dataset.uploading; chip.classList.add("is-failed"); state.textContent = text; chip.setAttribute("role", "alert"); };
    const request = new XMLHttpRequest();
    const token = document.querySelector("meta[name=csrf-token]").content;
    const body = new FormData();
    body.append("_csrf", token);
    body.append("file", file, file.name || "pasted.png");
    request.open("POST", address);
    request.setRequestHeader("x-csrf-token", token);
    request.setRequestHeader("accept", "application/json");
    request.upload.addEventListener("progress", (event) => { if (event.lengthComputable) progress.value = event.loaded / event.total; });
    request.addEventListener("error", () => fail("could not be sent"));
    request.addEventListener("load", () => {
      let said;
      try { said = JSON.parse(request.responseText); } catch { said = undefined; }
      const one = Array.isArray(said) ? said[0] : said;
      if (!one?.id) return fail(one?.error?.message ?? "could not be sent");
      delete chip.dataset.uploading;
      state.textContent = size(one.bytes ?? file.size);
      chip.append(make("input", { type: "hidden", name: "upload", value: one.id }));
    });
    chip.abort = () => request.abort();
    request.send(body);
  };

  document.addEventListener("change", (event) => {
    if (!event.target.matches?.("[data-file-input]")) return;
    add([...event.target.files]);
    event.target.value = "";
  });
  document.addEventListener("paste", (event) => {
    if (!event.target.matches?.("[data-composer-text]") || event.clipboardData.files.length === 0) return;
    event.preventDefault();
    add([...event.clipboardData.files]);
  });
  const hasFiles = (event) => composer() && [...(event.dataTransfer?.types ?? [])].includes("Files");
  document.addEventListener("dragover", (event) => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    composer().querySelector(".composer-box").classList.add("is-dropping");
  });
  const over = () => composer()?.querySelector(".composer-box").classList.remove("is-dropping");
  document.addEventListener("dragleave", (event) => { if (!event.relatedTarget) over(); });
  document.addEventListener("drop", (event) => {
    over();
    if (!hasFiles(event)) return;
    event.preventDefault();
    add([...event.dataTransfer.files]);
  });
  document.addEventListener("click", (event) => {
    const remove = event.target.closest("[data-remove-chip]");
    if (!remove) return;
    const chip = remove.closest("[data-chip]");
    chip.abort?.();
    chip.remove();
    document.querySelector("[data-composer-text]").focus();
  });
})();
