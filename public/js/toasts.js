// What was done or went wrong, said for some seconds; the container is a live region.
(() => {
  const box = document.querySelector("#toasts");
  const leave = (toast) => setTimeout(() => toast.remove(), 6000);
  const say = ({ kind, text }) => {
    const toast = Object.assign(document.createElement("p"), { className: `toast toast-${kind === "bad" ? "bad" : "good"}`, textContent: text });
    box.append(toast);
    leave(toast);
  };
  for (const toast of box.children) leave(toast);
  document.body.addEventListener("toast", (event) => say(event.detail));
  document.body.addEventListener("htmx:sendError", () => say({ kind: "bad", text: "The server cannot be reached. Check the connection and try again." }));
})();
