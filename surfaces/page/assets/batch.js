/* A batch: how far it is, its results as a gallery, what failed and why. */
(() => {
  "use strict";
  const { make, show, send, receive, handOut, address, still } = window.facet;

  const card = (each, open) => {
    const image = make("img", { src: each.picture, alt: "", loading: "lazy" });
    const button = make("button", { type: "button", className: "fn-open", title: "Enlarge" }, image);
    button.setAttribute("aria-label", `Enlarge ${each.name}`);
    button.addEventListener("click", () => open(each));
    return make("figure", { className: "fn-card" }, button,
      make("figcaption", {}, make("span", { textContent: each.name, title: each.name }), make("small", { textContent: each.seconds })));
  };

  const enlarger = () => {
    const place = make("div", { className: "fn-large" });
    const title = make("h2");
    const close = make("button", { type: "button", className: "fp-upload", textContent: "Close" });
    const box = make("dialog", { className: "fc-large" }, make("div", { className: "fx-head" }, title, close), place);
    close.addEventListener("click", () => box.close());
    box.addEventListener("click", (event) => { if (event.target === box) box.close(); });
    return [box, ({ name, picture, path }) => {
      title.textContent = name;
      const film = /\.(mp4|webm)$/.test(path);
      place.replaceChildren(film
        ? make("video", { src: address(path), controls: true, loop: true, autoplay: true })
        : make("img", { src: path ? address(path) : picture, alt: name }));
      box.showModal();
    }];
  };

  window.facet.batch = (ctx) => {
    const note = make("strong", { className: "fn-note", "aria-live": "polite" });
    const time = make("span", { className: "fn-time" });
    const doing = make("span", { className: "fn-doing" });
    const bar = make("div", { className: "fs-progress fn-bar", role: "progressbar", "aria-label": "Progress of the batch",
      "aria-valuemin": 0, "aria-valuemax": 100 }, make("i"));
    const stop = make("button", { type: "button", className: "fs-stop", textContent: "Stop" });
    stop.addEventListener("click", () => { stop.disabled = true; stop.textContent = "Stopping…"; ctx.trigger("stop", {}); });
    const zip = make("button", { type: "button", className: "fp-upload fn-zip", textContent: "Download ZIP" });
    zip.addEventListener("click", () => { zip.disabled = true; zip.textContent = "Packing…"; send(ctx, { zip: true }); });
    const head = make("div", { className: "fn-head" }, note, time, make("span", { className: "fs-space" }), zip, stop);
    const error = make("p", { className: "fs-error", role: "alert" });
    const where = make("p", { className: "fn-where" });
    const empty = make("p", { className: "fc-empty",
      textContent: "Choose pictures, then what is done to them, and press Run the batch. Results appear here as they get ready." });
    const failed = make("ul", { className: "fn-failed", "aria-label": "Failed" });
    const failures = make("details", { className: "fn-failures", open: true }, make("summary"), failed);
    const gallery = make("div", { className: "fn-gallery" });
    const more = make("p", { className: "fc-legend" });
    const [box, open] = enlarger();
    ctx.element.replaceChildren(make("section", { className: "fn", "aria-label": "Batch" },
      error, head, bar, doing, where, failures, empty, gallery, more), box);
    const hand = handOut();
    let drawn = "", going = false;

    receive(ctx, (value) => {
      const cards = value.cards || [], wrong = value.failures || [];
      error.textContent = value.error || ""; show(error, !!value.error); show(head, !!value.note);
      note.textContent = [value.note, value.ended].filter(Boolean).join(". ");
      time.textContent = value.time; doing.textContent = value.doing || " ";
      show(doing, value.running); show(bar, value.running); show(stop, value.running); show(zip, value.zip);
      zip.disabled = false; zip.textContent = "Download ZIP";
      if (!value.running) { stop.disabled = false; stop.textContent = "Stop"; }
      if (value.running && !going && head.getBoundingClientRect().top > innerHeight * 0.6)
        ctx.element.scrollIntoView({ behavior: still.matches ? "auto" : "smooth", block: "start" });
      going = !!value.running;
      bar.firstChild.style.transform = `scaleX(${value.share})`;
      bar.setAttribute("aria-valuenow", Math.round(value.share * 100));
      ctx.element.firstChild.setAttribute("aria-busy", !!value.running);
      where.replaceChildren(...(value.where ? ["The results lie in ", make("code", { textContent: value.where })] : []));
      show(where, !!value.where);
      /* results only ever join at the end, so that what is there stays where it is */
      if (value.batch !== drawn) { gallery.replaceChildren(); failed.replaceChildren(); drawn = value.batch; }
      cards.slice(gallery.children.length).forEach((each) => gallery.append(card(each, open)));
      wrong.slice(failed.children.length).forEach((each) => failed.append(make("li", {}, make("b", { textContent: each.name }), `: ${each.why}`)));
      failures.firstChild.textContent = `${wrong.length + (value.unsaid || 0)} failed; the others went on`;
      show(failures, wrong.length > 0);
      more.textContent = value.hidden ? `and ${value.hidden} more` : "";
      show(empty, !value.note && !value.error); show(more, !!value.hidden);
      hand(value.file);
      if (value.attach) setTimeout(() => { ctx.props.value = { watch: true, rev: -Date.now() }; ctx.trigger("submit", {}); }, 0);
    });
  };
})();
