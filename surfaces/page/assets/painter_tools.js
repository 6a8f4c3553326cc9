/* The painter's toolbar and its parts. `desk` is the painter; see painter.js. */
window.facet.painterTools = (desk) => {
  "use strict";
  const { make, show } = window.facet;
  const ICONS = {  // 20 × 20, drawn in lines
    brush: "M11.6 11.2 16.6 4.4a1 1 0 0 0-1.5-1.3L9 9.2M9 9.2c1.6.2 2.5 1.1 2.6 2M9 9.2c-2 .1-3.1 1.2-3.3 3.2-.1 1.600-.8 2.700-2.200 3.200 3.900 1.200 7.900-.3 8.100-4.400",
    fill: "M9.200 3.200l6.300 6.300-5.600 5.600a1.300 1.300 0 0 1-1.900 0l-4-4a1.300 1.300 0 0 1 0-1.900ZM3.800 10h11.200M7.500 1.800l2.600 2.600M16.900 13.200c.8 1.200 1.200 1.900 1.200 2.500a1.200 1.200 0 0 1-2.400 0c0-.6.4-1.300 1.200-2.500Z",
    erase: "M8.300 16.300H16M4.200 12.800l7.900-8.200a1.300 1.300 0 0 1 1.900 0l2.500 2.500a1.300 1.300 0 0 1 0 1.900l-7.200 7.300H7.200l-3-1.600a1.300 1.300 0 0 1 0-1.900ZM8 8.900l4.300 4.300",
    pick: "M11.200 6.300l2.700-2.700a1.600 1.600 0 0 1 2.500 2.500l-2.700 2.700M9.800 5l5.200 5.200M11.800 7.900l-6.600 6.600-1.700 2 2-1.700 6.600-6.600",
    hand: "M10 3v14M3 10h14M10 3 8 5M10 3l2 2M10 17l-2-2M10 17l2-2M3 10l2-2M3 10l2 2M17 10l-2-2M17 10l-2 2",
    undo: "M7.500 4 4 7.500 7.500 11M4.500 7.500H12a4 4 0 0 1 0 8H8", redo: "M12.500 4 16 7.500 12.500 11M15.500 7.500H8a4 4 0 0 0 0 8h4",
    cover: "M10 3.500 17 7.500l-7 4-7-4ZM3 11l7 4 7-4", out: "M5 10h10", in: "M5 10h10M10 5v10", large: "M12 3.500h4.500V8M8 16.500H3.500V12M16.500 3.500l-5.500 5.500M3.500 16.500 9 11", close: "M5.500 5.500l9 9M14.500 5.500l-9 9",
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
    made.addEventListener("click", (event) => { press(); if (event.detail) desk.focus(); });  // the canvas has the keys again
    return made;
  };
  const group = (label, ...inside) => make("div", { className: "fk-group", role: "group", "aria-label": label }, ...inside);
  const range = (label, moved, how) => {
    const made = make("input", { type: "range", ...how });
    made.setAttribute("aria-label", label);
    made.addEventListener("input", () => moved(+made.value));
    return made;
  };

  const sketch = desk.parts.length === 2;
  const brush = sketch ? `Brush: ${desk.parts[1].name}` : "Brush";
  const tools = [["brush", brush, "B"], ["fill", "Fill what hangs together", "F"], ["erase", "Eraser", "E"], ["pick", "Take the part under the pointer", "I, or Alt and a click"], ["hand", "Move the view", "H"]]
    .filter(([name]) => name !== "pick" || !sketch)
    .map(([name, label, keys]) => button(name, label, () => desk.choose(name), keys));
  const hand = tools.at(-1);
  const radius = range("Size of the brush", (value) => desk.resize(value / 100), { className: "fk-size lp-size", min: 0, max: 100, step: 1 });
  const undo = button("undo", "Undo a stroke", () => desk.undo(), "Ctrl+Z");
  const redo = button("redo", "Redo a stroke", () => desk.redo(), "Ctrl+Y");
  const fit = make("button", { type: "button", className: "fk-tool fk-fit", title: "Fit" });
  fit.addEventListener("click", () => desk.fit());
  const large = button("large", "Paint large, beside the result", () => desk.enlarge(true));
  const close = button("close", "Back to the page", () => desk.enlarge(false), "Escape");
  const zoom = group("Zoom", button("out", "Zoom out", () => desk.zoomBy(1 / 1.5), "−"), fit, button("in", "Zoom in", () => desk.zoomBy(1.5), "+"));
  zoom.classList.add("lp-zoom");
  const bar = make("div", { className: "fk-bar lp-bar", role: "toolbar", "aria-label": "Tools to paint with" },
    group("Tools", ...tools), make("label", { className: "lp-sized", title: "Size of the brush ([ and ])" }, make("i", { "aria-hidden": "true" }), radius),
    make("span", { className: "fk-space" }), group("Undo strokes", undo, redo),
    zoom, large, close);
  bar.addEventListener("keydown", (event) => {
    if (!["ArrowLeft", "ArrowRight"].includes(event.key) || event.target === radius) return;
    const all = [...bar.querySelectorAll("button")].filter((one) => one.offsetParent && !one.disabled);
    const next = all.indexOf(event.target) + (event.key === "ArrowRight" ? 1 : -1);
    all[(next + all.length) % all.length]?.focus();
    event.preventDefault();
  });

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
      fit.textContent = `${Math.round(desk.zoom.k * 100)} %`;
      fit.setAttribute("aria-label", `Fit the canvas; zoom is ${fit.textContent}`);
      show(hand, desk.zoom.k > 1);
      zoom.classList.toggle("lp-zoomed", desk.zoom.k > 1);
      show(large, !desk.large); show(close, desk.large);
      show(cover, desk.seen);
    },
  };
};
