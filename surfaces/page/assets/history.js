/* The history: a strip of all pictures below the stage, and behind a button the same as a tree with names, pins and files. */
(() => {
  "use strict";
  const { make, show, send, receive, handOut, offers, roving } = facet;
  const typing = (event) => event.target.closest?.("input:not([type=range]), textarea, select, [contenteditable]");

  /* Oldest first, each below what it was made from: [entry, depth]. A line of single children is not indented. */
  const tree = (entries) => {
    const known = new Map(entries.map((entry) => [entry.number, entry]));
    const below = (number) => entries.filter((entry) => (known.has(entry.parent) ? entry.parent : null) === number);
    const walk = (number, depth) => {
      const children = below(number);
      return children.flatMap((entry) => [[entry, depth], ...walk(entry.number, depth + (number === null || children.length > 1 ? 1 : 0))]);
    };
    return walk(null, 0);
  };

  const panel = (ask, go) => {
    const close = make("button", { type: "button", className: "fp-upload", textContent: "Close" });
    const zip = make("button", { type: "button", className: "fp-upload", textContent: "Download all" });
    const wipe = make("button", { type: "button", className: "fp-upload fx-wipe", textContent: "Delete all" });
    const kept = make("p", { className: "fx-kept" });
    const list = make("ul", { className: "fx-list" });
    const box = make("dialog", { className: "fx" }, make("div", { className: "fx-head" }, make("h2", { textContent: "History" }), zip, wipe, close), kept, list);
    box.setAttribute("aria-label", "History");
    close.addEventListener("click", () => box.close());
    box.addEventListener("click", (event) => { if (event.target === box) box.close(); });
    zip.addEventListener("click", () => { zip.disabled = true; zip.textContent = "Packing…"; ask({ zip: true }); });
    const sure = (button, word, then) => button.addEventListener("click", () => {
      if (button.dataset.sure) { delete button.dataset.sure; button.textContent = word; then(); return; }
      button.dataset.sure = "yes"; button.textContent = `${word} for good`; button.classList.add("fy-sure");
      setTimeout(() => { delete button.dataset.sure; button.textContent = word; button.classList.remove("fy-sure"); }, 5000);
    });
    sure(wipe, "Delete all", () => ask({ clear: true }));

    const row = ([entry, depth], current) => {
      const called = `${entry.title}, picture ${entry.number}`;
      const open = make("button", { type: "button", className: "fx-open" }, make("img", { src: entry.thumb, alt: "" }));
      open.setAttribute("aria-label", `Show ${called}`);
      if (entry.number === current) open.setAttribute("aria-current", "true");
      open.addEventListener("click", () => { go(entry); box.close(); });
      const name = make("input", { className: "fh-name", value: entry.title, maxLength: 60, size: Math.max(6, entry.title.length), title: "Click to rename" });
      name.setAttribute("aria-label", `Name of ${called}`);
      name.addEventListener("change", () => ask({ rename: entry.number, name: name.value }));
      name.addEventListener("keydown", (event) => {
        if (event.key === "Enter") name.blur();
        if (event.key === "Escape" && name.value !== entry.title) { event.stopPropagation(); event.preventDefault(); name.value = entry.title; name.blur(); }
      });
      const pin = make("button", { type: "button", className: "fp-upload", textContent: entry.pinned ? "Pinned" : "Pin", title: "A pinned picture never makes way for newer ones" });
      pin.setAttribute("aria-pressed", entry.pinned);
      pin.setAttribute("aria-label", `Pin ${called}`);
      pin.addEventListener("click", () => ask({ pin: entry.number, on: !entry.pinned }));
      const remove = make("button", { type: "button", className: "fp-upload", textContent: "Delete" });
      remove.setAttribute("aria-label", `Delete ${called}`);
      sure(remove, "Delete", () => ask({ remove: entry.number }));
      const item = make("li", { className: "fx-row" }, open, make("div", { className: "fx-words" }, name,
        make("span", { className: "fx-facts", textContent: entry.facts })), pin, remove);
      item.style.setProperty("--depth", Math.min(depth, 6));
      item.dataset.number = entry.number;
      return item;
    };
    const apply = (value) => {
      zip.disabled = false; zip.textContent = "Download all";
      kept.textContent = [value.trouble, value.kept].filter(Boolean).join(" ");
      list.replaceChildren(...tree(value.entries).map((each) => row(each, value.current)));
      if (box.open && !value.entries.length) box.close();
    };
    return { box, apply };
  };

  facet.strip = (ctx) => {
    const undo = make("button", { type: "button", className: "fh-step", textContent: "Undo" });
    const redo = make("button", { type: "button", className: "fh-step", textContent: "Redo" });
    const all = make("button", { type: "button", className: "fh-step fh-all", textContent: "History…" });
    const row = make("div", { className: "fh-row", role: "group", "aria-label": "Pictures of this session" });
    roving(row);
    const go = (entry) => {
      send(ctx, { go: entry.number });
      if (entry.editor) facet.recallEntry(entry.editor, entry.number);
    };
    const { box, apply } = panel((value) => send(ctx, value), go);
    ctx.element.replaceChildren(make("section", { className: "fh", "aria-label": "History" },
      make("div", { className: "fh-steps" }, undo, redo, all), row), box);
    const hand = handOut();
    let unstored = false;
    addEventListener("beforeunload", (event) => { if (unstored) event.preventDefault(); });
    undo.addEventListener("click", () => send(ctx, { go: "undo" }));
    redo.addEventListener("click", () => send(ctx, { go: "redo" }));
    all.addEventListener("click", () => box.showModal());
    document.addEventListener("keydown", (event) => {
      if (!(event.ctrlKey || event.metaKey) || typing(event)) return;
      const key = event.key.toLowerCase();
      const step = key === "y" || (key === "z" && event.shiftKey) ? redo : key === "z" ? undo : null;
      if (step && !step.disabled) { event.preventDefault(); step.click(); }
    });
    receive(ctx, (value) => {
      facet.isHistory(value);
      apply(value);
      hand(value.file);
      unstored = value.unstored;
      if (value.unfinished) send(ctx, { stored: true });  // once the result is seen, for its file
      if (value.trouble) offers.error(value.trouble);
      undo.disabled = !value.undo;
      redo.disabled = !value.redo;
      show(ctx.element.firstChild, value.entries.length > 0);
      row.replaceChildren(...value.entries.map((entry) => {
        const button = make("button", { type: "button", className: "fp-thumb", title: entry.title },
          make("img", { src: entry.thumb, alt: entry.title }));
        button.setAttribute("aria-label", `${entry.title}, picture ${entry.number}`);
        button.classList.toggle("ff-thumb", entry.film);
        button.classList.toggle("fh-pinned", entry.pinned);
        if (entry.number === value.current) button.setAttribute("aria-current", "true");
        button.addEventListener("click", () => go(entry));
        return button;
      }));
      const now = row.querySelector("[aria-current]");
      if (now) row.scrollLeft = now.offsetLeft - row.offsetLeft - row.clientWidth / 2;  // never scrolls the page
    });
  };
})();
