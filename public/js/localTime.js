// Times come in UTC; readers see their own: "Today, 14:53", "12 May 2026"; with `data-local="moment"` "12 May 2026, 14:53".
(() => {
  const day = (date) => date.toDateString();
  const clock = new Intl.DateTimeFormat(undefined, { hour: "numeric", minute: "2-digit" });
  const date = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short", year: "numeric" });
  const moment = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short", year: "numeric", hour: "numeric", minute: "2-digit" });
  const full = new Intl.DateTimeFormat(undefined, { dateStyle: "long", timeStyle: "long" });
  const tell = (at, past) => {
    const yesterday = new Date(Date.now() - 86_400_000);
    if (day(at) === day(new Date())) return `Today, ${clock.format(at)}`;
    if (day(at) === day(yesterday)) return `Yesterday, ${clock.format(at)}`;
    return past.format(at);
  };
  const localise = (root) => {
    for (const time of root.querySelectorAll("time[data-local]")) {
      const at = new Date(time.dateTime);
      time.textContent = tell(at, time.dataset.local === "moment" ? moment : date);
      time.title = full.format(at);
      time.removeAttribute("data-local");
    }
  };
  localise(document);
  document.addEventListener("htmx:load", (event) => localise(event.target.parentElement ?? document));
})();
