/* The choice of a generator, or of something else that edits leave: a list in groups. Which ones there are comes anew with the
   views of the page; the static page has those that everybody has. */
(() => {
  "use strict";
  const { make, receive } = facet;
  const listeners = [];
  let offered = null;
  let kept = null;
  let revision = 0;

  const offer = (view) => {
    if (!view.generators) return;
    offered = view.generators;
    kept = view.kept || {};
    listeners.forEach((each) => each());
  };

  const bar = facet.bar;
  facet.bar = (ctx, options) => {
    bar(ctx, options);
    receive(ctx, offer);
  };

  /* Shows nothing; brings the list when the page is opened and whenever Yours changes. */
  facet.news = (ctx) => receive(ctx, offer);

  /* `now` gives the groups there are; it is asked again whenever something came or went. */
  const list = (ctx, { label, doc, first }, now) => {
    const select = make("select", { className: "fg-select" });
    const cards = make("div", { className: "fg-cards", role: "group", "aria-label": `${label}: those with a picture` });
    ctx.element.replaceChildren(make("label", { className: "fp fg" },
      make("span", { className: "fp-name", textContent: label }), make("span", { className: "fp-doc", textContent: doc }), select), cards);
    facet.roving(cards);
    let chosen = first;
    const press = () => cards.querySelectorAll("button").forEach((each) => each.setAttribute("aria-pressed", each.dataset.id === chosen));
    /* Generators that come along have a picture each; the list has all. */
    const lay = (options) => {
      const drawn = new Map((window.facetShelf?.generators || []).map(({ id, thumb }) => [id, thumb]));
      const rows = options.filter(([id]) => drawn.has(id));
      cards.hidden = rows.length < 2;
      cards.replaceChildren(...rows.map(([id, text]) => {
        const button = make("button", { type: "button", className: "fp-thumb", title: text }, make("img", { src: drawn.get(id), alt: text.split(" · ")[0] }));
        button.dataset.id = id;
        button.addEventListener("click", () => { select.value = chosen = id; put(true); press(); });
        return button;
      }));
      press();
    };
    const put = (tell) => {
      ctx.props.value = { id: chosen, rev: ++revision };
      if (tell) ctx.trigger("input", {});
    };
    const fill = () => {
      const shown = now();
      const known = shown.flatMap((group) => group.options.map(([id]) => id));
      if (!known.includes(chosen)) { chosen = known.includes(first) ? first : known[0]; put(false); }  // it was deleted
      select.replaceChildren(...shown.filter((group) => group.options.length).map(({ title, options }) => {
        const part = make("optgroup");
        part.label = title;
        part.append(...options.map(([id, text]) => make("option", { value: id, textContent: text })));
        return part;
      }));
      select.value = chosen;
      lay(shown.flatMap((group) => group.options));
    };
    select.addEventListener("change", () => { chosen = select.value; put(true); press(); });
    fill();
    receive(ctx, ({ id }) => {
      if (![...select.options].some((option) => option.value === id)) return;
      select.value = chosen = id;
      put(false);
      press();
    });
    put(false);
    listeners.push(fill);
  };

  facet.generators = (ctx, options) => list(ctx, options, () => (offered || options.groups).map((group) => (
    { ...group, options: group.options.filter(([, , space]) => !options.spaces.length || options.spaces.includes(space)) })));

  /* A few words, and under “Yours” what edits have left of one kind. */
  facet.kept = (ctx, options) => list(ctx, options, () => [...options.groups,
    { title: "Yours", options: (kept && kept[options.of]) || [] }]);
})();
