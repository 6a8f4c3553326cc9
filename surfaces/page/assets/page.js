/* The page's own widgets. Each is an instance of Gradio's HTML component with an empty, constant template; the functions
   below fill it and keep it up to date. Text from outside is only ever put in through textContent. */
window.facet = (() => {
  "use strict";

  const make = (tag, props = {}, ...children) => {
    const node = document.createElement(tag);
    for (const [name, value] of Object.entries(props)) {
      if (name in node && name !== "list") node[name] = value;
      else node.setAttribute(name, value);
    }
    node.append(...children);
    return node;
  };
  const still = matchMedia("(prefers-reduced-motion: reduce)");
  const show = (node, on) => { node.hidden = !on; };
  const inShelf = (name, id) => (window.facetShelf?.[name] || []).find((row) => row.id === id);

  /* A widget's value travels both ways in different shapes; ours carries `rev`, and is not taken for the server's. */
  let revision = 0;
  const send = ({ props, trigger }, value) => {
    props.value = { ...value, rev: ++revision };
    trigger("input", {});
  };
  const receive = ({ props, watch }, apply) => {
    const on = () => { if (props.value && props.value.rev === undefined) apply(props.value); };
    watch("value", on);
    on();
  };

  /* Draws the newest picture only: one that arrives while another is decoded replaces any that still waits. */
  const painter = (image, drawn) => {
    let busy = false, next = null;
    const paint = (src) => {
      if (busy) { next = src; return; }
      busy = true;
      const loaded = new Image();
      loaded.onload = loaded.onerror = () => {
        if (loaded.naturalWidth) { image.src = src; drawn(loaded); }
        busy = false;
        if (next) { const waiting = next; next = null; paint(waiting); }
      };
      loaded.src = src;
    };
    return paint;
  };

  const fileData = async (upload, file) => {
    if (file.size > limit()) throw new Error("too large");
    const { path, url } = await upload(file);
    return { path, url, orig_name: file.name, size: file.size, mime_type: file.type, meta: { _type: "gradio.FileData" } };
  };
  const limit = () => window.facetLimit || Infinity;  // bytes, set by the server
  const notSent = (file) => `${file.name || "The file"} ` + (file.size > limit()
    ? `has ${Math.ceil(file.size / 2 ** 20)} MB, the most is ${Math.floor(limit() / 2 ** 20)}. Make it smaller first.`
    : "could not be sent. Try again.");

  let offerFile = () => {};    // set by the subject bar, used by the stage's drop zone
  let offerSample = () => {};  // set by the subject bar, used by the empty stage
  /* The picture that is edited, for widgets that show it: {picture, size, entry, parent, title}, or null while there is none. */
  const watching = new Set();
  let subject = null;
  const onSubject = (listener) => { watching.add(listener); listener(subject); return () => watching.delete(listener); };
  const isSubject = (next) => {
    if (next?.entry === subject?.entry && next?.picture === subject?.picture) return;
    subject = next;
    watching.forEach((listener) => listener(subject));
  };
  let sayError = () => {};     // set by the stage, used by the bar when an upload fails

  /* ---- thumbnails of a bundled collection, as a group of toggle buttons ---------------------------------------- */
  const shelf = (name, pick) => {
    const row = make("div", { className: "fp-shelf", role: "group", "aria-label": "Bundled pictures" });
    for (const sample of window.facetShelf?.[name] || []) {
      const button = make("button", { type: "button", className: "fp-thumb", title: `${sample.title} (${sample.credit})`,
        "aria-pressed": "false" }, make("img", { src: sample.thumb, alt: sample.title }));
      button.dataset.id = sample.id;
      button.addEventListener("click", () => pick(sample.id));
      row.append(button);
    }
    const mark = (id) => row.querySelectorAll("button").forEach((button) =>
      button.setAttribute("aria-pressed", button.dataset.id === id));
    return [row, mark];
  };
  const chooser = (label, className, pick) => {
    const input = make("input", { type: "file", accept: "image/*,.tif,.tiff,.bmp,.avif,.heic,.heif", className: "fp-file", tabIndex: -1 });
    input.setAttribute("aria-hidden", "true");
    const button = make("button", { type: "button", className, textContent: label });
    button.addEventListener("click", () => input.click());
    input.addEventListener("change", () => { if (input.files[0]) pick(input.files[0]); input.value = ""; });
    return [button, input];
  };

  /* ---- stage: the picture, live frames, before/after, progress, errors ---------------------------------------- */
  const stage = (ctx) => {
    const before = make("img", { className: "fs-before", alt: "" });
    const after = make("img", { className: "fs-after", alt: "" });
    const range = make("input", { type: "range", className: "fs-range", min: 0, max: 100, step: 1, value: 50 });
    range.setAttribute("aria-label", "Before and after: how much of the picture before is shown");
    const frame = make("div", { className: "fs-frame" }, before, after,
      make("span", { className: "fs-line", "aria-hidden": "true" }),
      make("span", { className: "fs-tag fs-tag-before", textContent: "Before", "aria-hidden": "true" }),
      make("span", { className: "fs-tag fs-tag-after", textContent: "After", "aria-hidden": "true" }), range);
    const [tiles] = shelf("samples", (id) => offerSample(id));
    const empty = make("div", { className: "fs-empty" },
      make("strong", { textContent: "Start with a picture" }),
      make("span", { textContent: "Drop a file here, paste one, or take one of these." }), tiles);
    const view = make("div", { className: "fs-view" }, frame, empty);
    new IntersectionObserver(([seen]) =>  // one set of samples on the screen is enough
      document.body.classList.toggle("facet-empty-seen", seen.isIntersecting)).observe(tiles);
    const bar = make("div", { className: "fs-progress", role: "progressbar", "aria-label": "Progress of the edit",
      "aria-valuemin": 0, "aria-valuemax": 100 }, make("i"));
    const note = make("span", { className: "fs-note", "aria-live": "polite" });
    const facts = make("dl", { className: "fs-facts" });
    const stop = make("button", { type: "button", className: "fs-stop", textContent: "Stop" });
    const zoom = make("button", { type: "button", className: "fs-zoom", textContent: "Full size", "aria-pressed": "false" });
    const error = make("p", { className: "fs-error", role: "alert" });
    const close = make("button", { type: "button", className: "fs-close", textContent: "Dismiss" });
    const agree = make("button", { type: "button", className: "fs-close fs-agree", textContent: "Accept the licence" });
    const words = make("span");
    error.append(words, agree, close);
    const more = make("div", { className: "fs-more", role: "group", "aria-label": "More pictures of this result" });
    const above = make("div");
    const foot = make("div", { className: "fs-foot" }, note, facts, make("span", { className: "fs-space" }), zoom, stop);
    const take = make("button", { type: "button", className: "fs-take", textContent: "Go on with this one" });
    const root = make("section", { className: "fs", "aria-label": "Picture" }, above, view, bar, foot, error, more, take);
    ctx.element.replaceChildren(root);
    const photo = window.facet.photo({ foot, pick: (onto) => send(ctx, { onto }) });
    const film = window.facet.film({ frame, foot, still });

    const split = () => {
      frame.style.setProperty("--split", `${range.value}%`);
      range.setAttribute("aria-valuetext", `${range.value} % before`);
    };
    range.addEventListener("input", split);
    stop.addEventListener("click", () => { stop.disabled = true; stop.textContent = "Stopping…"; ctx.trigger("stop", {}); });
    close.addEventListener("click", () => { words.textContent = ""; show(error, false); });
    zoom.addEventListener("click", () => {
      const on = zoom.getAttribute("aria-pressed") !== "true";
      zoom.setAttribute("aria-pressed", on);
      zoom.textContent = on ? "Fit" : "Full size";
      root.classList.toggle("fs-full", on);
    });
    view.addEventListener("dragover", (event) => { event.preventDefault(); view.classList.add("fs-over"); });
    view.addEventListener("dragleave", () => view.classList.remove("fs-over"));
    view.addEventListener("drop", (event) => {
      event.preventDefault();
      view.classList.remove("fs-over");
      offerFile(event.dataTransfer.files[0], event.dataTransfer.getData("text"));
    });

    let frames = 0, running = false, rest = null, shape = [1, 1];
    const paint = painter(after, ({ naturalWidth: wide, naturalHeight: high }) => {
      const preview = running && Math.abs((wide / high) * (shape[1] / shape[0]) - 1) < 0.02;  // may be smaller: shown as large
      if (!preview) shape = [wide, high];
      frame.style.setProperty("--wide", shape[0]);
      frame.style.setProperty("--high", shape[1]);
      root.dataset.frames = ++frames;
    });
    const run = (on) => {
      running = on;
      document.body.classList.toggle("facet-running", on);
      root.classList.toggle("fs-running", on);
      root.setAttribute("aria-busy", on);
      stop.disabled = false;
      stop.textContent = "Stop";
      show(stop, on); show(bar, on); show(zoom, !on && !!after.src); show(facts, !on);
    };
    const slider = (url) => {
      root.classList.toggle("fs-split", !!url);
      show(range, !!url);
      if (url) before.src = url; else before.removeAttribute("src");
    };
    const progress = (done) => {
      bar.firstChild.style.transform = `scaleX(${done})`;
      bar.setAttribute("aria-valuenow", Math.round(done * 100));
    };
    const intoView = () => {
      const box = view.getBoundingClientRect();
      if (box.top < 0 || box.top > innerHeight * 0.6)
        root.scrollIntoView({ behavior: still.matches ? "auto" : "smooth", block: "start" });
    };
    let asked = null;
    const refuse = (sentence, licence = null) => {
      words.textContent = sentence; asked = licence; show(agree, !!licence); show(error, true);
    };
    agree.addEventListener("click", () => { if (asked) send(ctx, { accept: asked }); });
    /* Further pictures of a result: pressing one shows it on the stage, pressing it again brings the result back. One
       that has a code of its own can be gone on with. */
    const others = (rows, main) => {
      show(take, false);
      const look = (button, src, own) => {
        const on = button.getAttribute("aria-pressed") !== "true";
        show(take, on && own && src !== main);
        take.onclick = () => send(ctx, { take: button.title });
        more.querySelectorAll("button").forEach((each) => each.setAttribute("aria-pressed", "false"));
        button.setAttribute("aria-pressed", on);
        paint(on ? src : main);
      };
      more.replaceChildren(...rows.map(({ title, picture, own }) => {
        const button = make("button", { type: "button", className: "fp-thumb", title, "aria-pressed": "false" },
          make("img", { src: picture, alt: title }), make("span", { textContent: title }));
        button.addEventListener("click", () => look(button, picture, own));
        return button;
      }));
      show(more, rows.length > 0);
    };
    sayError = refuse;
    const canvas = window.facet.canvas({ root, view, frame, bar: above, stop: () => ctx.trigger("stop", {}), idle: () => run(false) });

    let looking = false;
    const kinds = {
      empty() { isSubject(null); photo.show(""); document.documentElement.removeAttribute("data-latent"); rest = null; film.show(null); run(false); slider(null); show(more, false); show(take, false); show(empty, true); show(frame, false); note.textContent = ""; },
      rest(value) {
        rest = value;
        isSubject({ picture: value.picture, size: value.size, entry: value.entry, parent: value.parent, title: value.title });
        document.documentElement.toggleAttribute("data-latent", !!value.latent);
        canvas.rest(value);
        run(canvas.following); show(error, false); show(empty, false); show(frame, true);
        paint(value.picture);
        after.alt = value.title;
        before.alt = value.before ? "The picture before" : "";
        slider(value.before);
        looking = false;
        if (value.before) { range.value = 50; split(); }
        note.textContent = value.note || value.title;
        facts.replaceChildren(...value.facts.map(([name, text]) =>
          make("div", { className: `fs-fact-${name.replace(/\W+/g, "-")}` }, make("dt", { textContent: name }), make("dd", { textContent: text }))));
        film.show(value.film);
        photo.show(value.switch);
        others(value.more || [], value.picture);
        root.dataset.state = "rest";
      },
      start(value) {
        show(error, false); show(more, false); show(take, false); film.show(null); photo.busy(); slider(null); run(true); progress(0); note.textContent = value.note;
        show(empty, !after.src); show(frame, true); root.dataset.state = "running"; intoView();
        canvas.start();
      },
      frame(value) {
        if (!running) run(true);
        if (value.picture) { show(empty, false); paint(value.picture); }
        progress(value.done);
        canvas.frame(value);
        note.textContent = value.note || `${Math.round(value.done * 100)} %`;
      },
      look(value) {  // what a live editor would make; nothing is kept yet
        if (running || value.entry !== (rest?.entry ?? null)) return;
        if (rest || value.picture) paint(value.picture || rest.picture);
        slider(rest && (value.picture ? rest.picture : rest.before));
        if (!rest) { show(empty, !value.picture); show(frame, !!value.picture); }  // made from nothing
        if (value.picture && !looking) { range.value = 0; split(); }
        looking = !!value.picture;
        note.textContent = value.note;
        root.dataset.state = looking ? "look" : "rest";
      },
      error(value) {
        canvas.error();
        if (running && rest) kinds.rest(rest);  // back from the frames of a run that broke to what there is
        else if (running) kinds.empty();
        refuse(value.sentence, value.licence);
        root.dataset.state = "error";
        intoView();
      },
    };
    run(false); show(error, false); show(range, false); kinds.empty();
    receive(ctx, (value) => kinds[value.kind]?.(value));
  };

  /* ---- subject bar: what is being edited, and every way to choose another picture -------------------------------- */
  const bar = (ctx) => {
    const thumb = make("img", { className: "fb-now", alt: "" });
    const title = make("strong", { className: "fb-title" });
    const facts = make("span", { className: "fb-facts" });
    const choose = (value) => { ctx.element.setAttribute("aria-busy", "true"); send(ctx, value); };
    const take = async (file) => {
      facts.textContent = "Reading…";
      try { choose({ file: await fileData(ctx.upload, file) }); }
      catch { sayError(`subject: ${notSent(file)}`); apply(now); }
    };
    const [row, mark] = shelf("samples", (id) => choose({ sample: id }));
    const [button, input] = chooser("Upload a picture", "fb-upload", take);
    ctx.element.replaceChildren(make("section", { className: "fb", "aria-label": "The picture that is edited" },
      make("div", { className: "fb-subject" }, thumb, make("div", { className: "fb-words" }, title, facts)),
      button, input, row));

    offerSample = (id) => choose({ sample: id });
    offerFile = (file, text) => {
      if (file) take(file);
      else if (text && text.trim()) choose({ text: text.trim().slice(0, 300) });
    };
    document.addEventListener("paste", (event) => {
      if (event.target.closest?.("input:not([type=range]), textarea, [contenteditable]")) return;
      const file = [...event.clipboardData.files][0];
      const text = event.clipboardData.getData("text");
      if (file || /^\s*(https?|ftp):\/\//i.test(text)) { event.preventDefault(); offerFile(file, text); }
    });
    let now = { subject: null };
    const apply = (value) => {
      now = value;
      const { subject } = value;
      ctx.element.removeAttribute("aria-busy");
      show(thumb, !!subject);
      title.textContent = subject ? subject.title : "No picture yet";
      const credit = subject?.sample ? inShelf("samples", subject.sample)?.credit : "";
      facts.textContent = subject ? [subject.facts, credit].filter(Boolean).join(" · ") : "Upload or paste one to begin";
      if (subject) { thumb.src = subject.thumb; thumb.alt = subject.title; }
      mark(subject?.sample);
    };
    receive(ctx, apply);
  };

  return { make, show, send, receive, painter, inShelf, shelf, chooser, fileData, notSent, onSubject, stage, bar, sayError: (sentence) => sayError(sentence) };
})();

document.addEventListener("click", (event) => {
  const button = event.target.closest?.("#facet-theme");
  if (!button) return;
  const dark = document.body.classList.toggle("dark");
  try { localStorage.setItem("facet-theme", dark ? "dark" : "light"); } catch { /* private window */ }
});
addEventListener("DOMContentLoaded", () => {
  let wanted = null;
  try { wanted = localStorage.getItem("facet-theme"); } catch { /* private window */ }
  if (wanted && !new URLSearchParams(location.search).has("__theme"))
    setTimeout(() => document.body.classList.toggle("dark", wanted === "dark"), 0);
});
