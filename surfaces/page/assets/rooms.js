/* Where one is on the page: the rooms in the header and the editors in the rail. Both stand in for the tab bars that
   Gradio draws, which are hidden; which tab is open is Gradio's to know, and is read from there. The address follows. */
(() => {
  "use strict";
  const { make, show, receive } = window.facet;
  const FIND_FROM = 21;  // editors; fewer are found sooner by looking

  const bars = { room: "facet-rooms", editor: "facet-editors" };
  const theirs = (which, id) =>
    document.querySelector(`#${bars[which]} > .tab-wrapper [role=tab][data-tab-id="${CSS.escape(id)}"]`);
  const opened = (which) =>
    document.querySelector(`#${bars[which]} > .tab-wrapper [role=tab][aria-selected=true]`)?.dataset.tabId;
  const when = (find, then) => { const found = find(); if (found) then(found); else requestAnimationFrame(() => when(find, then)); };

  const address = () => new URL(location.href);
  const remember = (which, id, first) => {
    const url = address();
    if (id === first) url.searchParams.delete(which); else url.searchParams.set(which, id);
    if (url.href !== location.href) history.replaceState(history.state, "", url);
  };
  const go = (which, id) => theirs(which, id)?.click();

  /* Own tabs that follow Gradio's: `mark(id)` shows which one is open. What the address names is opened first, or else
     `opens`, which the address then need not name. */
  const follow = (which, first, mark, opens = null) => when(() => theirs(which, first), (tab) => {
    const named = address().searchParams.get(which), wanted = named ?? opens;
    let now = null, unnamed = !named && opens && opens !== opened(which);
    const look = () => {
      const id = opened(which);
      if (!id || id === now) return;
      if (now !== null && !unnamed) remember(which, id, which === "room" ? first : null);
      if (now !== null) unnamed = false;
      now = id;
      mark(id);
    };
    new MutationObserver(look).observe(tab.parentElement, { subtree: true, attributes: true, attributeFilter: ["aria-selected"] });
    look();
    if (wanted && wanted !== now) go(which, wanted);
  });

  /* Arrow keys, Home and End among a list of tabs. One of them at a time can be reached with the Tab key. */
  const keys = (list, tabs) => list.addEventListener("keydown", (event) => {
    const all = tabs().filter((tab) => tab.offsetParent), at = all.indexOf(document.activeElement);
    const to = { ArrowDown: at + 1, ArrowRight: at + 1, ArrowUp: at - 1, ArrowLeft: at - 1, Home: 0, End: all.length - 1 }[event.key];
    if (to === undefined || at < 0 || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    const next = all[(to + all.length) % all.length];
    next.focus();
    next.click();
  });
  const mark = (tabs, id) => tabs.forEach((tab) => {
    const on = tab.dataset.id === id;
    tab.setAttribute("aria-selected", on);
    tab.tabIndex = on ? 0 : -1;
  });

  /* ---- the rooms: in the header, whose buttons are there from the start ------------------------------------------ */
  when(() => document.querySelector(".ft-rooms"), (list) => {
    const tabs = [...list.querySelectorAll("[role=tab]")];
    for (const tab of tabs) tab.addEventListener("click", () => go("room", tab.dataset.id));
    keys(list, () => tabs);
    const skip = document.querySelector(".ft-skip");
    follow("room", tabs[0].dataset.id, (id) => {
      mark(tabs, id);
      document.documentElement.dataset.room = id;
      skip.textContent = id === tabs[0].dataset.id ? "Skip to the picture" : `Skip to ${tabs.find((tab) => tab.dataset.id === id).textContent}`;
    });
    skip.addEventListener("click", (event) => {  // where the room is not the one with the picture
      const open = [...document.querySelectorAll("#facet-rooms > [role=tabpanel]")].find((panel) => panel.offsetParent);
      if (!open || open.querySelector("#facet-stage")) return;
      event.preventDefault();
      event.stopPropagation();
      open.tabIndex = -1;
      open.focus();
    });
  });

  /* ---- the editors: a rail beside the stage; where there is no room for one, a sheet behind a button -------------- */
  window.facet.rail = (ctx, { opens } = {}) => {
    const heading = make("small"), name = make("strong");
    const open = make("button", { type: "button", className: "fr-open", "aria-expanded": "false" },
      make("span", {}, heading, name), make("span", { className: "fr-caret", textContent: "▾", "aria-hidden": "true" }));
    const find = make("input", { type: "search", className: "fr-find", placeholder: "Find an editor", "aria-label": "Find an editor" });
    const none = make("p", { className: "fr-none", role: "status" });
    const list = make("div", { className: "fr-list", role: "tablist", "aria-label": "Editors", "aria-orientation": "vertical" });
    const sheet = make("div", { className: "fr-sheet" }, find, none, list);
    const root = make("section", { className: "fr", "aria-label": "Editors" }, open, sheet);
    ctx.element.replaceChildren(root);
    let tabs = [];

    const unfold = (on) => {
      root.classList.toggle("fr-unfolded", on);
      open.setAttribute("aria-expanded", on);
      if (on) (tabs.find((tab) => tab.tabIndex === 0) || tabs[0])?.focus();
    };
    const narrow = () => getComputedStyle(open).display !== "none";
    open.addEventListener("click", () => unfold(!root.classList.contains("fr-unfolded")));
    document.addEventListener("click", (event) => { if (!root.contains(event.target)) unfold(false); });
    root.addEventListener("keydown", (event) => {
      if (event.key !== "Escape") return;
      if (find.value) { find.value = ""; sift(); }
      else if (narrow() && root.classList.contains("fr-unfolded")) { unfold(false); open.focus(); }
    });

    const sift = () => {
      const words = find.value.toLowerCase().split(/\s+/).filter(Boolean);
      tabs.forEach((tab) => show(tab, words.every((word) => tab.dataset.words.includes(word))));
      list.querySelectorAll(".fr-group").forEach((group) => show(group, !!group.querySelector("[role=tab]:not([hidden])")));
      none.textContent = tabs.every((tab) => tab.hidden) ? "No editor is called that." : "";
    };
    find.addEventListener("input", sift);
    find.addEventListener("keydown", (event) => {
      const first = tabs.find((tab) => !tab.hidden);
      if (!first || !["Enter", "ArrowDown"].includes(event.key)) return;
      event.preventDefault();
      first.focus();
      if (event.key === "Enter") first.click();
    });

    const tab = (editor, title) => {
      const button = make("button", { type: "button", role: "tab", className: "fr-tab", title: editor.doc, "aria-selected": "false" },
        make("span", { className: "fr-title", textContent: editor.title }),
        make("span", { className: "fr-doc", textContent: editor.doc, "aria-hidden": "true" }));
      button.setAttribute("aria-label", editor.title);
      button.setAttribute("aria-description", `${title}. ${editor.doc}`);
      button.dataset.id = editor.id;
      button.toggleAttribute("data-coded", !!editor.coded);
      button.dataset.words = `${editor.title} ${editor.doc} ${editor.id} ${title}`.toLowerCase();
      button.addEventListener("click", (event) => {
        go("editor", editor.id);
        if (event.detail) unfold(false);  // by pointer; arrow keys leave the sheet open
      });
      button.addEventListener("keydown", (event) => {
        if (["Enter", " "].includes(event.key)) setTimeout(() => { unfold(false); if (narrow()) open.focus(); }, 0);
      });
      return button;
    };
    receive(ctx, ({ groups }) => {
      list.replaceChildren(...groups.map(({ title, editors }) => make("div", { className: "fr-group", role: "presentation" },
        make("span", { className: "fr-heading", textContent: title, "aria-hidden": "true" }),
        ...editors.map((editor) => tab(editor, title)))));
      tabs = [...list.querySelectorAll("[role=tab]")];
      show(find, tabs.length >= FIND_FROM);
      sift();
    });
    keys(list, () => tabs);
    if (tabs.length) follow("editor", tabs[0].dataset.id, (id) => {
      mark(tabs, id);
      const now = tabs.find((each) => each.dataset.id === id);
      if (!now) return;
      document.documentElement.toggleAttribute("data-coded", now.hasAttribute("data-coded"));
      heading.textContent = now.parentElement.firstChild.textContent;
      name.textContent = now.getAttribute("aria-label");
      const box = list.getBoundingClientRect(), row = now.getBoundingClientRect();
      if (row.top < box.top || row.bottom > box.bottom) list.scrollTop += row.top - box.top - box.height / 3;  // the page stays
    }, opens);
  };
})();
