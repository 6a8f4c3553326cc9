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

  const card = (ctx, index, large) => {
    const image = make("img", { alt: "" });
    const title = make("h3"), variant = make("p", { className: "fc-variant" });
    const state = make("span", { className: "fc-state" });
    const own = make("span", { className: "fc-own" });
    const numbers = make("dl", { className: "fc-measures" });
    const note = make("p", { className: "fc-note" });
    const bar = make("div", { className: "fs-progress", role: "progressbar", "aria-label": "Progress",
      "aria-valuemin": 0, "aria-valuemax": 100 }, make("i"));
    const use = make("button", { type: "button", className: "fc-use", textContent: "Use this picture" });
    use.addEventListener("click", () => send(ctx, { use: index }));
    const open = make("button", { type: "button", className: "fc-open", title: "Enlarge" }, image);
    open.addEventListener("click", () => image.src && large(index));
    const place = make("div", { className: "fc-picture" }, open);
    const root = make("article", { className: "fc-card" }, make("header", {}, title, state, make("div", { className: "fc-line" }, own, variant)), place,
      make("div", { className: "fc-doing" }, bar, note), use, numbers);
    const paint = painter(image, () => root.classList.add("fc-drawn"));
    let painted = "", film = null;
    return {
      root,
      get film() { return film; },
      name: () => [title.textContent, variant.textContent].filter(Boolean).join(", "),
      picture: () => painted,
      /* `differs`: {picture, note} of where it differs from the original, shown instead. */
      update(column, metrics, differs) {
        title.textContent = title.title = `${index + 1} ${column.title}`;
        variant.textContent = variant.title = column.variant || "";
        if (own.children.length !== (column.own || []).length)
          own.replaceChildren(...column.own.map((src) => make("img", { src, alt: "" })));
        state.textContent = column.seconds || states[column.state];
        root.dataset.state = column.state;
        numbers.replaceChildren(...measured(column, metrics));
        const same = { true: "The same picture as before.", false: "Not the same picture as before: another machine, or changed since." };
        note.textContent = column.error || differs?.note || column.note || same[column.identical] || "";
        note.classList.toggle("fc-error", !!column.error);
        show(note, !!note.textContent); show(bar, column.state === "running"); show(use, column.usable);
        bar.firstChild.style.transform = `scaleX(${column.done})`;
        bar.setAttribute("aria-valuenow", Math.round(column.done * 100));
        open.setAttribute("aria-label", `Enlarge ${[title.textContent, column.variant].filter(Boolean).join(", ")}`);
        show(open, !!column.picture);
        image.alt = column.usable ? `${column.title}: ${differs ? "where it differs" : "the result"}` : "";
        film = column.film || null;
        const wanted = differs?.picture || column.picture;
        if (wanted && wanted !== painted) { painted = wanted; paint(wanted); }
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

  /* What can be done with the columns: sorting, differences, files, films, stop. */
  const tools = (ctx) => {
    const { fileData, notSent } = window.facet;
    const small = (textContent, press) => {
      const button = make("button", { type: "button", className: "fs-zoom", textContent });
      button.addEventListener("click", press);
      return button;
    };
    const note = make("span", { className: "fs-note", "aria-live": "polite" });
    const stop = make("button", { type: "button", className: "fs-stop", textContent: "Stop" });
    stop.addEventListener("click", () => { stop.disabled = true; stop.textContent = "Stopping…"; ctx.trigger("stop", {}); });
    const by = make("select");
    const sort = make("label", { className: "fc-sort" }, "Sort by ", by);
    const differ = small("Difference", () => {});
    differ.title = "Where each differs from the original";
    differ.setAttribute("aria-pressed", "false");
    const films = small("Films", () => {});
    const saves = [["sheet", "Save sheet"], ["table", "Save CSV"], ["recipes", "Save recipes"]].map(([save, text]) => small(text, () => send(ctx, { save })));
    const file = make("input", { type: "file", accept: ".json,application/json", className: "fp-file", tabIndex: -1, "aria-hidden": "true" });
    const again = small("Open recipes…", () => file.click());
    again.title = "Make a comparison again from the file that “Save recipes” gave";
    file.addEventListener("change", async () => {
      const picked = file.files[0];
      file.value = "";
      if (!picked) return;
      try { ctx.props.value = { again: await fileData(ctx.upload, picked), rev: -Date.now() }; ctx.trigger("submit", {}); }
      catch { note.textContent = notSent(picked); }
    });
    const space = make("span", { className: "fs-space" });
    return { root: make("div", { className: "fs-foot fc-foot" }, note, space, sort, differ, films, ...saves, again, file, stop),
      note, stop, by, sort, differ, films, saves, again };
  };

  /* The best first; those without that number, or still to come, last. */
  const order = (columns, metrics, by) => {
    const metric = metrics.find(({ id }) => id === by);
    const rank = (column) => {
      if (by === "seconds") return column.time ?? Infinity;
      const cell = column.measures[by];
      return !cell ? Infinity : metric.better === "higher" ? -cell.value : cell.value;
    };
    const all = columns.map((_, index) => index);
    return by && (metric || by === "seconds") ? all.sort((a, b) => rank(columns[a]) - rank(columns[b]) || a - b) : all;
  };

  window.facet.columns = (ctx) => {
    const grid = make("div", { className: "fc-grid", tabIndex: 0, role: "group", "aria-label": "Columns" });
    const legend = make("p", { className: "fc-legend" });
    const lacking = make("div", { className: "fc-lacking" });
    const error = make("p", { className: "fs-error", role: "alert" });
    const foot = tools(ctx), { note, stop, films, saves, differ, by, sort } = foot;
    const empty = make("p", { className: "fc-empty", textContent: "Tick the methods and press Compare. Each gets a column here." });
    const plot = window.facet.plot();
    ctx.element.replaceChildren(make("section", { className: "fc", "aria-label": "Comparison" }, make("h2", { className: "fc-sr", textContent: "Columns" }), error, foot.root, empty, grid, legend, plot.root, lacking));
    for (const kind of ["input", "change"])  // of its own fields: Gradio would take them for the widget's
      ctx.element.firstChild.addEventListener(kind, (event) => event.stopPropagation());
    const { box, open } = window.facet.large();
    ctx.element.append(box);
    box.addEventListener("input", (event) => event.stopPropagation());
    const source = make("img", { alt: "The original" });
    const enlarge = make("button", { type: "button", className: "fc-open", title: "Enlarge", "aria-label": "Enlarge the original" }, source);
    const original = make("article", { className: "fc-original fc-drawn" }, make("header", {}, make("h3", { textContent: "Original" })), make("div", { className: "fc-picture" }, enlarge));
    const hand = handOut();
    const earlier = make("p", { className: "fc-earlier", role: "status" });
    ctx.element.firstChild.insertBefore(earlier, grid);
    let of = null, now = null;
    const age = () => {
      const old = !!of && columns.length > 0 && now?.entry !== of[0];
      earlier.textContent = old ? `These columns are of an earlier picture, “${of[1]}”. Press Compare to compare on the one above.` : "";
      show(earlier, old);
    };
    window.facet.onSubject((subject) => { now = subject; age(); });
    let cards = [], columns = [], metrics = [], playing = !still.matches, going = false, differences = null;

    const differing = () => differ.getAttribute("aria-pressed") === "true";
    const large = (index) => {
      const there = ordered().filter((each) => columns[each].picture);
      const pictures = there.map((each) => ({ name: cards[each].name(), picture: cards[each].picture() }));
      const before = source.getAttribute("src");
      if (index < 0 && before) pictures.unshift({ name: "Original", picture: before });
      if (pictures.length) open(pictures, index < 0 ? 0 : there.indexOf(index), before);
    };
    enlarge.addEventListener("click", () => large(-1));
    const ordered = () => order(columns, metrics, by.value);
    const arrange = () => grid.replaceChildren(original, ...ordered().map((index) => cards[index].root));
    by.addEventListener("change", arrange);
    differ.addEventListener("click", () => {
      differ.setAttribute("aria-pressed", !differing());
      if (differing() && !differences) send(ctx, { difference: true }); else redraw();
    });
    const redraw = () => {
      columns.forEach((column, index) => cards[index].update(column, metrics, differing() ? differences?.[index] : null));
      say();
    };
    const say = () => {
      legend.textContent = "↑ higher is better, ↓ lower is better. Bold: best of the row. ⌂: the method optimised this very number, so it says little here."
        + (differing() && differences ? " Difference: black is unchanged, the brightest 64 levels of 255 or more." : "");
    };

    /* Films start together and stay together, as far as they are equally long. */
    const play = () => {
      const videos = cards.map((one) => one.play(playing && !differing())).filter(Boolean);
      films.textContent = playing ? "Stills" : "Films";
      Promise.all(videos.map((video) => video.readyState > 2 || new Promise((ready) => video.addEventListener("canplay", ready, { once: true }))))
        .then(() => videos.forEach((video) => { video.currentTime = 0; video.play().catch(() => {}); }));
    };
    films.addEventListener("click", () => { playing = !playing; play(); });
    const choices = () => {
      const old = by.value, known = [["", "as asked"], ["seconds", "seconds"], ...metrics.map(({ id, title }) => [id, title])];
      by.replaceChildren(...known.map(([value, textContent]) => make("option", { value, textContent })));
      if (known.some(([id]) => id === old)) by.value = old;
    };

    receive(ctx, (value) => {
      error.textContent = value.error || "";
      show(error, !!value.error);
      document.body.classList.toggle("facet-running", !!value.running);
      ctx.element.firstChild.setAttribute("aria-busy", !!value.running);
      if (!value.running) { stop.disabled = false; stop.textContent = "Stop"; }
      if (value.running && !going && foot.root.getBoundingClientRect().top > innerHeight * 0.6)
        ctx.element.scrollIntoView({ behavior: still.matches ? "auto" : "smooth", block: "start" });
      going = !!value.running;
      note.textContent = value.note || "";
      columns = value.columns || []; metrics = value.metrics || [];
      if (value.running) { differences = null; differ.setAttribute("aria-pressed", "false"); by.value = ""; }
      if (value.differences) differences = value.differences;
      of = value.of || null;
      age();
      show(empty, !columns.length); show(grid, columns.length > 0);
      if (value.original) source.src = value.original;
      else if (value.original === "") source.removeAttribute("src");
      show(original, !!source.getAttribute("src"));
      choices();
      if (cards.length !== columns.length) cards = columns.map((_, index) => card(ctx, index, large));
      if (grid.children.length !== cards.length + 1 || !value.running) arrange();
      hand(value.file);
      redraw();
      const over = !value.running, usable = columns.filter((column) => column.usable).length;
      if (over) play(); else cards.forEach((one) => one.play(false));
      plot.update(over ? columns : [], metrics);
      show(films, over && cards.some((one) => one.film)); show(stop, value.running); saves.forEach((each) => show(each, over && usable > 0));
      show(foot.again, over); show(differ, over && usable > 0 && !!source.getAttribute("src"));
      show(sort, over && usable > 1);
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
