/* What the toolbars of the canvas and of the painter are made of. `focus` gives the keys back to what is drawn on. */
window.facet.toolbar = (focus) => {
  "use strict";
  const { make } = window.facet;
  const ICONS = {  // 20 × 20, drawn in lines
    points: "M5 15 L13.2 6.8 M8.8 6 H14 V11.2",
    brush: "M11.6 11.2 16.6 4.4a1 1 0 0 0-1.5-1.3L9 9.2M9 9.2c1.6.2 2.5 1.1 2.6 2M9 9.2c-2 .1-3.1 1.2-3.3 3.2-.1 1.600-.8 2.700-2.200 3.200 3.900 1.200 7.900-.3 8.100-4.400",
    erase: "M8.300 16.300H16M4.200 12.800l7.900-8.200a1.300 1.300 0 0 1 1.900 0l2.500 2.500a1.300 1.300 0 0 1 0 1.900l-7.200 7.300H7.200l-3-1.600a1.300 1.300 0 0 1 0-1.900ZM8 8.900l4.300 4.300",
    hand: "M10 3v14M3 10h14M10 3 8 5M10 3l2 2M10 17l-2-2M10 17l2-2M3 10l2-2M3 10l2 2M17 10l-2-2M17 10l-2 2",
    swap: "M4 7.500h11M12 4.500l3 3-3 3M16 12.500H5M8 15.500l-3-3 3-3",
    mirror: "M10 3v14M7 6 3 14h4ZM13 6l4 8h-4Z",
    remove: "M4.500 6h11M8 6V4h4v2M6 6l.7 10h6.600L14 6M8.600 9v4.500M11.400 9v4.500",
    clear: "M5.500 5.500l9 9M14.500 5.500l-9 9",
    invert: "M10 3.500a6.500 6.500 0 1 0 0 13ZM10 3.500a6.500 6.500 0 0 1 0 13",
    undo: "M7.500 4 4 7.500 7.500 11M4.500 7.500H12a4 4 0 0 1 0 8H8",
    redo: "M12.500 4 16 7.500 12.500 11M15.500 7.500H8a4 4 0 0 0 0 8h4",
    out: "M5 10h10",
    in: "M5 10h10M10 5v10",
    fill: "M9.200 3.200l6.300 6.300-5.600 5.600a1.300 1.300 0 0 1-1.900 0l-4-4a1.300 1.300 0 0 1 0-1.900ZM3.800 10h11.200M7.500 1.800l2.600 2.600M16.900 13.200c.8 1.200 1.200 1.900 1.200 2.500a1.200 1.200 0 0 1-2.400 0c0-.6.4-1.300 1.200-2.500Z",
    pick: "M11.200 6.300l2.700-2.700a1.600 1.600 0 0 1 2.500 2.500l-2.700 2.700M9.800 5l5.200 5.200M11.800 7.900l-6.600 6.600-1.700 2 2-1.700 6.600-6.600",
    cover: "M10 3.500 17 7.500l-7 4-7-4ZM3 11l7 4 7-4",
    large: "M12 3.500h4.500V8M8 16.500H3.500V12M16.500 3.500l-5.500 5.500M3.500 16.500 9 11",
    close: "M5.500 5.500l9 9M14.500 5.500l-9 9",
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
    made.addEventListener("click", (event) => { press(); if (event.detail) focus(); });  // only where a pointer pressed it
    return made;
  };
  const group = (label, ...inside) => make("div", { className: "fk-group", role: "group", "aria-label": label }, ...inside);
  const range = (label, moved, how) => {
    const made = make("input", { type: "range", ...how });
    made.setAttribute("aria-label", label);
    made.addEventListener("input", () => moved(+made.value));
    return made;
  };
  const zoom = (by, fit) => {
    const whole = make("button", { type: "button", className: "fk-tool fk-fit", title: fit.title });
    whole.addEventListener("click", fit.press);
    const element = group("Zoom", button("out", "Zoom out", () => by(1 / 1.5), "−"), whole, button("in", "Zoom in", () => by(1.5), "+"));
    return { element, show(k, what) {
      whole.textContent = `${Math.round(k * 100)} %`;
      whole.setAttribute("aria-label", `Fit the ${what}; zoom is ${whole.textContent}`);
    } };
  };
  /* One tab stop after another by the arrow keys, except within a slider. */
  const bar = (label, className, ...inside) => {
    const made = make("div", { className: `fk-bar ${className}`.trim(), role: "toolbar", "aria-label": label }, ...inside);
    made.addEventListener("keydown", (event) => {
      if (!["ArrowLeft", "ArrowRight"].includes(event.key) || event.target.type === "range") return;
      const all = [...made.querySelectorAll("button")].filter((one) => one.offsetParent && !one.disabled);
      const next = all.indexOf(event.target) + (event.key === "ArrowRight" ? 1 : -1);
      all[(next + all.length) % all.length]?.focus();
      event.preventDefault();
    });
    return made;
  };
  return { icon, button, group, range, zoom, bar };
};
