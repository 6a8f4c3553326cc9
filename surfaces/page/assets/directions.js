/* Sliders and buttons for the directions that the subject's generator offers. Which ones there are comes with the view of
   the subject bar; they start anew with every picture, since strengths count from the picture as it is. */
(() => {
  "use strict";
  const { make, show } = facet;
  const PACE = 40;  // ms between two values that are sent on: a page is busy with each, and no picture comes so quickly
  const NONE = { entry: 0, groups: [], note: "" };
  const listeners = [];
  let offered = NONE;

  const bar = facet.bar;
  facet.bar = (ctx, options) => {
    bar(ctx, options);
    facet.receive(ctx, (value) => {
      if (!value.offered) return;
      offered = value.offered;
      listeners.forEach((each) => each(offered));
    });
  };
  const follow = (apply) => { listeners.push(apply); apply(offered); };

  let revision = 0;
  const put = ({ props, trigger }, value, tell = true) => {
    props.value = { ...value, rev: ++revision };
    if (tell) trigger("input", {});
  };
  const frame = (label, doc, ...children) => make("fieldset", { className: "fp fd" },
    make("legend", {}, make("span", { className: "fp-name", textContent: label })),
    make("span", { className: "fp-doc", textContent: doc }), ...children);

  const digits = (step) => Math.max(0, Math.ceil(-Math.log10(step) - 1e-9));
  const shown = (number, row) => {
    const text = Math.abs(number).toFixed(digits(row.step));
    return `${number > 0 ? "+" : number < 0 ? "−" : ""}${text}${row.unit}`;
  };

  /* ---- one slider for each direction, under headings ------------------------------------------------------------- */
  facet.sliders = (ctx, { label, doc }) => {
    const note = make("p", { className: "fd-note" });
    const groups = make("div", { className: "fd-groups" });
    const reset = make("button", { type: "button", className: "fp-upload", textContent: "All to 0" });
    ctx.element.replaceChildren(frame(label, doc, note, groups, make("div", { className: "fp-foot" }, reset)));

    let values = {}, rows = [], next = 0, told = 0, built = "";
    const tell = () => {
      const now = performance.now();
      if (!next) next = setTimeout(() => { next = 0; told = performance.now(); put(ctx, { values }); }, Math.max(0, told + PACE - now));
    };
    const zero = (told) => {
      values = {};
      rows.forEach((each) => each.set(0));
      show(reset, false);
      if (told) tell(); else put(ctx, { values }, false);
    };
    reset.addEventListener("click", () => zero(true));

    const slider = (row, head) => {
      const range = make("input", { type: "range", min: row.low, max: row.high, step: row.step, value: 0, className: "fd-range",
        title: row.says || row.title });
      const out = make("output", { className: "fd-out" });
      const name = make("span", { className: "fd-name", textContent: row.title, title: row.says || row.title });
      range.setAttribute("aria-label", row.title);
      const set = (number) => {
        range.value = number;
        out.textContent = shown(number, row);
        range.setAttribute("aria-valuetext", shown(number, row));
        range.style.setProperty("--zero", (0 - row.low) / (row.high - row.low));
        range.style.setProperty("--now", (number - row.low) / (row.high - row.low));
        line.classList.toggle("fd-moved", number !== 0);
      };
      const line = make("label", { className: "fd-row" }, name, range, out);
      const move = (number) => {
        const near = (row.high - row.low) / 60;  // sticks to 0, where nothing changes
        const value = Math.abs(number) < near ? 0 : number;
        set(value);
        if (value) values[row.id] = value; else delete values[row.id];
        head();
        show(reset, Object.keys(values).length > 0);
        tell();
      };
      range.addEventListener("input", () => move(Number(range.value)));
      range.addEventListener("dblclick", () => move(0));
      return { id: row.id, line, set };
    };
    const group = ({ title, rows: entries }, open) => {
      const count = make("span", { className: "fd-count" });
      const head = () => {
        const moved = entries.filter((row) => values[row.id]).length;
        count.textContent = moved ? `${moved} moved` : "";
      };
      const lines = entries.map((row) => slider(row, head));
      rows.push(...lines.map((each) => ({ ...each, set: (number) => { each.set(number); head(); } })));
      return make("details", { className: "fd-group", open }, make("summary", {}, title, count),
        make("div", { className: "fd-rows" }, ...lines.map((each) => each.line)));
    };
    follow((value) => {
      note.textContent = value.note;
      show(note, !!value.note);
      const wanted = JSON.stringify(value.groups);
      const anew = wanted !== built;
      if (anew) {
        built = wanted;
        rows = [];
        groups.replaceChildren(...value.groups.map((each, place) => group(each, place < 2)));
      }
      const mine = ctx.element.closest("[role=tabpanel]")?.querySelector(".ft-run")?.id;
      if (anew || mine !== `run-${value.again}`) zero(false);  // a result that can be made again keeps what made it
    });
    facet.receive(ctx, (value) => {
      if (!value.values) return;
      zero(false);
      values = Object.fromEntries(Object.entries(value.values).filter(([id]) => rows.some((row) => row.id === id)));
      rows.forEach((row) => row.set(values[row.id] || 0));
      show(reset, Object.keys(values).length > 0);
      put(ctx, { values }, false);
    });
  };

  /* ---- one button for each direction, pressed or not ------------------------------------------------------------- */
  facet.names = (ctx, { label, doc, start }) => {
    const chips = make("div", { className: "fd-chips", role: "group", "aria-label": label });
    ctx.element.replaceChildren(frame(label, doc, chips));
    let chosen = [], built = "";
    const chip = (row) => {
      const button = make("button", { type: "button", className: "fd-chip", textContent: row.title });
      button.dataset.id = row.id;
      button.setAttribute("aria-pressed", chosen.includes(row.id));
      button.addEventListener("click", () => {
        const on = button.getAttribute("aria-pressed") !== "true";
        button.setAttribute("aria-pressed", on);
        chosen = on ? [...chosen, row.id] : chosen.filter((id) => id !== row.id);
        put(ctx, { names: chosen });
      });
      return button;
    };
    follow((value) => {
      const wanted = JSON.stringify(value.groups);
      if (wanted === built) return;  // what is kept stays kept from picture to picture of one generator
      built = wanted;
      const known = value.groups.flatMap((each) => each.rows.map((row) => row.id));
      chosen = start.filter((id) => known.includes(id));
      chips.replaceChildren(...value.groups.flatMap((each) => each.rows.map(chip)));
      put(ctx, { names: chosen }, false);
    });
    facet.receive(ctx, ({ names }) => {
      if (!names) return;
      chosen = names;
      chips.querySelectorAll("button").forEach((button) => button.setAttribute("aria-pressed", chosen.includes(button.dataset.id)));
      put(ctx, { names: chosen }, false);
    });
  };

  /* ---- pictures of seeds to mark yes or no: a press says yes, another no, a third takes it back --------------------- */
  facet.labels = (ctx, { label, doc, least }) => {
    const grid = make("div", { className: "fl-grid", role: "group", "aria-label": label });
    const says = make("span", { className: "fl-says", "aria-live": "polite" });
    const more = make("button", { type: "button", className: "fp-upload", textContent: "Show pictures" });
    const clear = make("button", { type: "button", className: "fp-upload", textContent: "Clear" });
    ctx.element.replaceChildren(frame(label, doc, grid, make("div", { className: "fp-foot" }, more, clear, says)));
    const words = ["unmarked", "yes", "no"];
    let marks = new Map(), start = 0;
    const all = (mark) => [...marks].filter(([, each]) => each === mark).map(([seed]) => seed);
    const value = (extra = {}) => ({ yes: all(1), no: all(2), ...extra });
    const count = () => {
      const [yes, no] = [all(1).length, all(2).length];
      const enough = Math.min(yes, no) >= least;
      says.textContent = yes + no ? `${yes} yes, ${no} no${enough ? "" : `; at least ${least} of each`}` : "";
      show(clear, yes + no > 0);
      facet.lacks(ctx.element, enough ? "" : `Mark pictures first: at least ${least} that have it, and ${least} that have not.`);
    };
    const paint = (button, seed) => {
      const mark = marks.get(seed) || 0;
      button.dataset.mark = words[mark];
      button.setAttribute("aria-label", `Seed ${seed}: ${words[mark]}`);
    };
    const picture = ([seed, src]) => {
      const button = make("button", { type: "button", className: "fl-one", title: `Seed ${seed}` }, make("img", { src, alt: "" }));
      button.dataset.seed = seed;
      button.addEventListener("click", () => {
        const mark = ((marks.get(seed) || 0) + 1) % 3;
        if (mark) marks.set(seed, mark); else marks.delete(seed);
        paint(button, seed); count();
        put(ctx, value(), false);
      });
      paint(button, seed);
      return button;
    };
    more.addEventListener("click", () => {
      more.disabled = true; more.textContent = "Drawing…";
      ctx.props.value = { ...value({ ask: start }), rev: ++revision };
      ctx.trigger("submit", {});
    });
    clear.addEventListener("click", () => {
      marks = new Map();
      grid.querySelectorAll("button").forEach((button) => paint(button, Number(button.dataset.seed)));
      count(); put(ctx, value(), false);
    });
    facet.receive(ctx, ({ thumbs, note, yes, no }) => {
      if (yes && no) {  // with an example's settings
        marks = new Map([...yes.map((seed) => [seed, 1]), ...no.map((seed) => [seed, 2])]);
        grid.querySelectorAll("button").forEach((button) => paint(button, Number(button.dataset.seed)));
        count(); put(ctx, value(), false);
        return;
      }
      if (!thumbs) return;
      more.disabled = false; more.textContent = grid.children.length + thumbs.length ? "Show more" : "Show pictures";
      grid.append(...thumbs.filter(([seed]) => !grid.querySelector(`[data-seed="${seed}"]`)).map(picture));
      start = Math.max(start, ...thumbs.map(([seed]) => seed + 1));
      put(ctx, value(), false);
      if (note) { says.textContent = note; return; }
      count();
    });
    count();
    put(ctx, value(), false);
  };
})();
