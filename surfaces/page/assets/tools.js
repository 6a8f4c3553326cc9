/* The canvas's toolbar: what the pointer does, what can be done to the chosen pair or to the mask, undo, zoom. */
window.facet.tools = (board) => {
  "use strict";
  const { make, show, marks } = window.facet;
  const ICONS = {  // 20 × 20, drawn in lines
    points: "M5 15 L13.2 6.8 M8.8 6 H14 V11.2", brush: "M11.6 11.2 16.6 4.4a1 1 0 0 0-1.5-1.3L9 9.2M9 9.2c1.6.2 2.5 1.1 2.6 2M9 9.2c-2 .1-3.1 1.2-3.3 3.2-.1 1.600-.8 2.700-2.200 3.200 3.900 1.200 7.900-.3 8.100-4.400",
    erase: "M8.300 16.300H16M4.200 12.800l7.900-8.200a1.300 1.300 0 0 1 1.900 0l2.500 2.500a1.300 1.300 0 0 1 0 1.900l-7.200 7.300H7.200l-3-1.600a1.300 1.300 0 0 1 0-1.900ZM8 8.900l4.300 4.300",
    hand: "M10 3v14M3 10h14M10 3 8 5M10 3l2 2M10 17l-2-2M10 17l2-2M3 10l2-2M3 10l2 2M17 10l-2-2M17 10l-2 2",
    swap: "M4 7.500h11M12 4.500l3 3-3 3M16 12.500H5M8 15.500l-3-3 3-3", mirror: "M10 3v14M7 6 3 14h4ZM13 6l4 8h-4Z",
    remove: "M4.500 6h11M8 6V4h4v2M6 6l.7 10h6.600L14 6M8.600 9v4.500M11.400 9v4.500", clear: "M5.500 5.500l9 9M14.500 5.500l-9 9",
    invert: "M10 3.500a6.500 6.500 0 1 0 0 13ZM10 3.500a6.500 6.500 0 0 1 0 13",
    undo: "M7.500 4 4 7.500 7.500 11M4.500 7.500H12a4 4 0 0 1 0 8H8", redo: "M12.500 4 16 7.500 12.500 11M15.500 7.500H8a4 4 0 0 0 0 8h4",
    out: "M5 10h10", in: "M5 10h10M10 5v10",
  };
  const icon = (name) => {
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
    svg.setAttribute("viewBox", "0 0 20 20");
    svg.setAttribute("aria-hidden", "true");
    path.setAttribute("d", ICONS[name]);
    svg.append(path);
    return svg;
  };
  const button = (name, label, press, keys = "") => {
    const made = make("button", { type: "button", className: "fk-tool", title: keys ? `${label} (${keys})` : label, "aria-label": label }, icon(name));
    made.dataset.name = name;
    made.addEventListener("click", (event) => {
      press();
      if (event.detail) board.svg.focus({ preventScroll: true });  // a pointer pressed it: the canvas has the keys again
    });
    return made;
  };
  const group = (label, ...inside) => make("div", { className: "fk-group", role: "group", "aria-label": label }, ...inside);

  const kinds = [["points", "Points", "P"], ["brush", "Brush: may change", "B"], ["erase", "Eraser", "E"], ["hand", "Move the view", "H"]]
    .map(([name, label, key]) => button(name, label, () => board.choose(name), key));
  const remove = button("remove", "Delete the pair", () => board.remove(), "Delete");
  const swap = button("swap", "Swap handle and target, to drag back", () => board.swap());
  const mirror = button("mirror", "Add the mirrored pairs", () => board.mirror());
  const ofPairs = group("Pairs", swap, mirror, remove);
  const radius = make("input", { type: "range", className: "fk-size", min: 0, max: 100, step: 1 });
  radius.setAttribute("aria-label", "Size of the brush");
  radius.addEventListener("input", () => board.resize(+radius.value / 100));
  const ofMask = group("Mask", radius, button("invert", "Swap what may change and what may not", () => board.invert()),
    button("clear", "Clear the mask", () => board.unpaint()));
  const undo = button("undo", "Undo a mark", () => board.undo(), "Ctrl+Z");
  const redo = button("redo", "Redo a mark", () => board.redo(), "Ctrl+Shift+Z");
  const fit = make("button", { type: "button", className: "fk-tool fk-fit", title: "Fit (0)" });
  fit.addEventListener("click", () => board.fit());
  const zoom = group("Zoom", button("out", "Zoom out", () => board.zoomBy(1 / 1.5), "−"), fit, button("in", "Zoom in", () => board.zoomBy(1.5), "+"));
  const compare = make("button", { type: "button", className: "fk-tool fk-compare", textContent: "Compare", title: "Before and after" });
  compare.addEventListener("click", () => board.compare(!board.comparing));

  const bar = make("div", { className: "fk-bar", role: "toolbar", "aria-label": "Marks on the picture" },
    group("Tools", ...kinds), ofPairs, ofMask, make("span", { className: "fk-space" }), group("Undo marks", undo, redo), zoom, compare);
  bar.addEventListener("keydown", (event) => {
    if (!["ArrowLeft", "ArrowRight"].includes(event.key) || event.target === radius) return;
    const all = [...bar.querySelectorAll("button")].filter((one) => one.offsetParent && !one.disabled);
    const next = all.indexOf(event.target) + (event.key === "ArrowRight" ? 1 : -1);
    all[(next + all.length) % all.length]?.focus();
    event.preventDefault();
  });

  return {
    element: bar,
    update(offer) {
      const painting = board.tool === "brush" || board.tool === "erase";
      kinds.forEach((one) => {
        const { name } = one.dataset;
        one.setAttribute("aria-pressed", name === board.tool);
        show(one, name === "hand" || (name === "points" ? !!offer.points : offer.paint));
      });
      show(ofPairs, !!offer.points && !painting); show(ofMask, offer.paint && painting);
      remove.disabled = board.selected === null;
      swap.disabled = mirror.disabled = !marks.pairs.length;
      undo.disabled = !marks.canUndo && !board.pending;
      redo.disabled = !marks.canRedo;
      radius.value = Math.round(board.sized * 100);
      fit.textContent = `${Math.round(board.zoom.k * 100)} %`;
      fit.setAttribute("aria-label", `Fit the picture; zoom is ${fit.textContent}`);
      show(compare, board.comparable);
      compare.setAttribute("aria-pressed", board.comparing);
      bar.classList.toggle("fk-looking", board.comparing);
    },
  };
};
