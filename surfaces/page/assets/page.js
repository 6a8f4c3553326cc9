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
    if (window.facetTooLarge(file)) throw new Error("too large");
    const { path, url } = await upload(file);
    return { path, url, orig_name: file.name, size: file.size, mime_type: file.type, meta: { _type: "gradio.FileData" } };
  };
  const notSent = (file) => window.facetTooLarge(file) || `${file.name || "The file"} could not be sent. Try again.`;

  /* What one widget offers to others: `file` and `sample` are taken by the subject bar, `error` and `look` are shown by the
     stage, and `say` says something that is no refusal there. */
  const offers = { file() {}, sample() {}, puppet() {}, first() {}, error() {}, look() {}, say() {} };
  /* The picture that is edited, for widgets that show it: {picture, size, entry, parent, title}, or null while there is none. */
  const watching = new Set();
  let subject = null;
  const onSubject = (listener) => { watching.add(listener); listener(subject); return () => watching.delete(listener); };
  const isSubject = (next) => {
    if (next?.entry === subject?.entry) return;
    subject = next;
    watching.forEach((listener) => listener(subject));
  };

  /* A row of buttons is one tab stop: the pressed one, or else the first. Arrow keys, Home and End go among them. */
  const roving = (row) => {
    const all = () => [...row.querySelectorAll("button")];
    const tidy = () => {
      const buttons = all(), now = document.activeElement;
      const stop = buttons.find((each) => each === now) || row.querySelector("[aria-pressed=true], [aria-current=true]") || buttons[0];
      buttons.forEach((each) => { each.tabIndex = each === stop ? 0 : -1; });
    };
    row.addEventListener("keydown", (event) => {
      const buttons = all(), at = buttons.indexOf(document.activeElement);
      const to = { ArrowRight: at + 1, ArrowDown: at + 1, ArrowLeft: at - 1, ArrowUp: at - 1, Home: 0, End: buttons.length - 1 }[event.key];
      if (to === undefined || at < 0 || event.altKey || event.ctrlKey || event.metaKey) return;
      event.preventDefault();
      buttons[(to + buttons.length) % buttons.length].focus();
      tidy();
    });
    row.addEventListener("focusout", () => setTimeout(tidy, 0));
    new MutationObserver(tidy).observe(row, { childList: true, subtree: true, attributes: true, attributeFilter: ["aria-pressed", "aria-current"] });
    tidy();
    return row;
  };

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
    roving(row);
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

  /* Say that a widget lacks what its editor needs, in a sentence; empty once it has it. */
  const lacks = (element, sentence) => {
    if (sentence) element.dataset.missing = sentence; else delete element.dataset.missing;
  };

  /* Hand a file that the server has made to the visitor, once for each number it comes with. */
  const address = (path) => {
    const { root = "", api_prefix = "/gradio_api" } = window.gradio_config || {};
    return `${root}${api_prefix}/file=${path.split("/").map(encodeURIComponent).join("/")}`;
  };
  const handOut = (known = "") => (file) => {
    if (!file || file.number === known) return;
    known = file.number;
    const link = make("a", { href: address(file.path), download: file.name });
    document.body.append(link);
    link.click();
    link.remove();
  };

  return { make, show, send, receive, painter, inShelf, shelf, chooser, fileData, notSent, onSubject, isSubject, offers, still,
    handOut, address, roving, lacks, sayError: (sentence) => offers.error(sentence) };
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
