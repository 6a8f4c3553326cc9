/* The comparison's columns and the add-ons' table. */
(() => {
  "use strict";
  const { make, show, send, receive, painter, handOut } = window.facet;
  const states = { waiting: "waiting", running: "running", done: "", stopped: "stopped", failed: "failed" };

  const still = matchMedia("(prefers-reduced-motion: reduce)");

  /* The numbers of a column, in the same rows as those of its neighbours. */
  const measured = (column, metrics) => metrics.map((metric) => {
    const cell = column.measures[metric.id];
    const value = make("dd", { textContent: cell ? cell.text : "–" });
    if (cell?.home) value.append(make("sup", { textContent: "⌂", title: "This method optimised this very number." }));
    if (cell?.best) { value.className = "fc-best"; value.append(make("span", { className: "fc-sr", textContent: " (best)" })); }
    const hint = `${metric.doc} ${metric.better === "higher" ? "Higher" : "Lower"} is better.`;
    const arrow = make("span", { className: "fc-arrow", textContent: metric.better === "higher" ? "↑" : "↓", "aria-hidden": "true" });
    return make("div", { title: hint }, make("dt", {}, arrow, metric.title, make("small", { textContent: metric.unit }),
      make("span", { className: "fc-sr", textContent: `, ${metric.better === "higher" ? "higher" : "lower"} is better` })), value);
  });

  /* A picture in full, over the original: what lies under the pointer's left is the original. */
  const enlarge = () => {
    const before = make("img", { alt: "" }), after = make("img", { alt: "" });
    const range = make("input", { type: "range", min: 0, max: 100, value: 0 });
    range.setAttribute("aria-label", "How much of the original is shown");
    const close = make("button", { type: "button", className: "fp-upload", textContent: "Close" });
    const title = make("h2");
    const view = make("div", { className: "fc-both" }, before, after);
    const box = make("dialog", { className: "fc-large" }, make("div", { className: "fx-head" }, title, range, close), view);
    const split = () => view.style.setProperty("--split", `${range.value}%`);
    range.addEventListener("input", split);
    close.addEventListener("click", () => box.close());
    box.addEventListener("click", (event) => { if (event.target === box) box.close(); });
    return { box, open(name, picture, original) {
      title.textContent = name; after.src = picture; after.alt = name;
      show(before, !!original); show(range, !!original);
      if (original) before.src = original;
      range.value = 0; split(); box.showModal();
    } };
  };

  const card = (ctx, index, large) => {
    const image = make("img", { alt: "" });
    const title = make("h3");
    const state = make("span", { className: "fc-state" });
    const numbers = make("dl", { className: "fc-measures" });
    const note = make("p", { className: "fc-note" });
    const bar = make("div", { className: "fs-progress", role: "progressbar", "aria-label": "Progress",
      "aria-valuemin": 0, "aria-valuemax": 100 }, make("i"));
    const use = make("button", { type: "button", className: "fc-use", textContent: "Use this picture" });
    use.addEventListener("click", () => send(ctx, { use: index }));
    const open = make("button", { type: "button", className: "fc-open", title: "Enlarge" }, image);
    open.addEventListener("click", () => image.src && large(title.textContent, image.src));
    const place = make("div", { className: "fc-picture" }, open);
    const root = make("article", { className: "fc-card" }, make("header", {}, title, state), numbers, place,
      make("div", { className: "fc-doing" }, bar, note), use);
    const paint = painter(image, () => root.classList.add("fc-drawn"));
    let painted = "", film = null;
    return {
      root,
      get film() { return film; },
      update(column, metrics) {
        title.textContent = title.title = column.title;
        state.textContent = column.seconds || states[column.state];
        root.dataset.state = column.state;
        numbers.replaceChildren(...measured(column, metrics));
        note.textContent = column.error || column.note;
        note.classList.toggle("fc-error", !!column.error);
        show(note, !!note.textContent); show(bar, column.state === "running"); show(use, column.usable);
        bar.firstChild.style.transform = `scaleX(${column.done})`;
        bar.setAttribute("aria-valuenow", Math.round(column.done * 100));
        open.setAttribute("aria-label", `Enlarge ${column.title}`);
        show(open, !!column.picture);
        image.alt = column.usable ? `${column.title}: the result` : "";
        film = column.film || null;
        if (column.picture && column.picture !== painted) { painted = column.picture; paint(column.picture); }
        if (!column.picture) { image.removeAttribute("src"); root.classList.remove("fc-drawn"); painted = ""; }
      },
      /* The film in place of its still; gives the video, if it is one, to be started with the others. */
      play(on) {
        const had = place.querySelector(".fc-film");
        if (on && film && had?.dataset.path === film.path) return had.querySelector("video");
        had?.remove();
        if (!on || !film) return null;
        const shown = make("div", { className: "fc-film" }, facet.player(film));
        shown.dataset.path = film.path;
        place.append(shown);
        return shown.querySelector("video");
      },
    };
  };

  window.facet.columns = (ctx) => {
    const grid = make("div", { className: "fc-grid", tabIndex: 0, role: "group", "aria-label": "Columns" });
    const legend = make("p", { className: "fc-legend",
      textContent: "Bold: best of the row. ⌂: the method optimised this very number, so it says little here." });
    const lacking = make("div", { className: "fc-lacking" });
    const error = make("p", { className: "fs-error", role: "alert" });
    const stop = make("button", { type: "button", className: "fs-stop", textContent: "Stop" });
    stop.addEventListener("click", () => { stop.disabled = true; stop.textContent = "Stopping…"; ctx.trigger("stop", {}); });
    const films = make("button", { type: "button", className: "fs-zoom fc-films" });
    const foot = make("div", { className: "fs-foot" }, make("span", { className: "fs-note", "aria-live": "polite" }),
      make("span", { className: "fs-space" }), films, stop);
    const empty = make("p", { className: "fc-empty", textContent: "Tick the methods and press Compare. Each gets a column here." });
    ctx.element.replaceChildren(make("section", { className: "fc", "aria-label": "Comparison" }, error, foot, empty, grid, legend, lacking));
    const { box, open } = enlarge();
    ctx.element.append(box);
    const source = make("img", { alt: "The original" });
    const original = make("article", { className: "fc-original fc-drawn" }, make("header", {}, make("h3", { textContent: "Original" })), make("div", { className: "fc-picture" }, source));
    const hand = handOut();
    const saves = [["sheet", "Save sheet"], ["table", "Save CSV"], ["recipes", "Save recipes"]].map(([save, textContent]) => {
      const button = make("button", { type: "button", className: "fs-zoom", textContent });
      button.addEventListener("click", () => send(ctx, { save }));
      return button;
    });
    films.before(...saves);
    let cards = [], playing = !still.matches, going = false;

    /* Films start together and stay together, as far as they are equally long. */
    const play = () => {
      const videos = cards.map((one) => one.play(playing)).filter(Boolean);
      films.textContent = playing ? "Stills" : "Films";
      Promise.all(videos.map((video) => video.readyState > 2 || new Promise((ready) => video.addEventListener("canplay", ready, { once: true }))))
        .then(() => videos.forEach((video) => { video.currentTime = 0; video.play().catch(() => {}); }));
    };
    films.addEventListener("click", () => { playing = !playing; play(); });

    receive(ctx, (value) => {
      error.textContent = value.error || "";
      show(error, !!value.error);
      document.body.classList.toggle("facet-running", !!value.running);
      ctx.element.firstChild.setAttribute("aria-busy", !!value.running);
      if (!value.running) { stop.disabled = false; stop.textContent = "Stop"; }
      if (value.running && !going && foot.getBoundingClientRect().top > innerHeight * 0.6)
        ctx.element.scrollIntoView({ behavior: still.matches ? "auto" : "smooth", block: "start" });
      going = !!value.running;
      foot.firstChild.textContent = value.note || "";
      const columns = value.columns || [], metrics = value.metrics || [];
      show(empty, !columns.length); show(grid, columns.length > 0);
      if (cards.length !== columns.length) {
        cards = columns.map((_, index) => card(ctx, index, (name, picture) => open(name, picture, source.getAttribute("src"))));
        grid.replaceChildren(original, ...cards.map((one) => one.root));
      }
      if (value.original) source.src = value.original;
      else if (value.running) source.removeAttribute("src");
      show(original, !!value.original);
      hand(value.file);
      columns.forEach((column, index) => cards[index].update(column, metrics));
      const filmed = cards.some((one) => one.film);
      if (!value.running) play(); else cards.forEach((one) => one.play(false));
      show(films, filmed && !value.running); show(stop, value.running); saves.forEach((each) => show(each, !value.running && columns.some((column) => column.usable)));
      show(foot, value.running || columns.length > 0 || !!value.note);
      show(legend, metrics.length > 0);
      lacking.replaceChildren(...(value.lacking || []).map((text) => make("p", { className: "fc-legend", textContent: text })));
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
