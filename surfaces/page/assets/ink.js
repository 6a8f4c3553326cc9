/* Draws the marks over the stage as SVG: as crisp and as large at every zoom. Nodes are kept, so that focus stays. */
window.facet.ink = (board) => {
  "use strict";
  const { marks } = window.facet;
  const HANDLE = 9.5, TARGET = 6.5, HEAD = 8;  // screen pixels
  const svg = (tag, className, props = {}, ...children) => {
    const node = document.createElementNS("http://www.w3.org/2000/svg", tag);
    node.setAttribute("class", className);
    set(node, props);
    node.append(...children);
    return node;
  };
  const set = (node, props) => Object.entries(props).forEach(([name, value]) => node.setAttribute(name, value));
  const shift = (node, [x, y]) => node.setAttribute("transform", `translate(${x.toFixed(2)} ${y.toFixed(2)})`);
  const line = (points) => points.map(([x, y]) => `${x.toFixed(1)},${y.toFixed(1)}`).join(" ");
  const place = ([x, y]) => `x ${Math.round(x * 10) / 10}, y ${Math.round(y * 10) / 10}`;

  const trails = svg("g", "fk-trails"), pairs = svg("g", "fk-pairs", { role: "group", "aria-label": "Pairs of points" });
  const dots = svg("g", "fk-dots");
  const aim = svg("line", "fk-aim"), start = svg("circle", "fk-start", { r: HANDLE });
  const brush = svg("circle", "fk-brush"), brushCase = svg("circle", "fk-brush-case");
  const snap = svg("text", "fk-snap", { "text-anchor": "middle" });
  board.svg.append(trails, dots, pairs, aim, start, brushCase, brush, snap);
  const shown = new Map();  // id of a pair → its nodes

  const end = (id, name, radius, ...inside) => {
    const node = svg("g", `fk-end fk-${name}`, { tabindex: 0, role: "button" },
      svg("circle", "fk-halo", { r: radius + 6 }), svg("circle", "fk-case", { r: radius + 1 }), svg("circle", "fk-disc", { r: radius }), ...inside);
    node.dataset.id = id;
    node.dataset.end = name;
    node.addEventListener("focus", () => board.select(id, name));
    return node;
  };
  const drawn = (id) => {
    if (!shown.has(id)) {
      const number = svg("text", "fk-number", { "text-anchor": "middle", dy: "0.36em", "aria-hidden": "true" });
      const parts = { number, trail: svg("polyline", "fk-trail"), shade: svg("path", "fk-shade"), arrow: svg("path", "fk-arrow"),
        handle: end(id, "handle", HANDLE, number), target: end(id, "target", TARGET, svg("circle", "fk-eye", { r: 2.4 }),
          svg("circle", "fk-there", { r: HANDLE + 4 })) };
      parts.group = svg("g", "fk-pair", {}, parts.shade, parts.arrow, parts.handle, parts.target);
      trails.append(parts.trail);
      shown.set(id, parts);
    }
    return shown.get(id);
  };

  /* From the rim of the handle to the rim of the target, with a slender head; nothing where there is no room for it. */
  const arrow = ([x, y], [to_x, to_y]) => {
    const far = Math.hypot(to_x - x, to_y - y);
    if (far < HANDLE + TARGET + 6) return "";
    const [ux, uy] = [(to_x - x) / far, (to_y - y) / far];
    const along = (length, side = 0) => `${(x + ux * length - uy * side).toFixed(1)} ${(y + uy * length + ux * side).toFixed(1)}`;
    const tip = far - TARGET - 2.5;
    return `M${along(HANDLE)}L${along(tip - 1)}M${along(tip - HEAD, HEAD * 0.5)}L${along(tip)}L${along(tip - HEAD, -HEAD * 0.5)}`;
  };
  const drawPair = (pair, index, all) => {
    const parts = drawn(pair.id);
    const from = marks.at(pair);
    const [a, b] = [board.toView(from), board.toView(pair.target)];
    const path = arrow(a, b);
    set(parts.shade, { d: path }); set(parts.arrow, { d: path });
    shift(parts.handle, a); shift(parts.target, b);
    parts.number.textContent = index + 1;
    const chosen = board.selected === pair.id;
    parts.group.classList.toggle("fk-selected", chosen);
    parts.group.classList.toggle("fk-arrived", Math.hypot(a[0] - b[0], a[1] - b[1]) < HANDLE);
    parts.handle.classList.toggle("fk-held", chosen && board.end === "handle");
    parts.target.classList.toggle("fk-held", chosen && board.end === "target");
    parts.handle.setAttribute("aria-label", `Pair ${index + 1} of ${all.length}, handle at ${place(from)}`);
    parts.target.setAttribute("aria-label", `Pair ${index + 1} of ${all.length}, target at ${place(pair.target)}`);
    const trail = marks.trail(pair.id);
    set(parts.trail, { points: trail.length > 1 ? line(trail.map(board.toView)) : "" });
    if (pairs.children[index] !== parts.group) pairs.insertBefore(parts.group, pairs.children[index] || null);
  };
  const drawPairs = () => {
    marks.pairs.forEach(drawPair);
    for (const [id, parts] of shown) {
      if (marks.pairNamed(id)) continue;
      if (parts.group.contains(document.activeElement)) board.svg.focus({ preventScroll: true });  // keys go on working
      parts.group.remove(); parts.trail.remove(); shown.delete(id);
    }
  };
  const drawDots = () => {
    while (dots.children.length < marks.dots.length) dots.append(svg("circle", "fk-dot", { r: 3.5 }));
    while (dots.children.length > marks.dots.length) dots.lastChild.remove();
    marks.dots.forEach((point, index) => shift(dots.children[index], board.toView(point)));
  };
  const drawCursor = () => {
    const { pending, pointer, tool } = board;
    const visible = (node, on) => { node.style.display = on ? "" : "none"; };
    visible(start, pending); visible(aim, pending && pointer);
    if (pending) shift(start, board.toView(pending));
    if (pending && pointer) {
      const [x1, y1] = board.toView(pending);
      set(aim, { x1, y1, x2: pointer[0], y2: pointer[1] });
    }
    const painting = pointer && (tool === "brush" || tool === "erase");
    visible(brush, painting); visible(brushCase, painting);
    if (painting) for (const node of [brush, brushCase]) {
      shift(node, pointer);
      node.setAttribute("r", Math.max(1, board.radius * board.scale));
    }
    visible(snap, board.snapped);
    if (board.snapped) { snap.textContent = board.snapped.name; shift(snap, board.toView(board.snapped.point).map((value, axis) => value - 18 * axis)); }
  };

  return {
    draw() { drawPairs(); drawDots(); drawCursor(); },
    focus(id, name) { shown.get(id)?.[name].focus({ preventScroll: true }); },
  };
};
