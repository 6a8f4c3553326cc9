/* A label map that is painted on: a number for each pixel, drawn into a canvas in the palette's colours. Strokes have hard
   edges, so that parts never mix; every change is one step of undo, kept as the rectangle that it touched. */
window.facet.labelMap = (colours, changed) => {
  "use strict";
  const MOST_STEPS = 200, MOST_BYTES = 32 * 2 ** 20;
  const rgb = colours.map((hex) => [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16)));
  const words = rgb.map(([red, green, blue]) => (0xff000000 | (blue << 16) | (green << 8) | red) >>> 0);  // as ImageData has them
  const canvas = document.createElement("canvas");
  const pen = canvas.getContext("2d", { willReadFrequently: true });
  let width = 0, height = 0, cells = new Uint8Array(0), parsed = null, past = [], future = [], bytes = 0, open = null;

  const show = ({ x, y, right, bottom }) => {
    const data = pen.createImageData(right - x, bottom - y), out = new Uint32Array(data.data.buffer);
    let at = 0;
    for (let row = y; row < bottom; row++) for (let column = x; column < right; column++) out[at++] = words[cells[row * width + column]];
    pen.putImageData(data, x, y);
  };
  const all = () => ({ x: 0, y: 0, right: width, bottom: height });
  const crop = (from, { x, y, right, bottom }) => {
    const wide = right - x, cut = new Uint8Array(wide * (bottom - y));
    for (let row = y; row < bottom; row++) cut.set(from.subarray(row * width + x, row * width + right), (row - y) * wide);
    return cut;
  };
  const paste = (cut, box) => {
    const wide = box.right - box.x;
    for (let row = box.y; row < box.bottom; row++) cells.set(cut.subarray((row - box.y) * wide, (row - box.y + 1) * wide), row * width + box.x);
    show(box);
  };

  /* ---- one step of undo: begin, change cells, keep --------------------------------------------------------------- */
  const begin = () => { open = { before: cells.slice(), box: null }; };
  const touched = (box) => {
    const old = open.box;
    open.box = old ? { x: Math.min(old.x, box.x), y: Math.min(old.y, box.y), right: Math.max(old.right, box.right), bottom: Math.max(old.bottom, box.bottom) } : box;
    show(box);
  };
  const keep = () => {
    const { before, box } = open;
    open = null;
    if (!box) return false;
    const step = { box, before: crop(before, box), after: crop(cells, box), bytes: 0 };
    if (step.before.every((value, at) => value === step.after[at])) return false;
    done({ ...step, bytes: 2 * step.before.length });
    return true;
  };
  const done = (step) => {
    past.push(step);
    future = [];
    bytes += step.bytes;
    while (past.length > MOST_STEPS || bytes > MOST_BYTES) bytes -= past.shift().bytes;
    changed();
  };
  const drop = () => { if (open?.box) { cells.set(open.before); show(all()); } open = null; };
  const travel = (from, to, which) => {
    const step = from.pop();
    if (!step) return false;
    to.push(step);
    if (step.box) paste(step[which], step.box); else whole(step[which]);
    changed();
    return true;
  };

  /* A piece of a stroke from one point to another, in whole cells: all whose centre lies within `radius` of the line, and
     the cells on the line itself. `part` is a number, or null for the eraser: what the picture's own map had there. */
  const line = ([x0, y0], [x1, y1], radius, part) => {
    const left = Math.max(0, Math.floor(Math.min(x0, x1) - radius)), top = Math.max(0, Math.floor(Math.min(y0, y1) - radius));
    const right = Math.min(width, Math.ceil(Math.max(x0, x1) + radius) + 1), bottom = Math.min(height, Math.ceil(Math.max(y0, y1) + radius) + 1);
    if (right <= left || bottom <= top) return;
    const dx = x1 - x0, dy = y1 - y0, long = dx * dx + dy * dy, near = Math.max(radius, 0.5) ** 2;
    const put = (at) => { cells[at] = part === null ? (parsed ? parsed[at] : 0) : part; };
    if (radius > 0.6)
      for (let y = top; y < bottom; y++) for (let x = left; x < right; x++) {
        const along = long ? Math.max(0, Math.min(1, ((x - x0) * dx + (y - y0) * dy) / long)) : 0;
        if ((x - x0 - along * dx) ** 2 + (y - y0 - along * dy) ** 2 <= near) put(y * width + x);
      }
    else {
      const steps = Math.max(1, Math.ceil(Math.max(Math.abs(dx), Math.abs(dy))));
      for (let step = 0; step <= steps; step++) {
        const x = Math.round(x0 + (dx * step) / steps), y = Math.round(y0 + (dy * step) / steps);
        if (x >= 0 && y >= 0 && x < width && y < height) put(y * width + x);
      }
    }
    touched({ x: left, y: top, right, bottom });
  };
  /* All cells of one part that hang together with this one, by their sides. */
  const fill = ([x, y], part) => {
    const old = cells[y * width + x];
    if (old === part) return false;
    begin();
    const waiting = [[x, y]], box = { x, y, right: x + 1, bottom: y + 1 };
    while (waiting.length) {
      let [left, row] = waiting.pop();
      const base = row * width;
      if (cells[base + left] !== old) continue;
      while (left > 0 && cells[base + left - 1] === old) left--;
      let end = left, above = false, below = false;
      for (; end < width && cells[base + end] === old; end++) {
        cells[base + end] = part;
        const up = row > 0 && cells[base - width + end] === old, down = row < height - 1 && cells[base + width + end] === old;
        if (up && !above) waiting.push([end, row - 1]);
        if (down && !below) waiting.push([end, row + 1]);
        above = up; below = down;
      }
      box.x = Math.min(box.x, left); box.right = Math.max(box.right, end);
      box.y = Math.min(box.y, row); box.bottom = Math.max(box.bottom, row + 1);
    }
    touched(box);
    return keep();
  };

  const whole = (map) => {
    [width, height] = map.size; [canvas.width, canvas.height] = map.size;
    cells = map.cells.slice(); parsed = map.parsed; open = null;
    show(all());
  };
  const now = () => ({ cells: cells.slice(), size: [width, height], parsed });
  /* A whole map in the place of this one, as one step of undo. `own`: it is what the picture says, and the eraser goes
     back to it. */
  const replace = (next, size, own = false) => {
    const before = now();
    whole({ cells: next, size, parsed: own ? next : null });
    done({ before, after: now(), bytes: 3 * (before.cells.length + next.length) });
  };
  /* The numbers in a picture in exactly the palette's colours, as the server sends them: [cells, size]. */
  const numbers = async (address) => {
    const image = new Image();
    image.src = address;
    await image.decode();
    const sheet = document.createElement("canvas"), ink = sheet.getContext("2d", { willReadFrequently: true });
    const [wide, high] = [sheet.width, sheet.height] = [image.naturalWidth, image.naturalHeight];
    ink.drawImage(image, 0, 0);
    const seen = new Uint32Array(ink.getImageData(0, 0, wide, high).data.buffer), of = new Map(words.map((word, at) => [word, at]));
    return [Uint8Array.from(seen, (word) => of.get(word) ?? 0), [wide, high]];
  };

  return {
    canvas, begin, keep, drop, line, fill, replace, numbers,
    get size() { return [width, height]; },
    get empty() { return !cells.some(Boolean); },
    get busy() { return open !== null; },
    get canUndo() { return past.length > 0; }, get canRedo() { return future.length > 0; },
    at: ([x, y]) => (x >= 0 && y >= 0 && x < width && y < height ? cells[y * width + x] : null),
    undo: () => travel(past, future, "before"), redo: () => travel(future, past, "after"),
    blank(size) { whole({ cells: new Uint8Array(size[0] * size[1]), size, parsed: null }); past = []; future = []; bytes = 0; },
    clear() { begin(); cells.fill(0); touched(all()); keep(); },
    snapshot: () => ({ ...now(), past, future, bytes }),
    restore(kept) { whole(kept); ({ past, future, bytes } = kept); },
    png: () => canvas.toDataURL("image/png"),
  };
};
