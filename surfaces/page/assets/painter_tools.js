/* The painter's toolbar and its parts. `desk` is the painter; see painter.js. */
window.facet.painterTools = (desk) => {
  "use strict";
  const { make, show } = window.facet;
  const { icon, button, group, range, zoom: zooming, bar: toolbar } = window.facet.toolbar(() => desk.focus());

  const sketch = desk.parts.length === 2;
  const brush = sketch ? `Brush: ${desk.parts[1].name}` : "Brush";
  const tools = [["brush", brush, "B"], ["fill", "Fill what hangs together", "F"], ["erase", "Eraser", "E"], ["pick", "Take the part under the pointer", "I, or Alt and a click"], ["hand", "Move the view", "H"]]
    .filter(([name]) => name !== "pick" || !sketch)
    .map(([name, label, keys]) => button(name, label, () => desk.choose(name), keys));
  const hand = tools.at(-1);
  const radius = range("Size of the brush", (value) => desk.resize(value / 100), { className: "fk-size lp-size", min: 0, max: 100, step: 1 });
  const undo = button("undo", "Undo a stroke", () => desk.undo(), "Ctrl+Z");
  const redo = button("redo", "Redo a stroke", () => desk.redo(), "Ctrl+Y");
  const large = button("large", "Paint large, beside the result", () => desk.enlarge(true));
  const close = button("close", "Back to the page", () => desk.enlarge(false), "Escape");
  const zoom = zooming((factor) => desk.zoomBy(factor), { title: "Fit", press: () => desk.fit() });
  zoom.element.classList.add("lp-zoom");
  const bar = toolbar("Tools to paint with", "lp-bar",
    group("Tools", ...tools), make("label", { className: "lp-sized", title: "Size of the brush ([ and ])" }, make("i", { "aria-hidden": "true" }), radius),
    make("span", { className: "fk-space" }), group("Undo strokes", undo, redo),
    zoom.element, large, close);

  /* ---- the parts --------------------------------------------------------------------------------------------------- */
  const keyOf = (at) => (at < 10 ? `${at}` : at < 20 ? `Shift+${at - 10}` : "");
  const chips = desk.parts.map(({ name, colour }, at) => {
    const made = make("button", { type: "button", className: "lp-part", title: keyOf(at) ? `${name} (${keyOf(at)})` : name },
      make("i", { style: `background:${colour}`, "aria-hidden": "true" }), make("span", { textContent: name }));
    made.dataset.part = at;
    made.addEventListener("click", (event) => { desk.part(at); if (event.detail) desk.focus(); });
    return made;
  });
  const parts = make("div", { className: "lp-parts", role: "group", "aria-label": "Parts" }, ...chips);
  parts.classList.toggle("lp-many", chips.length > 6);
  show(parts, !sketch);

  const onion = range("How much the labels cover the picture", (value) => desk.cover(value / 100), { className: "lp-onion", min: 0, max: 100, step: 1 });
  const cover = make("label", { className: "lp-cover" }, icon("cover"), onion);
  cover.title = "How much the labels cover the picture";

  return {
    bar, parts, cover,
    update() {
      tools.forEach((one) => one.setAttribute("aria-pressed", one.dataset.name === desk.tool));
      chips.forEach((one, at) => one.setAttribute("aria-pressed", at === desk.chosen));
      undo.disabled = !desk.map.canUndo; redo.disabled = !desk.map.canRedo;
      radius.value = Math.round(desk.sized * 100);
      onion.value = Math.round(desk.covered * 100);
      zoom.show(desk.zoom.k, "canvas");
      show(hand, desk.zoom.k > 1);
      zoom.element.classList.toggle("lp-zoomed", desk.zoom.k > 1);
      show(large, !desk.large); show(close, desk.large);
      show(cover, desk.seen);
    },
  };
};
