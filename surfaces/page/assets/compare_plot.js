/* Quality against time: a dot for each column, drawn here as SVG, and the same as a table. */
(() => {
  "use strict";
  const { make, show } = window.facet;
  const HIGH = 300, LEFT = 62, RIGHT = 18, TOP = 18, BOTTOM = 46;

  const svg = (tag, props = {}, text = "") => {
    const node = document.createElementNS("http://www.w3.org/2000/svg", tag);
    for (const [name, value] of Object.entries(props)) node.setAttribute(name, value);
    node.textContent = text;
    return node;
  };
  /* Round steps between two numbers, about four of them. */
  const ticks = (low, high) => {
    const rough = (high - low) / 4, power = 10 ** Math.floor(Math.log10(rough));
    const step = [1, 2, 5, 10].map((each) => each * power).find((each) => each >= rough);
    const found = [];
    for (let at = Math.ceil(low / step) * step; at <= high + step * 1e-6; at += step) found.push(+at.toPrecision(6));
    return found;
  };
  /* The range of some numbers with room at both ends. */
  const around = (values, floor = -Infinity) => {
    const low = Math.min(...values), high = Math.max(...values), room = (high - low) * 0.12 || Math.abs(high) * 0.1 || 1;
    return [Math.max(floor, low - room), high + room];
  };
  const said = (value) => String(+value.toPrecision(4));

  window.facet.plot = () => {
    const which = make("select");
    const label = make("label", {}, "Plot against time: ", which);
    const better = make("span", { className: "fc-better" });
    const picture = make("div", { className: "fg-picture" });
    const body = make("tbody"), caption = make("caption");
    const head = make("th", { scope: "col" });
    const table = make("table", { className: "fg-table" }, caption, make("thead", {}, make("tr", {},
      ...["No.", "Column", "Seconds"].map((textContent) => make("th", { scope: "col", textContent })), head)), body);
    const root = make("section", { className: "fg", "aria-label": "Quality against time" },
      make("div", { className: "fg-head" }, label, better), make("div", { className: "fg-both" }, picture,
        make("div", { className: "fg-scroll", tabIndex: 0, role: "group", "aria-label": "The same as a table" }, table)));
    let columns = [], metrics = [], wide = 0;

    const draw = () => {
      const metric = metrics.find(({ id }) => id === which.value) || metrics[0];
      const dots = columns.map((column, index) => ({ number: index + 1, name: [column.title, column.variant].filter(Boolean).join(", "),
        time: column.time, cell: column.measures[metric?.id] })).filter(({ time, cell }) => time !== null && cell);
      show(root, dots.length > 1);
      if (dots.length < 2) return;
      const WIDE = Math.max(300, Math.min(640, picture.clientWidth || 640));  // its words stay as large on a phone
      const title = metric.title + (metric.unit ? ` (${metric.unit})` : "");
      better.textContent = metric.better === "higher" ? "↑ higher is better" : "↓ lower is better";
      const [x0, x1] = around(dots.map(({ time }) => time), 0), [y0, y1] = around(dots.map(({ cell }) => cell.value));
      const x = (value) => LEFT + (WIDE - LEFT - RIGHT) * (value - x0) / (x1 - x0);
      const y = (value) => HIGH - BOTTOM - (HIGH - TOP - BOTTOM) * (value - y0) / (y1 - y0);
      const drawn = svg("svg", { viewBox: `0 0 ${WIDE} ${HIGH}`, role: "img", "aria-label": `${title} against seconds, ${dots.length} columns; the table has the numbers` });
      for (const at of ticks(y0, y1)) drawn.append(svg("line", { class: "fg-line", x1: LEFT, x2: WIDE - RIGHT, y1: y(at), y2: y(at) }),
        svg("text", { class: "fg-tick", x: LEFT - 8, y: y(at) + 4, "text-anchor": "end" }, said(at)));
      for (const at of ticks(x0, x1)) drawn.append(svg("line", { class: "fg-line", x1: x(at), x2: x(at), y1: TOP, y2: HIGH - BOTTOM }),
        svg("text", { class: "fg-tick", x: x(at), y: HIGH - BOTTOM + 18, "text-anchor": "middle" }, said(at)));
      drawn.append(svg("text", { class: "fg-name", x: (LEFT + WIDE - RIGHT) / 2, y: HIGH - 8, "text-anchor": "middle" }, "seconds, less is better"));
      for (const dot of dots) {
        const group = svg("g", { class: dot.cell.best ? "fg-dot fg-best" : "fg-dot", transform: `translate(${x(dot.time)} ${y(dot.cell.value)})` });
        group.append(svg("title", {}, `${dot.number} ${dot.name}`), svg("circle", { r: 11 }), svg("text", { y: 4, "text-anchor": "middle" }, dot.number));
        drawn.append(group);
      }
      picture.replaceChildren(drawn);
      caption.textContent = `${title} and seconds of each column`;
      head.textContent = title;
      body.replaceChildren(...dots.map(({ number, name, time, cell }) => make("tr", {}, make("td", { textContent: number }),
        make("th", { scope: "row", textContent: name }), make("td", { textContent: said(time) }), make("td", { textContent: cell.text }))));
    };
    which.addEventListener("change", draw);
    new ResizeObserver(() => { if (picture.clientWidth !== wide) { wide = picture.clientWidth; draw(); } }).observe(picture);
    return { root, update(nextColumns, nextMetrics) {
      [columns, metrics] = [nextColumns, nextMetrics];
      const old = which.value;
      which.replaceChildren(...metrics.map(({ id, title }) => make("option", { value: id, textContent: title })));
      if (metrics.some(({ id }) => id === old)) which.value = old;
      draw();
    } };
  };
})();
