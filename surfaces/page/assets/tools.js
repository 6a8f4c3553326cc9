/* The canvas's toolbar: what the pointer does, what can be done to the chosen pair or to the mask, undo, zoom. */
window.facet.tools = (board) => {
  "use strict";
  const { make, show, marks } = window.facet;
  const { button, group, range, zoom: zooming, bar: toolbar } = window.facet.toolbar(() => board.svg.focus({ preventScroll: true }));

  const kinds = [["points", "Points", "P"], ["brush", "Brush: may change", "B"], ["erase", "Eraser", "E"], ["hand", "Move the view", "H"]]
    .map(([name, label, key]) => button(name, label, () => board.choose(name), key));
  const remove = button("remove", "Delete the pair", () => board.remove(), "Delete");
  const swap = button("swap", "Swap handle and target, to drag back", () => board.swap());
  const mirror = button("mirror", "Add the mirrored pairs", () => board.mirror());
  const ofPairs = group("Pairs", swap, mirror, remove);
  const radius = range("Size of the brush", (value) => board.resize(value / 100), { className: "fk-size", min: 0, max: 100, step: 1 });
  const ofMask = group("Mask", radius, button("invert", "Swap what may change and what may not", () => board.invert()),
    button("clear", "Clear the mask", () => board.unpaint()));
  const undo = button("undo", "Undo a mark", () => board.undo(), "Ctrl+Z");
  const redo = button("redo", "Redo a mark", () => board.redo(), "Ctrl+Shift+Z");
  const zoom = zooming((factor) => board.zoomBy(factor), { title: "Fit (0)", press: () => board.fit() });
  const compare = make("button", { type: "button", className: "fk-tool fk-compare", textContent: "Compare", title: "Before and after" });
  compare.addEventListener("click", () => board.compare(!board.comparing));

  const bar = toolbar("Marks on the picture", "",
    group("Tools", ...kinds), ofPairs, ofMask, make("span", { className: "fk-space" }), group("Undo marks", undo, redo), zoom.element, compare);

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
      zoom.show(board.zoom.k, "picture");
      show(compare, board.comparable);
      compare.setAttribute("aria-pressed", board.comparing);
      bar.classList.toggle("fk-looking", board.comparing);
    },
  };
};
