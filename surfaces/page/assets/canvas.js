/* The canvas: while the open tab's editor wants points or a mask on the subject, the stage is where they are made.
   `stage` is {root, view, frame, bar, stop(), area}: the parts of the stage, where the toolbar goes, how a run is stopped,
   and where the inputs are that want marks, as `marks.offerIn` takes it, if that is not beside the stage. */
window.facet.canvas = (stage) => {
  "use strict";
  const { make, show, marks, mask } = window.facet;
  const { root, view, frame } = stage;
  const MOST_ZOOM = 16, FOLLOW = 250;  // times; milliseconds without a change before a run follows the marks
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("class", "fk");
  svg.setAttribute("tabindex", "0");
  svg.setAttribute("role", "application");
  svg.setAttribute("aria-label", "Marks on the picture. N makes a new pair, Tab goes from point to point, arrow keys move it, Delete removes it.");
  const says = make("span", { className: "fk-says", role: "status" });
  const hint = make("span", { className: "fk-hint", "aria-hidden": "true" });
  const badge = make("span", { className: "fk-badge", textContent: "Following" });
  const tint = make("div", { className: "fk-tint" }, mask.canvas);
  frame.append(tint);
  view.append(svg, hint, badge, says);

  let offer = null, before = false, drawing = false, late = null;
  const board = {
    svg, view, tool: "points", selected: null, end: "handle", pending: null, pointer: null, snapped: null,
    zoom: { k: 1, x: 0, y: 0 }, sized: 0.55, comparing: false, picked: false,
    get active() { return !!offer && !board.comparing; },
    get comparable() { return before; },
    get most() { return offer?.points?.most ?? 0; },
    get radius() { return 0.5 * (Math.min(...marks.size) || 2) ** board.sized; },
    get scale() { return frame.getBoundingClientRect().width / (marks.size[0] || 1); },
    say(text) { says.textContent = text; },

    here(event) { const box = view.getBoundingClientRect(); return [event.clientX - box.left, event.clientY - box.top]; },
    get box() {
      const outer = view.getBoundingClientRect(), inner = frame.getBoundingClientRect();
      return { left: inner.left - outer.left, top: inner.top - outer.top, width: inner.width, height: inner.height };
    },
    toView([x, y]) {
      const { left, top, width, height } = board.box;
      return [left + ((x + 0.5) / marks.size[0]) * width, top + ((y + 0.5) / marks.size[1]) * height];
    },
    /* Whole pixels, or tenths where a pixel of the source is large on the screen; `raw` may lie outside the picture. */
    toSource([x, y], raw = false) {
      const { left, top, width, height } = board.box;
      const point = [((x - left) / width) * marks.size[0] - 0.5, ((y - top) / height) * marks.size[1] - 0.5];
      const fine = board.scale > 2 ? 10 : 1;
      return raw ? point : marks.clamp(point.map((value) => Math.round(value * fine) / fine));
    },

    choose(tool) {
      if (!offer || (tool === "points" && !offer.points) || (["brush", "erase"].includes(tool) && !offer.paint)) return;
      board.tool = tool; board.picked = true; board.pending = null;
      board.redraw();
    },
    select(id, end = "handle") {
      if (board.selected === id && board.end === end) return;
      Object.assign(board, { selected: id, end });
      board.redraw();
    },
    room() {
      if (marks.pairs.length < board.most) return true;
      board.say(`There can be ${board.most} pairs at most.`);
      hint.textContent = says.textContent; show(hint, true);
      return false;
    },
    add: (handle, target, step) => (board.room() ? marks.add(handle, target, step) : null),
    /* By keyboard: in the middle of what is seen, a little apart. */
    fresh() {
      const box = view.getBoundingClientRect();
      const middle = board.toSource([box.width / 2, box.height / 2]).map(Math.round);
      board.choose("points");
      const id = board.add(middle, [middle[0] + Math.round(marks.size[0] / 12), middle[1]]);
      if (id === null) return;
      draw();
      board.focus(id, "handle");
      board.tell(id, "handle");
    },
    remove(id = board.selected) {
      const index = marks.pairs.findIndex((pair) => pair.id === id);
      if (index < 0) return;
      const inside = svg.contains(document.activeElement);
      marks.remove(id);
      const next = marks.pairs[Math.min(index, marks.pairs.length - 1)];
      board.select(inside && next ? next.id : null);
      draw();
      if (inside && next) board.focus(next.id, "handle"); else if (inside) svg.focus({ preventScroll: true });
      board.say(`Pair ${index + 1} deleted.`);
    },
    chosen: () => (board.selected === null ? marks.pairs.map((pair) => pair.id) : [board.selected]),
    swap() { marks.swap(board.chosen()); board.say("Handles and targets swapped."); },
    mirror() { const had = marks.pairs.length; marks.mirror(board.chosen(), board.most); board.say(`${marks.pairs.length - had} mirrored pairs added.`); },
    invert() { marks.paint({ kind: "invert" }); board.say("Mask inverted."); },
    unpaint() { marks.unpaint(); board.say("Mask cleared."); },
    undo() { if (board.pending) { board.pending = null; board.redraw(); } else { marks.undo(); board.say("Undone."); } },
    redo() { marks.redo(); board.say("Done again."); },
    resize(sized) { board.sized = Math.max(0, Math.min(1, sized)); board.redraw(); },
    focus(id, end) { draw(); ink.focus(id, end); },
    tell(id, end) {
      const index = marks.pairs.findIndex((pair) => pair.id === id);
      if (index < 0) return;
      const [x, y] = end === "handle" ? marks.at(marks.pairs[index]) : marks.pairs[index].target;
      board.say(`Pair ${index + 1}, ${end}: ${Math.round(x * 10) / 10}, ${Math.round(y * 10) / 10}`);
    },
    compare(on) { board.comparing = on && before; board.pending = null; attend(); },

    panBy(dx, dy) { board.zoom.x += dx; board.zoom.y += dy; settle(); },
    zoomBy(factor, at = null) {
      const { left, top } = board.box, old = board.zoom.k, box = view.getBoundingClientRect();
      const k = Math.max(1, Math.min(MOST_ZOOM, old * factor));
      const [x, y] = at || [box.width / 2, box.height / 2];
      board.zoom = { k, x: board.zoom.x + (x - left) * (1 - k / old), y: board.zoom.y + (y - top) * (1 - k / old) };
      settle();
    },
    fit() { board.zoom = { k: 1, x: 0, y: 0 }; settle(); },
    redraw() { if (!drawing) { drawing = true; requestAnimationFrame(draw); } },
  };

  /* The picture stays in the middle where it is smaller than the stage, and covers the stage where it is larger. */
  const settle = () => {
    const { zoom } = board, box = view.getBoundingClientRect(), now = frame.getBoundingClientRect();
    const drawn = new DOMMatrix(getComputedStyle(frame).transform);
    const bound = (moved, start, side, room) => {
      const large = side * zoom.k;
      if (large <= room) return (room - large) / 2 - start;
      return Math.min(-start, Math.max(room - large - start, moved));
    };
    zoom.x = zoom.k === 1 ? 0 : bound(zoom.x, now.left - box.left - drawn.e, now.width / drawn.a, box.width);
    zoom.y = zoom.k === 1 ? 0 : bound(zoom.y, now.top - box.top - drawn.f, now.height / drawn.d, box.height);
    frame.style.transform = zoom.k === 1 ? "" : `translate(${zoom.x}px, ${zoom.y}px) scale(${zoom.k})`;
    board.redraw();
  };
  const ink = window.facet.ink(board);
  const tools = window.facet.tools(board);
  board.bar = tools.element;
  stage.bar.append(tools.element);
  window.facet.gestures(board);

  const words = () => {
    if (board.pending) return "Now click where it should go";
    if (board.tool === "brush" && !marks.mask.length) return "Paint what may change";
    if (!marks.pairs.length && board.tool === "points")
      return offer?.points?.hint || "Drag from what should move to where it should go";
    return "";
  };
  const draw = () => {
    drawing = false;
    if (!offer || !marks.size[0]) return;
    if (!marks.pairNamed(board.selected)) board.selected = null;
    mask.draw(marks.mask, marks.size);
    ink.draw();
    tools.update(offer);
    if (words() || marks.pairs.length < board.most) hint.textContent = words();
    show(hint, !!hint.textContent && !marks.running);
    show(badge, marks.following !== null || (marks.running && marks.running.origin !== marks.running.entry));
    svg.dataset.tool = board.tool;
  };
  /* The stage becomes the canvas, or becomes the stage again. */
  const attend = () => {
    offer = marks.entry === null ? null : marks.offerIn(stage.area || "#facet-right");
    if (offer) tint.append(mask.canvas);  // there is one, for the canvas that is open
    if (offer?.points && !board.picked) board.tool = "points";  // not what happened to be shown first
    if (offer && ((board.tool === "points" && !offer.points) || (!offer.paint && board.tool !== "hand" && board.tool !== "points")))
      board.tool = offer.points ? "points" : "brush";
    root.classList.toggle("fs-marking", board.active);
    if (board.active) root.querySelector(".fs-zoom[aria-pressed=true]")?.click();  // the canvas has a zoom of its own
    show(tools.element, !!offer); svg.toggleAttribute("hidden", !board.active); show(tint, board.active);
    if (!board.active) { board.zoom = { k: 1, x: 0, y: 0 }; show(hint, false); show(badge, false); }
    if (offer) tools.update(offer);
    settle();
  };

  /* Marks that are moved during a run: it is stopped, and the next one goes on from where it got to. */
  const pressed = { button: null };
  document.addEventListener("click", (event) => { 
    const button = event.target.closest?.(".ft-run");
    if (button) pressed.button = button.closest("[role=tabpanel]")?.querySelector(".ft-run") || button;
   }, true);
  const edited = () => {
    const run = marks.running;
    if (!run || !run.button || run.button !== offer?.button) return;
    clearTimeout(late);
    late = setTimeout(() => {
      if (marks.running !== run || marks.following !== null) return;
      marks.follow();
      stage.stop();
    }, FOLLOW);
  };
  const goOn = (button, tried = 0) => {  // the button does nothing until the run before is over for Gradio as well
    if (marks.following === null) return;  // it has started
    if (tried < 60) { button.click(); setTimeout(goOn, Math.min(1000, 60 + 20 * tried), button, tried + 1); }
    else { marks.unfollow(); stage.idle(); }
  };
  root.addEventListener("click", (event) => {   // the visitor's own stop ends that too
    if (!event.target.closest(".fs-stop")) return;
    clearTimeout(late);
    const between = marks.following !== null && !marks.running;
    marks.unfollow();
    if (between) stage.idle();
  });
  const resume = (button) => { if (button && marks.following !== null) setTimeout(goOn, 30, button); };

  marks.listen((why) => {
    if (why === "edit") edited();
    if (why === "offer" || why === "arrive") attend(); else board.redraw();
  });
  const watch = new ResizeObserver(settle);
  watch.observe(view); watch.observe(frame);
  attend();

  return {
    rest(value) {
      const button = marks.running?.button;
      const changed = value.marks !== marks.entry && value.points === null;
      before = !!value.before;
      board.comparing &&= before;
      if (changed) Object.assign(board, { selected: null, pending: null, zoom: { k: 1, x: 0, y: 0 } });
      marks.arrive(value);
      if (value.points !== null) resume(button);
    },
    start() { clearTimeout(late); marks.start(pressed.button); },
    frame(value) { marks.track(value.points || []); },
    error() { const button = marks.running?.button; marks.abort(); resume(button); },
    get following() { return marks.following !== null; },
  };
};
