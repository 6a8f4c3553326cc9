/* Pictures of a comparison in full: one over the original, or all side by side; zoomed and moved together. */
(() => {
  "use strict";
  const { make, show } = window.facet;
  const MOST = 16;

  window.facet.large = () => {
    const button = (textContent, label, press) => {
      const made = make("button", { type: "button", className: "fp-upload", textContent, title: label, "aria-label": label });
      made.addEventListener("click", press);
      return made;
    };
    const title = make("h2");
    const range = make("input", { type: "range", min: 0, max: 100, value: 0 });
    const over = make("label", { className: "fl-over" }, "Original", range);
    const zoomed = make("button", { type: "button", className: "fp-upload fl-fit", title: "Fit (0)" });
    const all = make("button", { type: "button", className: "fp-upload", textContent: "Side by side", "aria-pressed": "false" });
    const turn = (by) => { now = (now + by + shown.length) % shown.length; draw(); };
    const back = button("‹", "The column before", () => turn(-1)), on = button("›", "The next column", () => turn(1));
    const view = make("div", { className: "fl-view", tabIndex: 0, role: "group",
      "aria-label": "Pictures. Plus and minus zoom, arrow keys move, 0 fits." });
    const box = make("dialog", { className: "fc-large", "aria-label": "Columns in full" }, make("div", { className: "fl-head" }, title,
      over, make("span", { className: "fl-zoom" }, button("−", "Zoom out", () => by(1 / 1.5)), zoomed, button("+", "Zoom in", () => by(1.5))),
      make("span", { className: "fl-turn" }, back, on), all, button("Close", "Close", () => box.close())), view);
    let shown = [], now = 0, original = "", zoom = { k: 1, x: 0, y: 0 };

    /* x and y are parts of a pane's side, so that panes of other sizes show the same place. */
    const settle = () => {
      zoom.x = Math.min(0, Math.max(1 - zoom.k, zoom.x)); zoom.y = Math.min(0, Math.max(1 - zoom.k, zoom.y));
      view.style.setProperty("--k", zoom.k);
      view.style.setProperty("--x", `${zoom.x * 100}%`); view.style.setProperty("--y", `${zoom.y * 100}%`);
      view.style.setProperty("--split", `${range.value}%`);
      zoomed.textContent = `${Math.round(zoom.k * 100)} %`;
      zoomed.setAttribute("aria-label", `Fit; zoom is ${zoomed.textContent}`);
    };
    const by = (factor, [x, y] = [0.5, 0.5]) => {
      const k = Math.max(1, Math.min(MOST, zoom.k * factor));
      zoom = { k, x: x - (x - zoom.x) * (k / zoom.k), y: y - (y - zoom.y) * (k / zoom.k) };
      settle();
    };
    const fit = () => { zoom = { k: 1, x: 0, y: 0 }; settle(); };
    const sideBySide = () => all.getAttribute("aria-pressed") === "true";
    const pane = ({ name, picture }, many) => make("figure", { className: "fl-pane" },
      make("div", { className: "fl-frame" }, make("div", { className: "fl-moved" },
        ...(original && picture !== original ? [make("img", { className: "fl-before", src: original, alt: "" })] : []),
        make("img", { className: "fl-after", src: picture, alt: name, draggable: false }))),
      ...(many ? [make("figcaption", { textContent: name })] : []));
    const draw = () => {
      const many = sideBySide() && shown.length > 1;
      const panes = many ? [...(original ? [{ name: "Original", picture: original }] : []), ...shown] : [shown[now]];
      title.textContent = many ? "Side by side" : shown[now].name;
      view.replaceChildren(...panes.map((each) => pane(each, many)));
      view.classList.toggle("fl-many", many);
      view.style.setProperty("--across", Math.min(panes.length, panes.length > 6 ? 4 : 3));
      show(back, !many && shown.length > 1); show(on, !many && shown.length > 1); show(all, shown.length > 1); show(over, !!original);
      settle();
    };
    all.addEventListener("click", () => { all.setAttribute("aria-pressed", !sideBySide()); draw(); });
    range.addEventListener("input", settle);
    range.setAttribute("aria-label", "How much of the original is shown");
    zoomed.addEventListener("click", fit);
    box.addEventListener("click", (event) => { if (event.target === box) box.close(); });
    view.addEventListener("keydown", (event) => {
      const step = 0.12, keys = { "+": () => by(1.25), "=": () => by(1.25), "-": () => by(0.8), 0: fit,
        ArrowLeft: () => { zoom.x += step; settle(); }, ArrowRight: () => { zoom.x -= step; settle(); },
        ArrowUp: () => { zoom.y += step; settle(); }, ArrowDown: () => { zoom.y -= step; settle(); } };
      if (!keys[event.key] || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      keys[event.key]();
    });
    const place = (event) => {
      const frame = event.target.closest?.(".fl-frame")?.getBoundingClientRect();
      return frame && [(event.clientX - frame.left) / frame.width, (event.clientY - frame.top) / frame.height, frame];
    };
    view.addEventListener("wheel", (event) => {
      const at = place(event);
      if (!at) return;
      event.preventDefault();
      by(1.0015 ** -event.deltaY, at);
    }, { passive: false });
    view.addEventListener("pointerdown", (event) => {
      const at = place(event);
      if (!at || event.button) return;
      const start = [event.clientX, event.clientY, zoom.x, zoom.y];
      const move = (next) => {
        zoom.x = start[2] + (next.clientX - start[0]) / at[2].width; zoom.y = start[3] + (next.clientY - start[1]) / at[2].height;
        settle();
      };
      view.setPointerCapture(event.pointerId);
      view.addEventListener("pointermove", move);
      const end = () => view.removeEventListener("pointermove", move);
      view.addEventListener("pointerup", end, { once: true }); view.addEventListener("pointercancel", end, { once: true });
    });
    return { box, open(pictures, index, before) {
      shown = pictures; now = Math.max(0, index); original = before || "";
      range.value = 0; zoom = { k: 1, x: 0, y: 0 };
      draw(); box.showModal(); view.focus();
    } };
  };
})();
