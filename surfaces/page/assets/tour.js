/* A tour of half a minute, offered on the empty stage, and the list of shortcuts. Both can be left at any moment. */
(() => {
  "use strict";
  const { make } = window.facet;

  const STOPS = [
    ["#facet-stage .fs-view", "The picture", "Drop a photograph here, paste one, or take one that comes along. Points and masks are drawn right on it."],
    ["#facet-rail .fr", "The editors", "Each changes the picture in its own way. Those that drag or change faces work on portraits a generator drew; a photograph can be brought in."],
    ["#facet-right .ft-examples, #facet-right .ft-title", "Examples", "One press brings a picture with settings, and runs them."],
    ["#facet-right .ft-buttons", "Run", "The result comes as it is made, and can be stopped with the best so far. Run again begins from the same picture."],
    ["#facet-below", "The history", "Every picture is kept here. Undo goes back, a press opens one with its settings, and the PNG you download carries them too."],
  ];
  const SECONDS = 6;

  facet.tour = () => {
    const ring = make("div", { className: "fe-ring" });
    const title = make("strong"), words = make("p"), count = make("span", { className: "fe-count" });
    const skip = make("button", { type: "button", className: "fp-upload", textContent: "Skip" });
    const next = make("button", { type: "button", className: "fp-upload fe-next", textContent: "Next" });
    const card = make("div", { className: "fe-tour facet-widget", role: "dialog", "aria-label": "Tour" }, title, words, make("div", { className: "fe-tour-foot" }, count, skip, next));
    const before = document.activeElement;
    let at = -1, timer = 0;
    const end = () => { clearTimeout(timer); ring.remove(); card.remove(); removeEventListener("keydown", keys, true); removeEventListener("resize", lay); before?.focus?.(); };
    const target = () => [...document.querySelectorAll(STOPS[at][0])].find((node) => node.offsetParent && node.getBoundingClientRect().height > 4);
    const lay = () => {
      const node = target();
      if (!node) return;
      const box = node.getBoundingClientRect();
      const top = Math.max(8, box.top), high = Math.min(innerHeight - 8, box.bottom) - top;
      Object.assign(ring.style, { left: `${Math.max(4, box.left - 6)}px`, top: `${top - 6}px`, width: `${Math.min(innerWidth - 8, box.width + 12)}px`, height: `${Math.max(20, high + 12)}px` });
      const own = card.getBoundingClientRect(), room = (left, up) => [Math.max(12, Math.min(innerWidth - own.width - 12, left)), Math.max(12, Math.min(innerHeight - own.height - 12, up))];
      const [x, y] = innerHeight - box.bottom > own.height + 24 ? room(box.left, box.bottom + 16)
        : box.top > own.height + 24 ? room(box.left, box.top - own.height - 16)
        : box.right + own.width + 28 < innerWidth ? room(box.right + 16, box.top + 24) : room(box.left + 24, box.top + 24);
      Object.assign(card.style, { left: `${x}px`, top: `${y}px` });
    };
    const go = () => {
      clearTimeout(timer);
      at += 1;
      while (at < STOPS.length && !target()) at += 1;
      if (at >= STOPS.length) { end(); return; }
      [title.textContent, words.textContent] = STOPS[at].slice(1);
      count.textContent = `${at + 1} of ${STOPS.length}`;
      next.textContent = at + 1 === STOPS.length ? "Done" : "Next";
      const box = target().getBoundingClientRect();
      if (box.top > innerHeight - 60 || box.bottom < 60) target().scrollIntoView({ block: "center" });
      lay();
      timer = setTimeout(go, SECONDS * 1000);
    };
    const keys = (event) => {
      if (event.key === "Escape") { event.preventDefault(); event.stopPropagation(); end(); }
      if (event.key === "ArrowRight") { event.preventDefault(); event.stopPropagation(); go(); }
    };
    document.querySelector(".fe-tour")?.remove();
    card.addEventListener("pointerenter", () => clearTimeout(timer));  // who reads slowly is not hurried
    card.addEventListener("focusin", () => clearTimeout(timer));
    skip.addEventListener("click", end);
    next.addEventListener("click", go);
    addEventListener("keydown", keys, true);
    addEventListener("resize", lay);
    document.body.append(ring, card);
    go();
  };

  const KEYS = [
    ["Ctrl + Enter", "Run the editor that is open"],
    ["Ctrl + Z", "Undo: back to the picture before"],
    ["Ctrl + Y", "Redo"],
    ["Ctrl + V", "Paste a picture"],
    ["?", "This list"],
    ["P, B, E, H", "Points, brush, eraser, hand"],
    ["N", "A new pair of points, for the keyboard"],
    ["+, −, 0", "Picture larger, smaller, fitted"],
    ["Arrow keys", "Move a point; with Shift by ten pixels"],
    ["Delete", "Take a point pair away"],
  ];
  const help = () => {
    const close = make("button", { type: "button", className: "fp-upload", textContent: "Close" });
    const rows = KEYS.map(([key, what]) => make("div", {}, make("dt", {}, make("kbd", { textContent: key })), make("dd", { textContent: what })));
    const box = make("dialog", { className: "fx fe-keys facet-widget" }, make("div", { className: "fx-head" }, make("h2", { textContent: "Shortcuts" }), close), make("dl", {}, ...rows));
    box.setAttribute("aria-label", "Shortcuts");
    close.addEventListener("click", () => box.close());
    box.addEventListener("click", (event) => { if (event.target === box) box.close(); });
    box.addEventListener("close", () => box.remove());
    document.body.append(box);
    box.showModal();
  };
  facet.help = help;

  const typing = (node) => node?.closest?.("input:not([type=range], [type=checkbox], [type=radio]), textarea, select, [contenteditable]");
  const seen = (selector) => [...document.querySelectorAll(selector)].find((node) => node.offsetParent);
  document.addEventListener("click", (event) => { if (event.target.closest?.("#facet-keys")) help(); });
  document.addEventListener("keydown", (event) => {
    if (document.querySelector("dialog[open]")) return;
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {  // also while something is typed: it is no letter
      const run = seen("#facet-right .ft-run:not(.ft-top), .ft-compare .ft-run");
      if (run && !document.body.classList.contains("facet-running")) { event.preventDefault(); document.activeElement?.blur?.(); setTimeout(() => run.click(), 120); }
      return;
    }
    if (typing(event.target) || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "?") { event.preventDefault(); help(); }
  });
})();
