// An element with data-countdown="<milliseconds>" counts down: "24 min", "59 s". At its end it says so to whoever shows it, by
// the event refill-due. What is left was worked out by the server: clocks of readers may be wrong.
(() => {
  const running = new Set();
  let timer;
  const tell = (ms) => {
    const seconds = Math.ceil(ms / 1000);
    return seconds < 60 ? `${seconds} s` : `${Math.ceil(seconds / 60)} min`;
  };
  const tick = () => {
    for (const one of running) {
      const left = one.end - performance.now();
      if (left > 0 && one.element.isConnected) {
        const text = tell(left);
        if (one.element.textContent !== text) one.element.textContent = text;
        continue;
      }
      running.delete(one);
      if (one.element.isConnected) one.element.dispatchEvent(new CustomEvent("refill-due", { bubbles: true }));
    }
    if (running.size === 0) timer = clearInterval(timer);
  };
  const start = (root) => {
    for (const element of root.querySelectorAll("[data-countdown]")) {
      // A little later than the server, so that it has refilled when it is asked.
      running.add({ element, end: performance.now() + Number(element.dataset.countdown) + 250 });
      element.removeAttribute("data-countdown");
    }
    if (running.size > 0) timer ??= setInterval(tick, 1000);
    tick();
  };
  start(document);
  document.addEventListener("htmx:load", (event) => start(event.target.parentElement ?? document));
})();
