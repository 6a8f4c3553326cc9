/* The choice of a generator: a list in groups. Which ones there are comes anew with the views of the page, since edits leave
   generators; the static page has those that everybody has. */
(() => {
  "use strict";
  const { make, receive } = facet;
  const listeners = [];
  let offered = null;
  let revision = 0;

  facet.offerGenerators = (groups) => {
    if (!groups) return;
    offered = groups;
    listeners.forEach((each) => each(groups));
  };

  const bar = facet.bar;
  facet.bar = (ctx, options) => {
    bar(ctx, options);
    receive(ctx, (value) => facet.offerGenerators(value.generators));
  };

  /* Shows nothing; brings the list when the page is opened and whenever Yours changes. */
  facet.news = (ctx) => receive(ctx, (value) => facet.offerGenerators(value.generators));

  facet.generators = (ctx, { label, doc, groups, first, spaces }) => {
    const select = make("select", { className: "fg-select" });
    ctx.element.replaceChildren(make("label", { className: "fp fg" },
      make("span", { className: "fp-name", textContent: label }), make("span", { className: "fp-doc", textContent: doc }), select));
    let chosen = first;
    const put = (tell) => {
      ctx.props.value = { id: chosen, rev: ++revision };
      if (tell) ctx.trigger("input", {});
    };
    const fill = (all) => {
      const shown = all.map((group) => ({ ...group, options: group.options.filter(([, , space]) => !spaces.length || spaces.includes(space)) }));
      const known = shown.flatMap((group) => group.options.map(([id]) => id));
      if (!known.includes(chosen)) { chosen = known.includes(first) ? first : known[0]; put(false); }  // it was deleted
      select.replaceChildren(...shown.filter((group) => group.options.length).map(({ title, options }) => {
        const part = make("optgroup");
        part.label = title;
        part.append(...options.map(([id, text]) => make("option", { value: id, textContent: text })));
        return part;
      }));
      select.value = chosen;
    };
    select.addEventListener("change", () => { chosen = select.value; put(true); });
    fill(offered || groups);
    receive(ctx, ({ id }) => {
      if (![...select.options].some((option) => option.value === id)) return;
      select.value = chosen = id;
      put(false);
    });
    put(false);
    listeners.push(fill);
  };
})();
