/* Pointer, touch, pen and keyboard on the painter's canvas. `desk` is the painter; see painter.js. */
window.facet.painterGestures = (desk) => {
  "use strict";
  const { view } = desk;
  const down = new Map();
  let gesture = null;

  const cell = (point) => desk.toMap(point).map(Math.floor);
  const wide = (event) => desk.radius * (event.pointerType === "pen" && event.pressure ? 0.35 + 0.65 * event.pressure : 1);
  const stroke = (event) => {
    const rubs = desk.tool === "erase" || (event.pointerType === "pen" && (event.buttons & 32));  // a pen's other end
    const part = rubs ? null : desk.chosen;
    const place = (one) => desk.toMap(desk.here(one)).map((value) => value - 0.5);  // (0, 0) is the middle of the first cell
    let last = place(event);
    desk.map.begin();
    desk.map.line(last, last, wide(event), part);
    desk.wet();
    return {
      move(now) {
        const every = now.getCoalescedEvents?.() || [];
        for (const one of every.length ? every : [now]) { const next = place(one); desk.map.line(last, next, wide(one), part); last = next; }
        desk.wet();
      },
      end() { if (desk.map.keep()) desk.say(part === null ? "Erased." : `Painted ${desk.parts[part].name}.`); },
      cancel() { desk.map.drop(); },
    };
  };
  const pan = (event) => {
    let last = desk.here(event);
    return { move(now) { const here = desk.here(now); desk.panBy(here[0] - last[0], here[1] - last[1]); last = here; }, end() {}, cancel() {} };
  };
  const pinch = () => {
    const look = () => {
      const [a, b] = [...down.values()].slice(0, 2).map(desk.here);
      return { middle: [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2], far: Math.max(20, Math.hypot(a[0] - b[0], a[1] - b[1])) };
    };
    let last = look();
    return {
      move() {
        if (down.size < 2) return;
        const now = look();
        desk.panBy(now.middle[0] - last.middle[0], now.middle[1] - last.middle[1]);
        desk.zoomBy(now.far / last.far, now.middle);
        last = now;
      },
      end() {}, cancel() {},
    };
  };
  const begin = (event) => {
    if (event.button === 1 || desk.tool === "hand") return pan(event);
    const place = cell(desk.here(event));
    if (desk.tool === "pick" || (event.altKey && desk.parts.length > 2)) { desk.pick(place); return { move(now) { desk.pick(cell(desk.here(now))); }, end() { desk.choose("brush"); }, cancel() {} }; }
    if (desk.tool === "fill") { desk.fill(place); return null; }
    return stroke(event);
  };

  view.addEventListener("pointerdown", (event) => {
    if (event.button > 1 || event.target.closest("button")) return;
    event.preventDefault();
    view.focus({ preventScroll: true });
    down.set(event.pointerId, event);
    try { view.setPointerCapture(event.pointerId); } catch { /* the pointer has gone already */ }
    desk.pointer = desk.here(event);
    if (down.size === 2) { gesture?.cancel(); gesture = pinch(); } else if (down.size === 1) gesture = begin(event);
    desk.redraw();
  });
  view.addEventListener("pointermove", (event) => {
    desk.pointer = event.pointerType === "touch" && !down.size ? null : desk.here(event);
    if (down.has(event.pointerId)) { down.set(event.pointerId, event); gesture?.move(event); }
    desk.redraw();
  });
  const up = (how) => (event) => {
    if (!down.delete(event.pointerId)) return;
    if (!down.size) { gesture?.[how](event); gesture = null; }
    if (event.pointerType === "touch") desk.pointer = null;
    desk.redraw();
  };
  view.addEventListener("pointerup", up("end"));
  view.addEventListener("pointercancel", up("cancel"));
  view.addEventListener("pointerleave", () => { if (!down.size) { desk.pointer = null; desk.redraw(); } });
  view.addEventListener("contextmenu", (event) => event.preventDefault());
  view.addEventListener("wheel", (event) => {
    if (!event.ctrlKey && !desk.large) return;  // the page scrolls on
    event.preventDefault();
    desk.zoomBy(Math.exp(-Math.max(-60, Math.min(60, event.deltaY)) / (event.ctrlKey ? 60 : 240)), desk.here(event));
  }, { passive: false });

  /* Without a pointer: arrows move a cursor, and paint while the space bar is held. */
  const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
  let held = null;
  const paint = (from, to) => desk.map.line(from, to, desk.radius, desk.tool === "erase" ? null : desk.chosen);
  const press = () => {
    const at = desk.cursor;
    if (desk.tool === "fill") desk.fill(at);
    else if (desk.tool === "pick") { desk.pick(at); desk.choose("brush"); }
    else if (!held) { held = at; desk.map.begin(); paint(at, at); desk.wet(); }
  };
  const lift = () => {
    if (!held) return;
    held = null;
    if (desk.map.keep()) desk.say(desk.tool === "erase" ? "Erased." : `Painted ${desk.parts[desk.chosen].name}.`);
  };
  const step = (event) => {
    const far = event.shiftKey ? 1 : Math.max(1, Math.round(Math.max(...desk.map.size) / 64));
    const before = desk.cursor, [dx, dy] = ARROWS[event.key];
    desk.aim([before[0] + far * dx, before[1] + far * dy]);
    if (held) { paint(before, desk.cursor); desk.wet(); } else desk.tellPlace();
  };
  const KEYS = {
    b: () => desk.choose("brush"), f: () => desk.choose("fill"), e: () => desk.choose("erase"), i: () => desk.pick(desk.cursor), h: () => desk.choose("hand"),
    "[": () => desk.resize(desk.sized - 0.05), "]": () => desk.resize(desk.sized + 0.05), "+": () => desk.zoomBy(1.5), "=": () => desk.zoomBy(1.5), "-": () => desk.zoomBy(1 / 1.5),
    ",": () => desk.part((desk.chosen + desk.parts.length - 1) % desk.parts.length), ".": () => desk.part((desk.chosen + 1) % desk.parts.length),
  };
  const keyed = (event) => {
    const key = event.key.toLowerCase();
    if (event.ctrlKey || event.metaKey) {
      const back = key === "z" && !event.shiftKey, on = key === "y" || (key === "z" && event.shiftKey);
      const can = back ? desk.map.canUndo : on && desk.map.canRedo;
      if (can) { if (back) desk.undo(); else desk.redo(); }
      return can;  // with nothing to undo here, the history of pictures takes the key
    }
    if (event.altKey) return false;
    if (ARROWS[event.key] && event.target === view) { step(event); return true; }
    if (key === " " && event.target === view) { if (!event.repeat) press(); return true; }
    const digit = /^(?:Digit|Numpad)(\d)$/.exec(event.code)?.[1];
    if (digit !== undefined) {
      const at = +digit + (event.shiftKey ? 10 : 0);
      if (at < desk.parts.length) desk.part(at);
      return true;
    }
    if (!KEYS[key]) return false;
    KEYS[key]();
    return true;
  };
  desk.root.addEventListener("keydown", (event) => {
    if (event.target.matches("input")) return;
    if (keyed(event)) { event.preventDefault(); event.stopPropagation(); desk.redraw(); }
  });
  view.addEventListener("keyup", (event) => { if (event.key === " ") { lift(); desk.redraw(); } });
  view.addEventListener("blur", lift);
};
