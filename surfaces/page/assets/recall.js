/* Settings that come back: of a picture in the history, of a saved PNG, or out of the page's address. Each editor's tab has
   one of these; it shows nothing, and asks the server for the values of the tab's controls. */
(() => {
  "use strict";
  const { make, send, receive } = window.facet;
  const OURS = new Set(["editor", "room"]);
  const there = new Map();  // editor → what asks; a tab that was never opened has none yet
  const told = new URL(location.href).searchParams;
  let linked = told.get("editor");

  facet.recall = (ctx, { editor }) => {
    const then = new Map();  // what waits until settings are in the controls
    let asked = 0;
    there.set(editor, (value, done) => { if (done) then.set(++asked, done); send(ctx, { ...value, asked }); });
    const copy = make("button", { type: "button", className: "fe-link", textContent: "Copy link", title: "A link to this editor with these settings" });
    const place = (tries) => {
      const row = document.getElementById(`run-${editor}`)?.closest(".ft-buttons");
      if (row) row.append(make("div", { className: "facet-widget fe-share" }, copy)); else if (tries) setTimeout(place, 100, tries - 1);
    };
    place(50);
    copy.addEventListener("click", () => { ctx.props.value = { rev: 0, link: true }; ctx.trigger("submit", {}); });
    const handLink = async (query) => {
      const url = new URL(location.href);
      url.search = `?editor=${encodeURIComponent(editor)}${query ? `&${query}` : ""}`;
      try { await navigator.clipboard.writeText(url.href); copy.textContent = "Link copied"; }
      catch { prompt("Copy this link", url.href); }
      setTimeout(() => { copy.textContent = "Copy link"; }, 2500);
    };
    receive(ctx, ({ brought, link }) => {
      if (link !== undefined) { handLink(link); return; }
      const done = then.get(brought);
      then.delete(brought);
      if (done) setTimeout(done, 250);  // controls take their values a moment after their views have come
    });
    if (editor !== linked) return;
    linked = null;
    const settings = Object.fromEntries([...told].filter(([name]) => !OURS.has(name) && !name.startsWith("__")));
    if (Object.keys(settings).length) setTimeout(() => send(ctx, { settings }), 300);  // once the tab's controls are there
  };
  /* Open an editor's tab with the settings that made a picture of the history. */
  /* Open an editor that drags, draw pairs on the picture that has just come, and press Run. */
  facet.pull = (editor, { entry, pairs }) => {
    document.querySelector(`.fr-tab[data-id="${CSS.escape(editor)}"]`)?.click();
    const go = (tries) => {
      const run = document.getElementById(`run-${editor}`), { marks } = facet;
      if (!run?.offsetParent || marks.entry !== entry || !marks.offer) { if (tries) setTimeout(go, 100, tries - 1); return; }
      marks.bring(entry, pairs, null);
      setTimeout(() => { if (marks.entry === entry && !marks.touched && !marks.running) run.click(); }, 900);  // seen before it moves
    };
    go(60);
  };
  /* An example: once its picture is on the stage, bring its settings, and press Run. */
  facet.begin = (editor, { example, entry }) => {
    const go = (tries) => {
      const run = document.getElementById(`run-${editor}`), ask = there.get(editor);
      const here = entry === null || facet.marks.entry === entry;
      if (!run?.offsetParent || !ask || !here) { if (tries) setTimeout(go, 100, tries - 1); return; }
      ask({ example, entry }, () => { if (entry === null || facet.marks.entry === entry) run.click(); });
    };
    go(80);
  };
  facet.recallEntry = (editor, entry) => {
    const tab = document.querySelector(`.fr-tab[data-id="${CSS.escape(editor)}"]`);
    if (!tab) return;
    tab.click();
    const ask = (tries) => {
      const found = there.get(editor);
      if (found) found({ entry }); else if (tries) setTimeout(ask, 100, tries - 1);
    };
    ask(40);
  };
})();
