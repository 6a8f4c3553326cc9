/* The stage: the picture, live frames, before and after, progress, refusals, further pictures of a result. */
(() => {
  "use strict";
  const { make, show, send, receive, painter, shelf, isSubject, offers, roving, still } = window.facet;

  const TOLD = ["notice", "stopped", "points", "says", "kept", "not read"];  // facts that are not to be missed

  facet.stage = (ctx, { first } = {}) => {
    const before = make("img", { className: "fs-before", alt: "" });
    const after = make("img", { className: "fs-after", alt: "" });
    const range = make("input", { type: "range", className: "fs-range", min: 0, max: 100, step: 1, value: 50 });
    range.setAttribute("aria-label", "Before and after: how much of the picture before is shown");
    const frame = make("div", { className: "fs-frame" }, before, after,
      make("span", { className: "fs-line", "aria-hidden": "true" }),
      make("span", { className: "fs-tag fs-tag-before", textContent: "Before", "aria-hidden": "true" }),
      make("span", { className: "fs-tag fs-tag-after", textContent: "After", "aria-hidden": "true" }), range);
    const [tiles] = shelf("samples", (id) => offers.sample(id));
    const [coded] = shelf("puppets", (id) => offers.puppet(id));
    tiles.classList.add("fe-plain");
    coded.classList.add("fe-coded");
    const card = first && make("button", { type: "button", className: "fs-first" }, make("img", { src: first.thumb, alt: "" }),
      make("span", {}, make("b", { textContent: first.words }), make("small", { textContent: "Draws a pull, runs it, and shows how it is done." })));
    card?.addEventListener("click", () => { card.disabled = true; facet.firstEditor = first.editor; offers.first(); });
    const tour = make("button", { type: "button", className: "fe-take", textContent: "Take a tour of half a minute" });
    tour.addEventListener("click", () => facet.tour());
    const empty = make("div", { className: "fs-empty" },
      make("p", { className: "fs-what", textContent: "Drag points of a picture, restyle a photograph, change the age or the smile of a face." }), ...(card ? [card] : []),
      make("strong", { textContent: "Start with a picture" }),
      make("span", { textContent: "Drop a file here, paste one, or take one of these." }), tiles, coded, tour);
    const view = make("div", { className: "fs-view" }, frame, empty);
    const rows = new Set();
    const both = new IntersectionObserver((seen) => {  // one set of samples on the screen is enough
      seen.forEach(({ target, isIntersecting }) => rows[isIntersecting ? "add" : "delete"](target));
      document.body.classList.toggle("facet-empty-seen", rows.size > 0);
    });
    [tiles, coded].forEach((each) => both.observe(each));
    const bar = make("div", { className: "fs-progress", role: "progressbar", "aria-label": "Progress of the edit",
      "aria-valuemin": 0, "aria-valuemax": 100 }, make("i"));
    const note = make("span", { className: "fs-note", "aria-live": "polite" });
    const eta = make("span", { className: "fs-eta" });
    const facts = make("dl", { className: "fs-facts" });
    const all = make("button", { type: "button", className: "fs-all", "aria-expanded": "false" });  // facts beyond two lines
    const unfold = (on) => { facts.classList.toggle("fs-open", on); all.setAttribute("aria-expanded", on); all.textContent = on ? "Less" : "More"; };
    all.addEventListener("click", () => unfold(!facts.classList.contains("fs-open")));
    const stop = make("button", { type: "button", className: "fs-stop", textContent: "Stop" });
    const zoom = make("button", { type: "button", className: "fs-zoom", textContent: "Full size", "aria-pressed": "false" });
    const error = make("p", { className: "fs-error", role: "alert" });
    const close = make("button", { type: "button", className: "fs-close", textContent: "Dismiss" });
    const agree = make("button", { type: "button", className: "fs-close fs-agree", textContent: "Agree" });
    const words = make("span");
    error.append(words, agree, close);
    const more = make("div", { className: "fs-more", role: "group", "aria-label": "More pictures of this result" });
    roving(more);
    const above = make("div");
    const foot = make("div", { className: "fs-foot" }, note, eta, make("span", { className: "fs-space" }), zoom, stop, facts, all);
    const take = make("button", { type: "button", className: "fs-take", textContent: "Go on with this one" });
    const root = make("section", { className: "fs", "aria-label": "Picture" }, above, view, bar, foot, error);
    /* Below the history, so that Undo stays where it is, and on the screen, however many pictures a result has. */
    const below = make("div", { className: "facet-widget fs-below" }, more, take);
    root.append(below);
    const sink = (tries) => {
      const history = document.getElementById("facet-below");
      if (history) history.after(below); else if (tries) setTimeout(sink, 50, tries - 1);
    };
    sink(100);
    root.tabIndex = -1;
    ctx.element.replaceChildren(root);
    document.addEventListener("click", (event) => {
      if (!event.target.closest?.(".ft-skip")) return;
      event.preventDefault();  // the address stays as it is
      root.focus();
    });
    const photo = window.facet.photo({ foot, pick: (onto) => send(ctx, { onto }) });
    const film = window.facet.film({ frame, foot, still });

    window.facet.pin({ root, view, image: after, still });

    const split = () => {
      frame.style.setProperty("--split", `${range.value}%`);
      const room = 74 / Math.max(frame.clientWidth, 1) * 100;  // of a tag with its margin, in percent
      frame.dataset.side = range.value < room ? "after" : range.value > 100 - room ? "before" : "both";
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
      if (on && rest && rest.size[0] > after.naturalWidth) send(ctx, { full: Math.abs(rest.entry) });
    });
    view.addEventListener("dragover", (event) => { event.preventDefault(); view.classList.add("fs-over"); });
    view.addEventListener("dragleave", () => view.classList.remove("fs-over"));
    view.addEventListener("drop", (event) => {
      event.preventDefault();
      view.classList.remove("fs-over");
      offers.file(event.dataTransfer.files[0], event.dataTransfer.getData("text"));
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
      if (!on) { pace.end(); eta.textContent = ""; }
      document.body.classList.toggle("facet-running", on);
      root.classList.toggle("fs-running", on);
      root.setAttribute("aria-busy", on);
      stop.disabled = false;
      stop.textContent = "Stop";
      show(stop, on); show(bar, on); show(zoom, !on && !!after.src); show(facts, !on); if (on) show(all, false);
    };
    const slider = (url) => {
      root.classList.toggle("fs-split", !!url);
      show(range, !!url);
      if (!url) before.removeAttribute("src"); else if (before.getAttribute("src") !== url) before.src = url;
    };
    const progress = (done) => {
      bar.firstChild.style.transform = `scaleX(${done})`;
      bar.setAttribute("aria-valuenow", Math.round(done * 100));
    };
    const pace = window.facet.pace(({ done, words: said, waiting }) => {
      progress(done);
      bar.classList.toggle("fs-waiting", waiting);
      eta.textContent = said;
    });
    const intoView = () => {
      const box = view.getBoundingClientRect();
      if (box.top < 0 || box.top > innerHeight * 0.6)
        root.scrollIntoView({ behavior: still.matches ? "auto" : "smooth", block: "start" });
    };
    const onTop = document.head.appendChild(make("style"));  // which tab shows “Apply on top”
    addEventListener("beforeunload", (event) => {
      if (running || document.querySelector("[aria-busy=true] .fb")) event.preventDefault();  // a result would be lost
    });
    let asked = null;
    const refuse = (sentence, answer = null, label = "") => {
      words.textContent = sentence; asked = answer; agree.textContent = label; show(agree, !!answer); show(error, true);
    };
    agree.addEventListener("click", () => { if (asked) send(ctx, asked); });
    let pressed = null;  // the button that began the last run
    document.addEventListener("click", (event) => { pressed = event.target.closest?.("button.ft-run, .ft-offer button") || pressed; }, true);
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
    offers.error = refuse;
    const canvas = window.facet.canvas({ root, view, frame, bar: above, stop: () => ctx.trigger("stop", {}), idle: () => run(false) });

    let looking = false, newest = 0;  // the number of the look that is shown: an older one may come later
    const kinds = {
      empty() { document.documentElement.setAttribute("data-empty", ""); isSubject(null); photo.show(""); document.documentElement.removeAttribute("data-latent"); rest = null; film.show(null); run(false); slider(null); show(more, false); show(take, false); show(empty, true); show(frame, false); if (card) card.disabled = false; note.textContent = ""; },
      rest(value) {
        rest = value;
        document.documentElement.removeAttribute("data-empty");
        isSubject({ picture: value.picture, size: value.size, entry: value.entry, parent: value.parent, title: value.title });
        document.documentElement.toggleAttribute("data-latent", !!value.latent);
        canvas.rest(value);
        run(canvas.following); show(error, false); show(empty, false); show(frame, true);
        paint(value.picture);
        after.alt = value.title;
        before.alt = value.before ? "The picture before" : "";
        slider(value.before);
        frame.style.setProperty("--full", `${value.size[0] / devicePixelRatio}px`);  // 100 %: a pixel for a pixel
        if (root.classList.contains("fs-full")) zoom.click();
        looking = false; newest = 0;
        if (value.before) { range.value = 50; split(); }
        onTop.textContent = value.again ? `#top-${CSS.escape(value.again)} { display: block !important; }` : "";
        note.textContent = value.note || value.title;
        facts.replaceChildren(...value.facts.map(([name, text]) =>
          make("div", { className: `fs-fact-${name.replace(/\W+/g, "-")}` }, make("dt", { textContent: name }), make("dd", { textContent: text }))));
        facts.classList.toggle("fs-told", value.facts.some(([name]) => TOLD.includes(name)));
        unfold(false);
        requestAnimationFrame(() => show(all, facts.scrollHeight > facts.clientHeight + 4));
        film.show(value.film);
        photo.show(value.switch);
        others(value.more || [], value.picture);
        root.dataset.state = "rest";
      },
      start(value) {
        if (value.stand) kinds.rest(value.stand);
        show(error, false); show(more, false); show(take, false); film.show(null); photo.busy(); slider(null); run(true); progress(0); pace.start(); note.textContent = value.note;
        show(empty, !after.src); show(frame, true); root.dataset.state = "running"; intoView();
        canvas.start();
      },
      frame(value) {
        if (!running) { run(true); pace.start(); }
        const queued = !value.picture && /^waiting for/.test(value.note);
        if (!stop.disabled) stop.textContent = queued ? "Cancel" : "Stop";
        if (value.picture) { show(empty, false); paint(value.picture); }
        pace.step(value.done);
        if (!value.aside) canvas.frame(value);
        note.textContent = (value.aside && "The edit of the other picture goes on") || value.note || `${Math.round(value.done * 100)} %`;
      },
      look(value) {  // what a live editor would make; nothing is kept yet
        if (running || value.entry !== (rest?.entry ?? null) || value.number < newest) return;
        newest = value.number;
        if (rest || value.picture) paint(value.picture || rest.picture);
        slider(rest && (value.picture && !value.again ? rest.picture : rest.before));
        if (!rest) { show(empty, !value.picture); show(frame, !!value.picture); }  // made from nothing
        if (value.picture && !looking) { range.value = 0; split(); }
        looking = !!value.picture;
        note.textContent = value.note;
        root.dataset.state = looking ? "look" : "rest";
      },
      aside(value) {  // a run has ended whose picture is no longer here
        canvas.error();
        if (rest) kinds.rest(rest); else run(false);
        note.textContent = value.note;
      },
      full({ entry, path }) {  // all pixels, while they are asked for
        if (!rest || Math.abs(rest.entry) !== entry || running || !root.classList.contains("fs-full")) return;
        after.src = facet.address(path);
      },
      agreed() { show(error, false); pressed?.click(); },
      error(value) {
        canvas.error();
        if (running && rest) kinds.rest(rest);  // back from the frames of a run that broke to what there is
        else if (running) kinds.empty();
        refuse(value.sentence, value.answer, value.label);
        root.dataset.state = "error";
        intoView();
      },
    };
    offers.look = kinds.look;
    show(all, false); run(false); show(error, false); show(range, false); kinds.empty();
    receive(ctx, (value) => kinds[value.kind]?.(value));
  };
})();
