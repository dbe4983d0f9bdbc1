// A running answer comes as events: blocks that are settled are added, the open end of the text is replaced. When it is over the
// page is asked once for what is final: the message, the coins, the list.
(() => {
  const sources = new Map();
  const say = (text) => { const status = document.getElementById("chat-status"); if (status) status.textContent = text; };

  const watch = (message) => {
    if (sources.has(message.id)) return;
    const source = new EventSource(message.dataset.events);
    const settled = message.querySelector("[data-settled]");
    const tail = message.querySelector("[data-tail]");
    const reasoning = message.querySelector("[data-reasoning]");
    let nextTail;
    let frame = false;
    let failures = 0;
    sources.set(message.id, source);
    const started = () => message.querySelector("[data-waiting]")?.remove();
    // Many events may come between two pictures: only the last tail is drawn.
    const draw = () => {
      if (frame) return;
      frame = true;
      requestAnimationFrame(() => {
        frame = false;
        if (nextTail !== undefined) tail.innerHTML = nextTail;
        nextTail = undefined;
      });
    };
    const on = (name, take) => source.addEventListener(name, (event) => { failures = 0; take(JSON.parse(event.data)); draw(); });
    on("begin", ({ html, thoughts }) => {
      if (html !== "") started();
      settled.innerHTML = html;
      nextTail = "";
      reasoning.hidden = thoughts === "";
      reasoning.querySelector("[data-reasoning-text]").textContent = thoughts;
    });
    on("settled", (html) => { started(); nextTail = ""; settled.insertAdjacentHTML("beforeend", html); });
    on("tail", (html) => { started(); nextTail = html; });
    on("reasoning", (text) => {
      started();
      reasoning.hidden = false;
      reasoning.querySelector("[data-reasoning-text]").append(text);
    });
    source.addEventListener("end", () => finish(message.id));
    // The browser tries again by itself; a gateway that knows the answer no more has its end in the page.
    source.addEventListener("error", () => { if ((failures += 1) > 2 || source.readyState === 2) finish(message.id); });
  };

  const finish = async (id, tries = 0) => {
    sources.get(id)?.close();
    sources.delete(id);
    try {
      const answer = await fetch(window.location.pathname + window.location.search, { headers: { accept: "text/html" } });
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const fresh = page.getElementById(id);
      const old = document.getElementById(id);
      if (!old) return;
      if (fresh?.matches("[data-running]") && tries < 600) {
        setTimeout(() => finish(id, tries + 1), tries < 5 ? 300 : 2000);
        return;
      }
      patch(old, fresh);
      for (const name of ["coin-pill", "chat-list"]) {
        const now = document.getElementById(name);
        const then = page.getElementById(name);
        if (name === "chat-list" && document.querySelector(".chat-sidebar input[type=search]")?.value) continue;
        if (now && then) { now.replaceWith(document.adoptNode(then)); htmx.process(document.getElementById(name)); }
      }
      replaceText(".chat-title", page);
      replaceText(".composer-coins", page);
      replaceLow(page);
      if (page.title) document.title = page.title;
      say("The answer is complete.");
    } catch {
      if (tries < 20) setTimeout(() => finish(id, tries + 1), 1500);
    }
    update();
  };
  // The words stand there already, and to lay out a long answer twice takes a while: only what is around them is new.
  const patch = (old, fresh) => {
    if (!fresh) return old.remove();
    const words = [old.querySelector("[data-answer]"), fresh.querySelector(".chat-text")];
    const isWhole = words[0] && words[0].textContent.replace(/\s+/g, "") === words[1]?.textContent.replace(/\s+/g, "");
    if (isWhole) {
      words[0].querySelector("[data-tail]").replaceWith(...words[0].querySelector("[data-tail]").childNodes);
      words[0].querySelector("[data-settled]").replaceWith(...words[0].querySelector("[data-settled]").childNodes);
      words[0].removeAttribute("data-answer");
      for (const child of [...old.children]) if (child !== words[0]) child.remove();
      const at = [...fresh.children].indexOf(words[1]);
      const others = [...fresh.children].map((child) => document.adoptNode(child));
      words[0].before(...others.slice(0, at));
      words[0].after(...others.slice(at + 1));
      old.className = fresh.className;
      for (const name of ["data-running", "data-events", "data-stop"]) old.removeAttribute(name);
      htmx.process(old);
    } else {
      old.replaceWith(document.adoptNode(fresh));
      htmx.process(fresh);
    }
  };
  const replaceText = (selector, page) => {
    const [now, then] = [document.querySelector(selector), page.querySelector(selector)];
    if (now && then) now.textContent = then.textContent;
  };
  const replaceLow = (page) => {
    document.querySelector(".composer-low")?.remove();
    const low = page.querySelector(".composer-low");
    if (low) document.querySelector(".composer-box")?.before(document.adoptNode(low));
  };

  // Stop stands in the place of Send while an answer runs.
  const update = () => {
    const running = document.querySelector("[data-running]");
    const [send, stop] = [document.querySelector("[data-send]"), document.querySelector("[data-stop-button]")];
    if (!send || !stop) return;
    const hadFocus = document.activeElement === send || document.activeElement === stop;
    send.hidden = running !== null;
    stop.hidden = running === null;
    if (hadFocus) (running ? stop : send).focus();
  };
  const stop = async () => {
    const running = document.querySelector("[data-running]");
    if (!running?.dataset.stop) return;
    const token = document.querySelector("meta[name=csrf-token]").content;
    await fetch(running.dataset.stop, { method: "POST", headers: { "x-csrf-token": token, "content-type": "application/x-www-form-urlencoded" }, body: new URLSearchParams({ _csrf: token }), redirect: "manual" }).catch(() => undefined);
    say("Stopped.");
  };
  const begin = () => {
    for (const [id, source] of sources) if (!document.getElementById(id)) { source.close(); sources.delete(id); }
    const running = document.querySelectorAll("[data-running]");
    for (const message of running) watch(message);
    if (running.length > 0) say("The model is answering.");
    update();
  };
  document.addEventListener("click", (event) => { if (event.target.closest("[data-stop-button]")) stop(); });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || event.defaultPrevented || document.querySelector("dialog[open], [data-menu][open], :popover-open")) return;
    stop();
  });
  document.addEventListener("htmx:afterSwap", (event) => { if (event.detail.target?.id === "main" || event.target.id === "main") begin(); });
  begin();
})();
