/* The painter of label maps and sketches: a canvas over the picture, its tools and parts. It stands among the editor's other
   controls, and grows into a window of its own beside the result. What is painted is sent as a PNG in the palette's colours. */
(() => {
  "use strict";
  const { make, show, chooser, fileData, notSent, receive, labelMap } = window.facet;
  const MOST_ZOOM = 16, EVERY = 150;  // times; milliseconds between two maps that are sent during one stroke
  const MOST_SIDE = 1024, MOST_KEPT = 20;  // of a fresh canvas; pictures of the session whose map is remembered
  let revision = 0;

  window.facet.painter = (ctx, { label, doc, palette, parsed, size, staged, first, needed }) => {
    const under = make("img", { className: "lp-under", alt: "", draggable: false });
    const ring = make("span", { className: "lp-ring" }), cross = make("span", { className: "lp-cross" });
    const hint = make("span", { className: "lp-hint", "aria-hidden": "true" });
    const says = make("span", { className: "fk-says", role: "status" });
    const sheet = make("div", { className: "lp-sheet" }, under);
    const view = make("div", { className: "lp-view", tabIndex: 0, role: "application" }, sheet, ring, cross, hint, says);
    view.setAttribute("aria-label", `${label}: arrow keys move the cursor, space paints, F fills, I takes the part, digits choose a part`);
    const map = labelMap(palette.map((part) => part.colour), () => changed());
    sheet.append(map.canvas);

    let subject = null, entry = null, kept = new Map(), asking = null, drawing = false, timer = null, due = 0, base = 1;
    const desk = {
      map, view, parts: palette, tool: "brush", chosen: first, sized: 0.45, covered: 0.6, zoom: { k: 1, x: 0, y: 0 }, pointer: null, cursor: [0, 0], large: false,
      get seen() { return !under.hidden; },
      get radius() { return 0.5 * (Math.min(...map.size) / 2.5) ** desk.sized; },
      focus() { view.focus({ preventScroll: true }); },
      say(text) { says.textContent = text; },
      choose(tool) { desk.tool = tool; desk.redraw(); },
      part(at) { desk.chosen = at; if (desk.tool !== "fill") desk.tool = "brush"; desk.say(palette[at].name); desk.redraw(); },
      pick(place) { const at = map.at(place); if (at !== null) { desk.chosen = at; desk.say(palette[at].name); desk.redraw(); } },
      fill(place) { if (map.at(place) !== null && map.fill(place, desk.chosen)) desk.say(`Filled with ${palette[desk.chosen].name}.`); },
      undo() { if (map.undo()) desk.say("Undone."); }, redo() { if (map.redo()) desk.say("Done again."); },
      resize(sized) { desk.sized = Math.max(0, Math.min(1, sized)); desk.redraw(); },
      cover(share) { desk.covered = share; desk.redraw(); },
      aim(place) { desk.pointer = null; desk.cursor = place.map((value, axis) => Math.max(0, Math.min(map.size[axis] - 1, value))); desk.redraw(); },
      tellPlace() { desk.say(`${desk.cursor.join(", ")}: ${palette[map.at(desk.cursor)].name}`); },
      wet() { later(); desk.redraw(); },
      here(event) { const box = view.getBoundingClientRect(); return [event.clientX - box.left, event.clientY - box.top]; },
      toMap([x, y]) { const { left, top, scale } = place(); return [(x - left) / scale, (y - top) / scale]; },
      panBy(dx, dy) { desk.zoom.x += dx; desk.zoom.y += dy; desk.redraw(); },
      zoomBy(factor, at = null) {
        const { left, top } = place(), old = desk.zoom.k, k = Math.max(1, Math.min(MOST_ZOOM, old * factor));
        const [x, y] = at || [view.clientWidth / 2, view.clientHeight / 2];
        desk.zoom = { k, x: desk.zoom.x + (x - left) * (1 - k / old), y: desk.zoom.y + (y - top) * (1 - k / old) };
        desk.redraw();
      },
      fit() { desk.zoom = { k: 1, x: 0, y: 0 }; desk.redraw(); },
      enlarge(on) { enlarge(on); },
      redraw() { if (!drawing) { drawing = true; requestAnimationFrame(draw); } },
    };

    /* Where the canvas lies in the view: in the middle while it is smaller, over all of it while it is larger. */
    const place = () => {
      const room = [view.clientWidth, view.clientHeight], scale = base * desk.zoom.k;
      const [left, top] = ["x", "y"].map((axis, at) => {
        const large = map.size[at] * scale, start = (room[at] - map.size[at] * base) / 2;
        const moved = large <= room[at] ? (room[at] - large) / 2 - start : Math.min(-start, Math.max(room[at] - large - start, desk.zoom[axis]));
        desk.zoom[axis] = moved;
        return start + moved;
      });
      return { left, top, scale };
    };
    const draw = () => {
      drawing = false;
      if (!view.clientWidth || !map.size[0]) return;
      base = Math.min(view.clientWidth / map.size[0], view.clientHeight / map.size[1]);
      const { left, top, scale } = place();
      Object.assign(sheet.style, { left: `${left}px`, top: `${top}px`, width: `${map.size[0] * scale}px`, height: `${map.size[1] * scale}px` });
      map.canvas.style.opacity = desk.seen ? desk.covered : 1;
      const brushes = desk.tool === "brush" || desk.tool === "erase", wide = Math.max(3, 2 * Math.max(0.5, desk.radius) * scale);
      show(ring, brushes && !!desk.pointer);
      if (desk.pointer) Object.assign(ring.style, { left: `${desk.pointer[0]}px`, top: `${desk.pointer[1]}px`, width: `${wide}px`, height: `${wide}px` });
      ring.style.background = brushes && desk.tool === "brush" ? palette[desk.chosen].colour : "transparent";
      show(cross, !desk.pointer && view.matches(":focus-visible"));
      Object.assign(cross.style, { left: `${left + (desk.cursor[0] + 0.5) * scale}px`, top: `${top + (desk.cursor[1] + 0.5) * scale}px`, width: `${wide}px`, height: `${wide}px` });
      view.dataset.tool = desk.tool;
      hint.textContent = map.empty && !map.busy ? (parsed && subject ? "“From the picture” finds the parts, or paint them" : "Paint here") : "";
      show(hint, !!hint.textContent);
      show(clear, !map.empty);
      lacking();
      tools.update();
    };

    /* ---- what is sent --------------------------------------------------------------------------------------------- */
    const lacking = () => facet.lacks(ctx.element, !needed || !map.empty ? "" : `Paint first what “${label}” asks for${parsed ? ", or press “From the picture”" : ""}.`);
    const put = (extra = {}) => { ctx.props.value = { png: touched ? map.png() : null, rev: ++revision, ...extra }; };
    let touched = false;
    const give = () => { clearTimeout(timer); timer = null; touched = true; due = performance.now() + EVERY; put(); ctx.trigger("input", {}); };
    const later = () => { timer ??= setTimeout(give, Math.max(0, due - performance.now())); };
    const changed = () => { give(); desk.redraw(); };

    /* ---- from the picture, from a file, from nothing ------------------------------------------------------------------ */
    const note = make("span", { className: "fp-own lp-note", "aria-live": "polite" });
    const find = make("button", { type: "button", className: "fp-upload lp-find", textContent: "From the picture" });
    const ask = (what, words) => {
      asking = { entry };
      note.textContent = words; find.disabled = true;
      put(what);
      ctx.trigger("submit", {});
    };
    find.addEventListener("click", () => ask({ ask: "parse" }, "Finding the parts…"));
    const [button, input] = chooser("Open…", "fp-upload", async (file) => {
      note.textContent = "Reading…";
      try { ask({ ask: "read", file: await fileData(ctx.upload, file) }, "Reading…"); } catch { note.textContent = notSent(file); }
    });
    button.title = "A label map from a file, in the palette's colours";
    const clear = make("button", { type: "button", className: "fp-upload", textContent: "Clear" });
    clear.addEventListener("click", () => { map.clear(); desk.say("Cleared."); });
    receive(ctx, async (value) => {
      if (value.brought) {  // with a picture's settings, or with an example's
        put();
        if (staged && touched) return;  // the picture has a map of its own
        const [cells, shape] = await map.numbers(value.brought);
        map.replace(cells, shape);
        fresh();
        return;
      }
      if (!value.asked) return;
      const wanted = asking;
      asking = null; find.disabled = false;
      note.textContent = value.note;
      put();  // what stands there now came from the server
      if (!value.map || !wanted || wanted.entry !== entry) return;
      const [cells, shape] = await map.numbers(value.map);
      map.replace(cells, shape, value.asked === "parse");
      fresh();
    });
    const fresh = () => { desk.fit(); desk.cursor = map.size.map((side) => side >> 1); match(); };

    /* ---- in the page and in a window of its own ----------------------------------------------------------------------- */
    const tools = window.facet.painterTools(desk);
    desk.root = make("div", { className: "lp" }, tools.bar, view, tools.parts,
      make("div", { className: "fp-foot lp-foot" }, ...(parsed ? [find] : []), button, clear, input, tools.cover), note);
    const enlarge = window.facet.painterWindow(ctx.element, desk, label, () => { desk.fit(); desk.focus(); });
    const field = make("fieldset", { className: "fp" }, make("legend", {}, make("span", { className: "fp-name", textContent: label })),
      make("span", { className: "fp-doc", textContent: doc }), desk.root);
    ctx.element.replaceChildren(field);
    window.facet.painterGestures(desk);
    new ResizeObserver(desk.redraw).observe(view);
    view.addEventListener("focus", desk.redraw); view.addEventListener("blur", desk.redraw);

    /* ---- another picture: its own map if it had one, else that of the picture it was made from ------------------------ */
    const like = (wide, high) => Math.abs((wide * map.size[1]) / (high * map.size[0]) - 1) < 0.02;
    const match = () => {
      const lies = !!subject && like(...subject.size);
      show(under, lies);
      if (lies) under.src = subject.picture;
      view.style.setProperty("--shape", `${map.size[0]} / ${map.size[1]}`);
      desk.redraw();
    };
    const wanted = () => {
      if (!staged || !subject) return size;
      const scale = Math.min(1, MOST_SIDE / Math.max(...subject.size));
      return subject.size.map((side) => Math.max(16, Math.round(side * scale)));
    };
    window.facet.onSubject((next) => {
      if (entry !== null && touched) {
        kept.delete(entry); kept.set(entry, { ...map.snapshot(), touched });
        if (kept.size > MOST_KEPT) kept.delete(kept.keys().next().value);
      }
      const made = next && entry !== null && next.parent === entry;
      subject = next; entry = next?.entry ?? null;
      const own = kept.get(entry);
      if (own) { map.restore(own); touched = own.touched; }
      else if (!(made || !staged) || !map.size[0] || (staged && next && !like(...next.size))) { map.blank(wanted()); touched = false; }
      note.textContent = "";
      put();
      fresh();
    });
  };
})();
