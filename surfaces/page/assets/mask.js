/* The mask as a picture. It is kept as a list of strokes (brush, eraser, invert, a picture that was uploaded), so that undo
   costs nothing; here they are drawn at the size of the source picture. Painted means: may change. */
window.facet.mask = (() => {
  "use strict";
  const TINT = "#18b6a3";
  const OPAQUE = 128;  // alpha from which a pixel counts as painted

  /* One piece of a stroke. A stroke is drawn piece by piece, while it is made as well as later, to the same pixels. */
  const piece = (pen, { kind, radius }, [x, y], [to_x, to_y]) => {
    pen.globalCompositeOperation = kind === "erase" ? "destination-out" : "source-over";
    pen.strokeStyle = TINT;
    pen.lineCap = "round";
    pen.lineWidth = 2 * radius;
    pen.beginPath();
    pen.moveTo(x + 0.5, y + 0.5);  // (0, 0) is the centre of the first pixel
    pen.lineTo(to_x + 0.5 + (x === to_x && y === to_y ? 1e-3 : 0), to_y + 0.5);
    pen.stroke();
  };
  const strokes = {
    brush(pen, stroke) { stroke.path.forEach((point, index) => piece(pen, stroke, stroke.path[Math.max(0, index - 1)], point)); },
    erase(pen, stroke) { strokes.brush(pen, stroke); },
    invert(pen) {
      pen.globalCompositeOperation = "xor";
      pen.fillStyle = TINT;
      pen.fillRect(0, 0, pen.canvas.width, pen.canvas.height);
    },
    picture(pen, { canvas }) {
      pen.globalCompositeOperation = "copy";
      pen.drawImage(canvas, 0, 0, pen.canvas.width, pen.canvas.height);
    },
  };

  const canvas = document.createElement("canvas");
  const pen = canvas.getContext("2d", { willReadFrequently: true });
  let drawn = [];
  /* Bring the canvas up to date with a list of strokes, drawing only what is new where that is enough. */
  const draw = (list, [width, height]) => {
    const sized = canvas.width === width && canvas.height === height;
    const more = sized && drawn.length <= list.length && drawn.every((stroke, index) => stroke === list[index]);
    if (!sized) [canvas.width, canvas.height] = [width, height];
    if (!more) { pen.globalCompositeOperation = "source-over"; pen.clearRect(0, 0, width, height); }
    for (const stroke of more ? list.slice(drawn.length) : list) strokes[stroke.kind](pen, stroke);
    drawn = list;
  };
  /* A stroke in the making: its pieces are drawn at once, and `keep` says that it joined the list. */
  const wet = (stroke) => ({
    to(point) { piece(pen, stroke, stroke.path.at(-1) || point, point); stroke.path.push(point); },
    keep() { drawn = [...drawn, stroke]; },
    drop() { drawn = [null]; },
  });

  let encoded = { list: null, png: null, share: 0 };
  /* {png: black-and-white data URL, or null if nothing is painted; share: painted part of the picture, 0 to 1}. */
  const encode = (list, size) => {
    if (encoded.list === list) return encoded;
    draw(list, size);
    if (!list.length) return (encoded = { list, png: null, share: 0 });
    const data = pen.getImageData(0, 0, ...size), words = new Uint32Array(data.data.buffer);  // alpha in the highest byte
    let painted = 0;
    for (let index = 0; index < words.length; index++) {
      const on = words[index] >>> 24 >= OPAQUE;
      painted += on;
      words[index] = on ? 0xffffffff : 0xff000000;
    }
    const sheet = document.createElement("canvas");
    [sheet.width, sheet.height] = size;
    sheet.getContext("2d").putImageData(data, 0, 0);
    return (encoded = { list, png: painted ? sheet.toDataURL("image/png") : null, share: painted / (size[0] * size[1]) });
  };

  /* What is painted in RGBA pixels, as 0 and 1, or null if nothing is. The rule is that of registry/masks.py, where it is
     put into words; a test holds the two together. */
  const judge = (rgba) => {
    const count = rgba.length / 4, level = new Float32Array(count), on = new Uint8Array(count);
    let clear = false, high = 0, shown = 0, black = 0, white = 0;
    const levels = new Set();
    for (let index = 0; index < count; index++) {
      const [red, green, blue, alpha] = rgba.subarray(4 * index, 4 * index + 4);
      level[index] = (red + green + blue) / 3;
      if (alpha < OPAQUE) { clear = true; continue; }
      shown += 1;
      black += level[index] <= 64;
      white += level[index] >= 191;
      if (level[index] > high) high = level[index];
      if (levels.size < 3) levels.add(level[index]);
    }
    const labels = high >= 1 && (high === 1 || levels.size === 2);
    const middle = high > 127.5 || !labels ? 127.5 : high - 0.5;
    const both = Math.min(black, white) >= 0.01 * shown;
    let painted = 0;
    for (let index = 0; index < count; index++) {
      const seen = rgba[4 * index + 3] >= OPAQUE;
      on[index] = clear ? seen && (!both || level[index] > 127.5) : level[index] > middle;
      painted += on[index];
    }
    return painted ? on : null;
  };

  /* A mask file as a stroke, or null if the browser cannot read it, it has another size, or nothing is painted in it: then
     the server is to judge. */
  const read = async (file, [width, height]) => {
    const bitmap = await createImageBitmap(file, { colorSpaceConversion: "none", premultiplyAlpha: "none" }).catch(() => null);
    if (!bitmap || bitmap.width !== width || bitmap.height !== height) return null;
    const sheet = document.createElement("canvas");
    [sheet.width, sheet.height] = [width, height];
    const ink = sheet.getContext("2d");
    ink.drawImage(bitmap, 0, 0);
    const data = ink.getImageData(0, 0, width, height);
    const on = judge(data.data);
    if (!on) return null;
    on.forEach((painted, index) => data.data.set([0x18, 0xb6, 0xa3, painted ? 255 : 0], 4 * index));
    ink.putImageData(data, 0, 0);
    return { kind: "picture", canvas: sheet };
  };

  return { canvas, draw, wet, encode, read };
})();
