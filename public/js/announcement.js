// A banner that was dismissed stays away until its text changes.
(() => {
  const banner = document.querySelector("[data-announcement]");
  if (!banner) return;
  const key = "lumen.announcement";
  const remembered = () => { try { return localStorage.getItem(key); } catch { return null; } };
  if (remembered() === banner.dataset.announcement) banner.hidden = true;
  banner.querySelector("[data-dismiss-announcement]").addEventListener("click", () => {
    banner.hidden = true;
    try { localStorage.setItem(key, banner.dataset.announcement); } catch { /* then it comes back */ }
  });
})();
