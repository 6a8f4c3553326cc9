/* The pickers of further pictures. */
(() => {
  "use strict";
  const { make, show, receive, roving, inShelf, shelf, chooser, fileData, notSent, lacks } = facet;
  let revision = 0;
  let history = { entries: [] };
  const followers = [];
  facet.onHistory = (listener) => { followers.push(listener); listener(history); };
  facet.isHistory = (value) => { history = value; followers.forEach((each) => each(history)); };

  /* What was made in this session and has a latent code, as a group of toggle buttons; in the place of a bundled collection. */
  const made = (pick) => {
    const row = make("div", { className: "fp-shelf", role: "group", "aria-label": "Pictures of this session" });
    roving(row);
    const none = make("span", { className: "fp-doc", textContent: "Portraits that you make or bring in appear here." });
    let marked = null;
    const mark = (number) => {
      marked = number;
      row.querySelectorAll("button").forEach((button) => button.setAttribute("aria-pressed", Number(button.dataset.id) === number));
    };
    const apply = ({ entries }) => {
      const coded = entries.filter((entry) => entry.coded);
      row.replaceChildren(...(coded.length ? coded.map((entry) => {
        const button = make("button", { type: "button", className: "fp-thumb", title: `${entry.title}, picture ${entry.number}`,
          "aria-pressed": "false" }, make("img", { src: entry.thumb, alt: `${entry.title}, picture ${entry.number}` }));
        button.dataset.id = entry.number;
        button.addEventListener("click", () => pick(entry));
        return button;
      }) : [none]));
      mark(marked);
    };
    facet.onHistory(apply);
    return [row, mark];
  };

  /* What was chosen in an editor's tab is there in the comparisons as well, until another is chosen there: by input. */
  const carried = new Map(), carriers = new Set();
  const carry = (name, chosen) => {
    carried.set(name, chosen);
    carriers.forEach((take) => take(name, chosen));
  };

  /* ---- picker: a picture that an editor needs besides the subject ------------------------------------------------ */
  facet.picker = (ctx, { name, label, doc, collection, optional, coded }) => {
    const called = make("span", { className: "fp-name", textContent: label });
    const says = make("span", { className: "fp-doc", textContent: doc });
    const own = make("span", { className: "fp-own", "aria-live": "polite" });
    const compared = () => !!ctx.element.closest(".ft-compare");
    const lacking = () => lacks(ctx.element, optional || ctx.props.value ? "" : `Choose a picture for “${label}” first.`);
    const put = (value) => { ctx.props.value = value; lacking(); ctx.trigger("change", {}); };
    const set = (value) => {
      put(value);
      if (value && !compared()) setTimeout(() => carry(name, { value, collection, said: own.textContent }), 0);
    };
    const adopt = (which, chosen) => {
      if (!ctx.element.isConnected) { carriers.delete(adopt); return; }
      if (which !== name || chosen.collection !== collection || !compared()) return;
      put({ ...chosen.value, rev: ++revision });
      mark(chosen.value.sample || chosen.value.entry || null); own.textContent = chosen.said; show(clear, optional);
    };
    const take = async (file) => {
      own.textContent = "Reading…";
      try {
        set({ file: await fileData(ctx.upload, file), rev: ++revision });
        own.textContent = file.name; mark(null); show(clear, optional);
      } catch { own.textContent = notSent(file); }
    };
    const [row, mark] = coded ? made((entry) => {
      set({ entry: entry.number, rev: ++revision });
      mark(entry.number); own.textContent = entry.title; show(clear, optional);
    }) : shelf(collection, (id) => {
      set({ sample: id, rev: ++revision });
      mark(id); own.textContent = inShelf(collection, id).title; show(clear, optional);
    });
    const [button, input] = chooser("Your own…", "fp-upload", take);
    const clear = make("button", { type: "button", className: "fp-upload", textContent: "None" });
    clear.addEventListener("click", () => { set(null); mark(null); own.textContent = ""; show(clear, false); });
    show(clear, false);
    ctx.element.replaceChildren(make("fieldset", { className: "fp" }, make("legend", {}, called), says, row,
      make("div", { className: "fp-foot" }, button, clear, input, own)));
    receive(ctx, ({ sample, entry }) => {
      const known = sample && inShelf(collection, sample);
      if (known && !coded) set({ sample, rev: ++revision });
      else if (entry) set({ entry, rev: ++revision });
      else return;
      mark(coded ? entry : sample); own.textContent = known ? known.title : `Picture ${entry} of the history`; show(clear, optional);
    });
    const start = ctx.props.value;
    if (start?.sample) { mark(start.sample); own.textContent = inShelf(collection, start.sample)?.title || ""; show(clear, optional); }
    else if (start?.file) own.textContent = start.file.orig_name;
    lacking();
    carriers.add(adopt);
    if (carried.has(name)) adopt(name, carried.get(name));
  };
})();
