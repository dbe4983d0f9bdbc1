// data-refresh="10" renews the element that data-refresh-target names every ten seconds, from the page's own address; not
// while nobody looks, nor while somebody types in it.
(() => {
  for (const place of document.querySelectorAll("[data-refresh]")) {
    const { refresh, refreshTarget } = place.dataset;
    const renew = () => {
      if (document.hidden || !window.htmx || place.contains(document.activeElement)) return;
      window.htmx.ajax("GET", location.pathname + location.search, { target: refreshTarget, swap: "outerHTML" });
    };
    setInterval(renew, Number(refresh) * 1000);
    document.addEventListener("visibilitychange", renew);
  }
})();
