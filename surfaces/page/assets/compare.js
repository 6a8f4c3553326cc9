/* The comparison's columns and the add-ons' table. */
(() => {
  "use strict";
  const { make, show, send, receive, painter } = window.facet;
  const states = { waiting: "waiting", running: "running", done: "", stopped: "stopped", failed: "failed" };

  const card = (ctx, index) => {
    const image = make("img", { alt: "" });
    const title = make("h3");
    const state = make("span", { className: "fc-state" });
    const note = make("p", { className: "fc-note" });
    const bar = make("div", { className: "fs-progress", role: "progressbar", "aria-label": "Progress",
      "aria-valuemin": 0, "aria-valuemax": 100 }, make("i"));
    const use = make("button", { type: "button", className: "fc-use", textContent: "Use this picture" });
    use.addEventListener("click", () => send(ctx, { use: index }));
    const root = make("article", { className: "fc-card" }, make("header", {}, title, state),
      make("div", { className: "fc-picture" }, image), bar, note, use);
    const paint = painter(image, () => root.classList.add("fc-drawn"));
    let painted = "";
    return {
      root,
      update(column) {
        title.textContent = column.title;
        state.textContent = column.seconds || states[column.state];
        root.dataset.state = column.state;
        note.textContent = column.error || column.note;
        note.classList.toggle("fc-error", !!column.error);
        show(note, !!note.textContent); show(bar, column.state === "running"); show(use, column.usable);
        bar.firstChild.style.transform = `scaleX(${column.done})`;
        bar.setAttribute("aria-valuenow", Math.round(column.done * 100));
        image.alt = column.usable ? `${column.title}: the result` : "";
        if (column.picture && column.picture !== painted) { painted = column.picture; paint(column.picture); }
        if (!column.picture) { image.removeAttribute("src"); root.classList.remove("fc-drawn"); painted = ""; }
      },
    };
  };

  const table = (columns, metrics) => {
    const head = make("tr", {}, make("th", { scope: "col", textContent: "Measured" }),
      ...columns.map((column) => make("th", { scope: "col", textContent: column.title })));
    const rows = metrics.map((metric) => make("tr", {},
      make("th", { scope: "row", title: metric.doc }, metric.title,
        make("small", { textContent: [metric.unit, `${metric.better} is better`].filter(Boolean).join(", ") })),
      ...columns.map((column) => {
        const cell = column.measures[metric.id];
        const td = make("td", { textContent: cell ? cell.text : "–" });
        if (cell?.home) td.append(make("sup", { textContent: "⌂", title: "This method optimised this very number." }));
        if (cell?.best) { td.className = "fc-best"; td.append(make("span", { className: "fc-sr", textContent: " (best)" })); }
        return td;
      })));
    return make("table", { className: "fc-table" }, make("thead", {}, head), make("tbody", {}, ...rows));
  };

  window.facet.columns = (ctx) => {
    const grid = make("div", { className: "fc-grid" });
    const measured = make("div", { className: "fc-measured" });
    const legend = make("p", { className: "fc-legend",
      textContent: "Bold: best of the row. ⌂: the method optimised this very number, so it says little here." });
    const error = make("p", { className: "fs-error", role: "alert" });
    const stop = make("button", { type: "button", className: "fs-stop", textContent: "Stop" });
    stop.addEventListener("click", () => { stop.disabled = true; stop.textContent = "Stopping…"; ctx.trigger("stop", {}); });
    const foot = make("div", { className: "fs-foot" }, make("span", { className: "fs-note", "aria-live": "polite" }),
      make("span", { className: "fs-space" }), stop);
    ctx.element.replaceChildren(make("section", { className: "fc", "aria-label": "Comparison" },
      error, foot, grid, measured, legend));
    const empty = make("p", { className: "fc-empty", textContent: "Tick the methods and press Compare. Each gets a column here." });
    ctx.element.firstChild.insertBefore(empty, grid);
    let cards = [];
    receive(ctx, (value) => {
      error.textContent = value.error || "";
      show(error, !!value.error);
      document.body.classList.toggle("facet-running", !!value.running);
      ctx.element.firstChild.setAttribute("aria-busy", !!value.running);
      show(stop, value.running); show(foot, value.running || !!value.note);
      if (!value.running) { stop.disabled = false; stop.textContent = "Stop"; }
      foot.firstChild.textContent = value.note || "";
      const columns = value.columns || [];
      show(empty, !columns.length);
      if (cards.length !== columns.length) {
        cards = columns.map((_, index) => card(ctx, index));
        grid.replaceChildren(...cards.map((one) => one.root));
      }
      columns.forEach((column, index) => cards[index].update(column));
      const any = (value.metrics || []).length > 0;
      measured.replaceChildren(...(any ? [table(columns, value.metrics)] : []));
      show(measured, any);
      show(legend, any);
    });
  };

  window.facet.addons = (ctx) => {
    const body = make("tbody");
    const summary = make("p", { className: "fa-summary" });
    ctx.element.replaceChildren(make("section", { className: "fa", "aria-label": "Add-ons" }, summary,
      make("div", { className: "fa-scroll" }, make("table", { className: "fa-table" },
        make("thead", {}, make("tr", {}, ...["Add-on", "State", "Editors", "Load time"].map((text) =>
          make("th", { scope: "col", textContent: text })))), body))));
    receive(ctx, ({ rows }) => {
      const refused = rows.filter((row) => !row.loaded).length;
      summary.textContent = `${rows.length - refused} loaded` + (refused ? `, ${refused} refused. What was refused hurts nothing else.` : ".");
      body.replaceChildren(...rows.map((row) => make("tr", { className: row.loaded ? "" : "fa-refused" },
        make("th", { scope: "row" }, row.name, make("small", { textContent: row.origin })),
        make("td", {}, make("span", { className: "fa-state", textContent: row.loaded ? (row.faults.length ? "faults" : "loaded") : "refused" })),
        make("td", {}, row.loaded ? row.editors.join(", ") : make("span", { className: "fa-reason", textContent: row.reason }),
          ...row.faults.map((fault) => make("p", { className: "fa-fault", textContent: fault }))),
        make("td", { className: "fa-time", textContent: row.seconds }))));
    });
  };
})();
