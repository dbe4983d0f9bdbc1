// A file field with data-fills="#id" reads the chosen file into that text field; the file itself is not sent.
(() => {
  document.addEventListener("change", async (event) => {
    const { fills } = event.target.dataset ?? {};
    const [file] = event.target.files ?? [];
    if (!fills || !file) return;
    document.querySelector(fills).value = await file.text();
  });
})();
