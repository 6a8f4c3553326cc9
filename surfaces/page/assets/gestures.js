/* Pointer and keyboard on the canvas. Each pointer action is a gesture: {move(event), end(event), cancel()}. */
window.facet.gestures = (board) => {
  "use strict";
  const { marks, mask } = window.facet;
  const { svg, view } = board;
  const CLICK = 5;  // screen pixels that a click may move
  const down = new Map();  // pointers on the canvas
  let gesture = null, space = false, mouse = false;

  const reach = (event) => (event.pointerType === "touch" ? 26 : 15);
  const far = (a, b) => Math.hypot(a[0] - b[0], a[1] - b[1]);
  /* The end of a pair under the pointer: the nearest, the chosen pair's first, a target before its handle: where a drag has
     arrived they lie together, and who pulls on wants to go further. */
  const hit = (event) => {
    const here = board.here(event);
    const ends = marks.pairs.flatMap((pair) => {
      const target = board.toView(pair.target), handle = board.toView(marks.at(pair)), chosen = pair.id === board.selected ? 3 : 0;
      const together = far(target, handle) < 8 ? 8 : 0;
      return [{ id: pair.id, end: "target", away: far(target, here) - chosen },
        { id: pair.id, end: "handle", away: far(handle, here) - chosen + together }];
    });
    const near = ends.filter(({ away }) => away <= reach(event)).sort((a, b) => a.away - b.away);
    return near[0] || null;
  };
  /* Where a mark goes that is put here: on a landmark that is near, unless Alt is held. */
  const spot = (event) => {
    const here = board.here(event);
    const near = event.altKey ? null : marks.landmarks.map(([name, x, y]) => ({ name, point: [x, y], away: far(board.toView([x, y]), here) }))
      .filter(({ away }) => away < 10).sort((a, b) => a.away - b.away)[0];
    board.snapped = near || null;
    return near ? near.point : board.toSource(here);
  };

  const drag = (id, end) => {
    const step = Symbol("one undo step");
    const before = marks.pairNamed(id)[end];
    board.select(id, end);
    return {
      move(event) { if (marks.pairNamed(id)) marks.move(id, end, spot(event), step); },
      end() { board.focus(id, end); board.tell(id, end); },
      cancel() { if (marks.pairNamed(id)) marks.move(id, end, before, step); },
    };
  };
  /* Press and drag makes a pair at once; a click leaves a handle that waits for the click on its target. */
  const make = (event) => {
    const start = board.here(event), handle = board.pending || spot(event), waiting = !!board.pending, step = Symbol("one undo step");
    let id = null;
    const create = (target) => {
      id = board.add(handle, target, step);
      board.pending = null;
      if (id !== null) board.select(id, "target");
    };
    if (waiting) create(spot(event));
    return {
      move(now) {
        if (id !== null) marks.move(id, "target", spot(now), step);
        else if (!waiting && far(board.here(now), start) > CLICK && marks.pairs.length < board.most) create(spot(now));
      },
      end() {
        if (id !== null) { board.focus(id, "target"); board.tell(id, "target"); return; }
        if (waiting || !board.room()) return;
        board.pending = handle;
        board.select(null);
        board.say("Handle placed. Click where it should go.");
      },
      cancel() { if (id !== null) { marks.undo(); board.pending = waiting ? handle : null; } },
    };
  };
  const stroke = (event) => {
    const wet = { kind: board.tool, radius: board.radius, path: [] };
    const ink = mask.wet(wet);
    ink.to(board.toSource(board.here(event), true));
    return {
      move(now) {
        const all = now.getCoalescedEvents?.() || [];
        for (const each of all.length ? all : [now]) ink.to(board.toSource(board.here(each), true));
      },
      end() { ink.keep(); marks.paint(wet); board.say(wet.kind === "erase" ? "Erased." : "Painted."); },
      cancel() { ink.drop(); mask.draw(marks.mask, marks.size); },
    };
  };
  const pan = (event) => {
    let last = board.here(event);
    svg.classList.add("fk-panning");
    const stop = () => svg.classList.remove("fk-panning");
    return {
      move(now) { const here = board.here(now); board.panBy(here[0] - last[0], here[1] - last[1]); last = here; },
      end: stop, cancel: stop,
    };
  };
  const pinch = () => {
    const two = () => [...down.values()].slice(0, 2).map(board.here);
    const look = ([a, b]) => ({ middle: [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2], wide: Math.max(20, far(a, b)) });
    let last = look(two());
    return {
      move() {
        if (down.size < 2) return;
        const now = look(two());
        board.panBy(now.middle[0] - last.middle[0], now.middle[1] - last.middle[1]);
        board.zoomBy(now.wide / last.wide, now.middle);
        last = now;
      },
      end() {}, cancel() {},
    };
  };

  const begin = (event) => {
    if (event.button === 1 || space || board.tool === "hand") return pan(event);
    if (board.tool !== "points") return stroke(event);
    const found = board.pending ? null : hit(event);
    return found ? drag(found.id, found.end) : make(event);
  };
  const over = (event) => {
    if (down.size) return;
    const found = board.tool === "points" && !board.pending && !space && hit(event);
    svg.classList.toggle("fk-over-end", !!found);
    board.snapped = null;
    if (board.tool === "points" && !found) spot(event);
  };

  svg.addEventListener("pointerdown", (event) => {
    if (event.button > 1) return;
    event.preventDefault();
    svg.focus({ preventScroll: true });
    down.set(event.pointerId, event);
    try { svg.setPointerCapture(event.pointerId); } catch { /* the pointer has gone already */ }
    board.pointer = board.here(event);
    if (down.size === 2) { gesture?.cancel(); gesture = pinch(); } else if (down.size === 1) gesture = begin(event);
    board.redraw();
  });
  svg.addEventListener("pointermove", (event) => {
    mouse = true;
    board.pointer = event.pointerType === "touch" && !down.size ? null : board.here(event);
    if (down.has(event.pointerId)) { down.set(event.pointerId, event); gesture?.move(event); } else over(event);
    board.redraw();
  });
  const up = (how) => (event) => {
    if (!down.delete(event.pointerId)) return;
    if (!down.size) { gesture?.[how](event); gesture = null; board.snapped = null; }
    if (event.pointerType === "touch") board.pointer = null;
    board.redraw();
  };
  svg.addEventListener("pointerup", up("end"));
  svg.addEventListener("pointercancel", up("cancel"));
  svg.addEventListener("pointerleave", () => { if (!down.size) { board.pointer = null; board.snapped = null; board.redraw(); } });
  svg.addEventListener("contextmenu", (event) => {
    event.preventDefault();
    const found = hit(event);
    if (board.pending) board.pending = null;
    else if (found) board.remove(found.id);
    board.redraw();
  });
  view.addEventListener("wheel", (event) => {
    if (!board.active || (event.deltaY > 0 && board.zoom.k === 1 && !event.ctrlKey)) return;  // the page scrolls on
    event.preventDefault();
    board.zoomBy(Math.exp(-Math.max(-60, Math.min(60, event.deltaY)) / (event.ctrlKey ? 60 : 240)), board.here(event));
  }, { passive: false });

  const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
  let nudged = null;  // arrow keys in a row are one undo step
  const nudge = (event) => {
    const pair = marks.pairNamed(board.selected);
    if (!pair) return false;
    if (nudged?.id !== pair.id || nudged.end !== board.end) nudged = { id: pair.id, end: board.end, step: Symbol("one undo step") };
    const from = board.end === "handle" ? marks.at(pair) : pair.target;
    const [dx, dy] = ARROWS[event.key].map((value) => value * (event.shiftKey ? 10 : 1));
    marks.move(pair.id, board.end, [from[0] + dx, from[1] + dy], nudged.step);
    board.tell(pair.id, board.end);
    return true;
  };
  const KEYS = {
    n: () => board.fresh(), p: () => board.choose("points"), b: () => board.choose("brush"), e: () => board.choose("erase"),
    h: () => board.choose("hand"), "+": () => board.zoomBy(1.5), "=": () => board.zoomBy(1.5), "-": () => board.zoomBy(1 / 1.5),
    0: () => board.fit(), "[": () => board.resize(board.sized - 0.05), "]": () => board.resize(board.sized + 0.05),
    delete: () => board.remove(), backspace: () => board.remove(),
    escape: () => { if (board.pending) { board.pending = null; board.redraw(); } else board.select(null); },
  };
  const keyed = (event) => {
    const key = event.key.toLowerCase();
    if (event.ctrlKey || event.metaKey) {
      const back = key === "z" && !event.shiftKey, on = key === "y" || (key === "z" && event.shiftKey);
      const can = back ? marks.canUndo || board.pending : on && marks.canRedo;
      if (can) { if (back) board.undo(); else board.redo(); }
      return can;  // with nothing to undo here, the history of pictures takes the key
    }
    if (ARROWS[event.key]) return nudge(event);
    if (event.altKey || !KEYS[key]) return false;
    KEYS[key]();
    return true;
  };
  /* Wherever no text is typed: letters and undo from all over the page; keys that mean something elsewhere, too, only here. */
  const here = (event) => svg.contains(event.target) || board.bar.contains(event.target) || event.target === document.body;
  const ONLY_HERE = new Set([...Object.keys(ARROWS), "Delete", "Backspace", "Escape"]);
  const typed = "input:not([type=range], [type=checkbox], [type=radio], [type=file]), textarea, select, [contenteditable]";
  document.addEventListener("keydown", (event) => {
    if (!board.active || event.defaultPrevented || !svg.checkVisibility() || document.querySelector("dialog[open]")) return;
    if (event.target.closest?.(typed) || (ONLY_HERE.has(event.key) && !here(event))) return;
    if (board.bar.contains(event.target) && event.target.matches("input")) return;
    if (board.bar.contains(event.target) && (ARROWS[event.key] || event.key === "Delete")) return;
    if (!ARROWS[event.key]) nudged = null;
    if (keyed(event)) { event.preventDefault(); event.stopImmediatePropagation(); }
  }, true);
  document.addEventListener("keydown", (event) => {
    if (event.key === "Tab") mouse = false;  // from here on the space bar presses buttons
    if (event.key !== " " || !board.active || !mouse || !board.pointer || event.target.closest?.("input, textarea")) return;
    event.preventDefault();
    space = true;
    svg.classList.add("fk-grab");
  });
  document.addEventListener("keyup", (event) => {
    if (event.key !== " " || !space) return;
    event.preventDefault(); // a button that was pressed with the mouse before would take it for another press
    space = false;
    svg.classList.remove("fk-grab");
  });
};
