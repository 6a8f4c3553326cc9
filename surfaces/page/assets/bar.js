/* The subject bar: what is being edited, and every way to choose another picture. */
(() => {
  "use strict";
  const { make, show, send, receive, inShelf, shelf, chooser, fileData, notSent, offers } = window.facet;

  facet.bar = (ctx) => {
    const thumb = make("img", { className: "fb-now", alt: "" });
    const title = make("strong", { className: "fb-title" });
    const facts = make("span", { className: "fb-facts" });
    const choose = (value) => { ctx.element.setAttribute("aria-busy", "true"); send(ctx, value); };
    const take = async (file) => {
      facts.textContent = "Reading…";
      try { choose({ file: await fileData(ctx.upload, file) }); }
      catch { offers.error(`${notSent(file)}`); apply(now); }
    };
    const [row, mark] = shelf("samples", (id) => choose({ sample: id }));
    const [coded] = shelf("puppets", (id) => choose({ puppet: id }));
    row.classList.add("fe-plain");
    coded.classList.add("fe-coded");
    const [button, input] = chooser("Upload a picture", "fb-upload", take);
    ctx.element.replaceChildren(make("section", { className: "fb", "aria-label": "The picture that is edited" },
      make("div", { className: "fb-subject" }, thumb, make("div", { className: "fb-words" }, title, facts)),
      button, input, row, coded));

    offers.first = () => choose({ first: true });
    offers.sample = (id) => choose({ sample: id });
    offers.puppet = (id) => choose({ puppet: id });
    offers.file = (file, text) => {
      if (file) take(file);
      else if (text && text.trim()) choose({ text: text.trim().slice(0, 300) });
    };
    document.addEventListener("paste", (event) => {
      if (event.target.closest?.("input:not([type=range]), textarea, [contenteditable]")) return;
      const file = [...event.clipboardData.files][0];
      const text = event.clipboardData.getData("text");
      if (file || /^\s*(https?|ftp):\/\//i.test(text)) { event.preventDefault(); offers.file(file, text); }
    });
    let now = { subject: null };
    const apply = (value) => {
      now = value;
      if (value.first) facet.pull(facet.firstEditor, value.first);
      if (value.recall) facet.recallEntry(value.recall.editor, value.recall.entry);
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
})();
