/* Settings that come back: of a picture in the history, of a saved PNG, or out of the page's address. Each editor's tab has
   one of these; it shows nothing, and asks the server for the values of the tab's controls. */
(() => {
  "use strict";
  const { send } = window.facet;
  const OURS = new Set(["editor", "room"]);
  const there = new Map();  // editor → what asks; a tab that was never opened has none yet
  const told = new URL(location.href).searchParams;
  let linked = told.get("editor");

  facet.recall = (ctx, { editor }) => {
    there.set(editor, (value) => send(ctx, value));
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
