// Times come in UTC; readers see their own: "Today, 14:53", "12 May 2026".
(() => {
  const day = (date) => date.toDateString();
  const clock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });
  const date = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short", year: "numeric" });
  const full = new Intl.DateTimeFormat(undefined, { dateStyle: "long", timeStyle: "long" });
  const tell = (at) => {
    const yesterday = new Date(Date.now() - 86_400_000);
    if (day(at) === day(new Date())) return `Today, ${clock.format(at)}`;
    if (day(at) === day(yesterday)) return `Yesterday, ${clock.format(at)}`;
    return date.format(at);
  };
  const localise = (root) => {
    for (const time of root.querySelectorAll("time[data-local]")) {
      const at = new Date(time.dateTime);
      time.textContent = tell(at);
      time.title = full.format(at);
      time.removeAttribute("data-local");
    }
  };
  localise(document);
  document.addEventListener("htmx:load", (event) => localise(event.target.parentElement ?? document));
})();
