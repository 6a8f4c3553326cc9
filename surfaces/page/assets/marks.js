/* Marks on the picture: pairs of points and a mask, in source pixels, where (0, 0) is the centre of the first pixel.
   Every picture of a session keeps its own set with its own undo; the canvas and the rows in the tabs show the same one. */
(() => {
  "use strict";
  const blank = () => ({ pairs: [], mask: [], past: [], future: [] });
  const sets = new Map();   // number of a picture in the session → its marks
  const heard = new Set();
  const claims = new Set(); // inputs of editors that are marked on the stage: {element, kind, most, button()}
  let now = blank(), entry = null, size = [0, 0], landmarks = [], run = null, following = null, merged = null, square = null,
    count = 0;

  const tell = (why) => heard.forEach((listener) => listener(why));
  const at = (pair) => run?.at.get(pair.id) || pair.handle;   // while a run goes on, handles are where it has them
  const pairNamed = (id) => now.pairs.find((pair) => pair.id === id);

  /* Everything a visitor does to marks. `change` gets {pairs, mask} and returns what differs; nothing in them is ever
     changed in place. Edits with the same `gesture` are undone as one. */
  const edit = (change, gesture = null) => {
    const before = { pairs: now.pairs, mask: now.mask };
    const after = { ...before, ...change(before) };
    if (after.pairs === before.pairs && after.mask === before.mask) return;
    if (!gesture || gesture !== merged) { now.past.push(before); now.future = []; }
    merged = gesture;
    put(after);
  };
  const put = (after) => {
    if (run) for (const pair of after.pairs)
      if (pair.handle !== pairNamed(pair.id)?.handle) { run.held.add(pair.id); run.at.delete(pair.id); }
    Object.assign(now, after);
    tell("edit");
  };
  const step = (from, to) => {
    if (!from.length) return;
    to.push({ pairs: now.pairs, mask: now.mask });
    merged = null;
    put(from.pop());
  };

  const pair = (handle, target) => ({ id: ++count, handle, target });
  const replaced = (id, ends) => ({ pairs }) => ({ pairs: pairs.map((one) => (one.id === id ? { ...one, ...ends } : one)) });
  const clamp = ([x, y]) => [Math.min(size[0] - 1, Math.max(0, x)), Math.min(size[1] - 1, Math.max(0, y))];
  const mirrored = ([x, y]) => [size[0] - 1 - x, y];
  const near = (a, b) => Math.hypot(a[0] - b[0], a[1] - b[1]) < 1;

  /* A run takes handles away from where they were put; only its result makes that so, an error takes it back. */
  const start = (button) => {
    const trail = following === null ? new Map() : run.trail;
    run = { entry, size, button, trail, origin: following ?? entry, set: now, held: new Set(), at: new Map(),
      sent: now.pairs.map((one) => one.id), dots: [], over: false };
    following = null;
    tell("run");
  };
  /* The next run goes on with the one that is going on now, and counts as the same edit. */
  const follow = () => { following = run.origin; tell("run"); };
  const unfollow = () => { following = null; tell("run"); };
  const track = (points) => {
    if (!run || !points.length) return;
    if (points.length !== run.sent.length) { run.dots = points; tell("track"); return; }
    points.forEach((point, index) => {
      const id = run.sent[index];
      if (!run.trail.has(id)) run.trail.set(id, run.set.pairs.filter((one) => one.id === id).map((one) => one.handle));
      run.trail.get(id).push(point);
      if (!run.held.has(id)) run.at.set(id, point);
    });
    tell("track");
  };
  const fitted = (set, from, to) => {
    const [kx, ky] = [to[0] / from[0], to[1] / from[1]];
    if (!from[0] || (kx === 1 && ky === 1)) return { ...blank(), pairs: set.pairs, mask: set.mask };
    if (Math.abs(kx / ky - 1) > 0.02) return blank();   // another shape: these marks mean nothing there
    const moved = ([x, y]) => [(x + 0.5) * kx - 0.5, (y + 0.5) * ky - 0.5];
    return { ...blank(), mask: set.mask.map((stroke) => ({ ...stroke, radius: stroke.radius * kx, path: stroke.path?.map(moved) })),
      pairs: set.pairs.map((one) => ({ ...one, handle: moved(one.handle), target: moved(one.target) })) };
  };
  /* Marks on a generator's picture and on its photograph are the same ones: `square` says where the pixels of the one lie
     on the other, [x, y, a step to the right, a step down]; null on the generator's picture. */
  const across = (set, from, to) => {
    const out = (s, [x, y]) => (s ? [s[0] + x * s[2] + y * s[4], s[1] + x * s[3] + y * s[5]] : [x, y]);
    const into = (s, [x, y]) => {
      if (!s) return [x, y];
      const [dx, dy, area] = [x - s[0], y - s[1], s[2] * s[5] - s[3] * s[4]];
      return [(dx * s[5] - dy * s[4]) / area, (dy * s[2] - dx * s[3]) / area];
    };
    const moved = (point) => out(to, into(from, point));
    const scale = (s) => (s ? Math.hypot(s[2], s[3]) : 1);
    return { ...blank(), pairs: set.pairs.map((one) => ({ ...one, handle: moved(one.handle), target: moved(one.target) })),
      mask: set.mask.filter((stroke) => stroke.kind !== "picture").map((stroke) =>
        ({ ...stroke, radius: stroke.radius * scale(to) / scale(from), path: stroke.path?.map(moved) })) };
  };
  /* Another picture on the stage: its own marks if it had any, else those of the picture it was made from. */
  const arrive = (view) => {
    const result = view.points !== null && run && !run.over;
    if (result) track(view.points);
    const set = result ? { ...run.set, pairs: run.set.pairs.map((one) => ({ ...one, handle: at(one) })) } : now;
    sets.set(entry, now);
    if (result && sets.has(run.entry)) sets.set(run.entry, run.set);
    const twin = !result && view.marks === -entry;
    const next = twin ? across(now, square, view.square) : (!result && sets.get(view.marks)) ||
      (view.parent === null || view.elsewhere ? blank() : fitted(set, result ? run.size : size, view.size));
    if (result) run = { ...run, over: true, at: new Map() };
    square = view.square;
    now = next; entry = view.marks; size = view.size; landmarks = view.landmarks; merged = null;
    tell("arrive");
  };
  const abort = () => {
    if (run) run = { ...run, over: true, at: new Map(), trail: following === null ? new Map() : run.trail };
    tell("arrive");
  };

  window.facet.marks = {
    edit, pair, at, clamp, start, follow, unfollow, track, arrive, abort, pairNamed,
    listen(listener) { heard.add(listener); return () => heard.delete(listener); },
    get pairs() { return now.pairs; }, get mask() { return now.mask; }, get size() { return size; },
    get landmarks() { return landmarks; }, get entry() { return entry; },
    get running() { return run && !run.over ? run : null; }, get following() { return following; },
    trail: (id) => run?.trail.get(id) || [],
    get dots() { return run && !run.over ? run.dots : []; },
    get touched() { return now.past.length > 0; },  // since the picture came
    /* Marks that come with a picture's recipe; unless it has marks of its own. */
    bring(number, pairs, stroke) {
      if (number !== entry || now.past.length || now.future.length) return;
      Object.assign(now, { pairs: pairs ? pairs.map(([x, y, to_x, to_y]) => pair([x, y], [to_x, to_y])) : now.pairs, mask: stroke ? [stroke] : now.mask });
      tell("arrive");
    },
    get canUndo() { return now.past.length > 0; }, get canRedo() { return now.future.length > 0; },
    undo() { step(now.past, now.future); }, redo() { step(now.future, now.past); },

    add(handle, target, gesture) {
      const made = pair(clamp(handle), clamp(target));
      edit(({ pairs }) => ({ pairs: [...pairs, made] }), gesture);
      return made.id;
    },
    move(id, end, point, gesture) { edit(replaced(id, { [end]: clamp(point) }), gesture); },
    set(id, handle, target, gesture) { edit(replaced(id, { handle, target }), gesture); },
    remove(id) { edit(({ pairs }) => ({ pairs: pairs.filter((one) => one.id !== id) })); },
    /* Drag back: what was the target becomes the handle and the other way round. */
    swap(ids) {
      edit(({ pairs }) => ({ pairs: pairs.map((one) => (ids.includes(one.id) ? { ...one, handle: one.target, target: at(one) } : one)) }));
    },
    /* The same on the other half of the picture: x becomes width − 1 − x. Pairs that are there already are left out. */
    mirror(ids, most) {
      edit(({ pairs }) => {
        const made = pairs.filter((one) => ids.includes(one.id)).map((one) => pair(mirrored(at(one)), mirrored(one.target)))
          .filter((one) => !pairs.some((old) => near(at(old), one.handle) && near(old.target, one.target)));
        return made.length ? { pairs: [...pairs, ...made].slice(0, most) } : {};
      });
    },
    paint(stroke) { edit(({ mask }) => ({ mask: [...mask, stroke] })); },
    unpaint() { edit(({ mask }) => (mask.length ? { mask: [] } : {})); },

    claim(made) {
      claims.add(made);
      new ResizeObserver(() => tell("offer")).observe(made.element);  // it has no size while its tab is closed
    },
    get offer() { return this.offerIn("#facet-right"); },
    /* What the editor whose tab is open in an area (a selector or an element) wants marked: {points: {most} or null,
       paint: bool, button}. */
    offerIn(area) {
      const inside = (element) => (area.contains ? area.contains(element) : element.closest(area));
      const open = [...claims].filter(({ element }) => element.isConnected && element.offsetParent && inside(element));
      const points = open.find(({ kind }) => kind === "points");
      return open.length ? { points: points || null, paint: open.some(({ kind }) => kind === "paint"), button: open[0].button() } : null;
    },
  };
})();
