// The conversations: a drawer on narrow screens, and a menu for each row: rename, export, delete.
(() => {
  const chat = document.getElementById("chat");
  const token = () => document.querySelector("meta[name=csrf-token]").content;
  const say = (kind, text) => document.body.dispatchEvent(new CustomEvent("toast", { detail: { kind, text } }));
  const send = (address, fields = {}) => fetch(address, { method: "POST", headers: { "x-csrf-token": token() }, body: new URLSearchParams({ ...fields, _csrf: token() }) });
  const draw = (open) => {
    chat.classList.toggle("is-drawn", open);
    const button = document.querySelector("[data-drawer]");
    button?.setAttribute("aria-expanded", String(open));
    if (open) document.querySelector(".chat-new").focus();
    else if (document.activeElement?.closest(".chat-sidebar")) button?.focus();
  };

  let owner;
  const menu = Object.assign(document.createElement("div"), { className: "chat-row-menu", popover: "auto" });
  menu.setAttribute("role", "menu");
  menu.setAttribute("aria-label", "Actions");
  document.body.append(menu);
  const item = (tag, text, props = {}) => {
    const made = Object.assign(document.createElement(tag), { textContent: text, ...props });
    made.setAttribute("role", "menuitem");
    made.tabIndex = -1;
    return made;
  };
  const openMenu = (button) => {
    owner = button;
    const { rowMenu: href, title } = button.dataset;
    menu.replaceChildren(
      item("button", "Rename", { type: "button", onclick: () => rename(button, href) }),
      item("a", "Export as Markdown", { href: `${href}/export.md`, download: "" }),
      item("a", "Export as JSON", { href: `${href}/export.json`, download: "" }),
      item("button", "Delete", { type: "button", className: "chat-panel-danger", onclick: () => remove(button, href, title) }),
    );
    menu.showPopover();
    const place = button.getBoundingClientRect();
    menu.style.left = `${Math.min(place.left, window.innerWidth - menu.offsetWidth - 8)}px`;
    menu.style.top = `${place.bottom + menu.offsetHeight + 8 > window.innerHeight ? place.top - menu.offsetHeight - 4 : place.bottom + 4}px`;
    button.setAttribute("aria-expanded", "true");
    menu.firstElementChild.focus();
  };
  menu.addEventListener("toggle", (event) => { if (event.newState === "closed") owner?.setAttribute("aria-expanded", "false"); });
  menu.addEventListener("click", () => { menu.hidePopover(); });
  menu.addEventListener("keydown", (event) => {
    const items = [...menu.children];
    const at = items.indexOf(document.activeElement);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: items.length - 1 }[event.key];
    if (to !== undefined) { event.preventDefault(); items.at(to % items.length).focus(); }
    if (event.key === "Tab") menu.hidePopover();
    if (event.key === "Escape") { menu.hidePopover(); owner?.focus(); event.stopPropagation(); event.preventDefault(); }
  });

  const dialogWith = (text, action, isBad, extra) => new Promise((resolve) => {
    const dialog = document.createElement("dialog");
    const form = Object.assign(document.createElement("form"), { method: "dialog" });
    const title = Object.assign(document.createElement("p"), { id: "row-dialog-text", textContent: text });
    const actions = Object.assign(document.createElement("div"), { className: "dialog-actions" });
    const no = Object.assign(document.createElement("button"), { type: "button", className: "button button-quiet", textContent: "Cancel", onclick: () => dialog.close() });
    const yes = Object.assign(document.createElement("button"), { className: `button ${isBad ? "button-danger-solid" : "button-primary"}`, textContent: action, value: "yes" });
    dialog.setAttribute("aria-labelledby", "row-dialog-text");
    form.setAttribute("hx-disable", "");
    actions.append(no, yes);
    form.append(title, ...(extra ? [extra] : []), actions);
    dialog.append(form);
    document.body.append(dialog);
    dialog.addEventListener("close", () => { dialog.remove(); owner?.focus(); resolve(dialog.returnValue === "yes"); });
    dialog.showModal();
    (extra ?? no).focus();
    extra?.select();
  });
  const isHere = (href) => window.location.pathname === href;
  const rename = async (button, href) => {
    const field = Object.assign(document.createElement("input"), { value: button.dataset.title, maxLength: 200, required: true });
    field.setAttribute("aria-label", "Title");
    if (!(await dialogWith("Rename this conversation", "Rename", false, field))) return;
    const answer = await send(`${href}/rename`, { title: field.value }).catch(() => undefined);
    if (!answer?.ok) return say("bad", "It could not be renamed. Try again.");
    button.dataset.title = field.value;
    button.setAttribute("aria-label", `Actions for ${field.value}`);
    button.previousElementSibling.textContent = field.value;
    if (isHere(href)) document.querySelector(".chat-title").textContent = field.value;
    say("good", "Renamed.");
  };
  const remove = async (button, href, title) => {
    if (!(await dialogWith(`Delete “${title}”? Its messages and files cannot be brought back.`, "Delete", true))) return;
    const answer = await send(`${href}/delete`, { confirmed: "1" }).catch(() => undefined);
    if (!answer?.ok) return say("bad", "It could not be deleted. Try again.");
    if (isHere(href)) return window.location.assign("/chat");
    const row = button.closest("li");
    const group = row.closest(".chat-group");
    row.remove();
    if (!group.querySelector("li")) group.remove();
    document.querySelector(".chat-sidebar input").focus();
    say("good", "Deleted.");
  };

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-row-menu]");
    if (button) openMenu(button);
    if (event.target.closest("[data-drawer]")) draw(!chat.classList.contains("is-drawn"));
    if (event.target.closest("[data-drawer-close]")) draw(false);
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && chat.classList.contains("is-drawn")) { event.preventDefault(); draw(false); }
  }, true);
  document.addEventListener("htmx:afterSwap", (event) => {
    if (event.detail.target?.id !== "main" && event.target.id !== "main") return;
    draw(false);
    for (const link of document.querySelectorAll(".chat-link")) {
      if (link.getAttribute("href") === window.location.pathname) link.setAttribute("aria-current", "page");
      else link.removeAttribute("aria-current");
    }
  });
})();
