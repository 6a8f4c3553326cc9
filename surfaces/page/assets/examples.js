/* One-press examples: the picture is chosen, its settings come into the controls, and Run is pressed. The small pictures of
   their results are asked for when the row is seen. */
(() => {
  "use strict";
  const { make, send, receive, roving } = window.facet;

  facet.examples = (ctx, { editor, rows }) => {
    const buttons = rows.map(({ title, seconds }, number) => {
      const button = make("button", { type: "button", className: "fe-one", title: seconds < 4 ? "Runs at once" : `Takes about ${Math.ceil(seconds / 5) * 5} s` },
        make("img", { alt: "", width: 84, height: 84 }), make("span", { textContent: title }));
      button.setAttribute("aria-label", `Example: ${title}`);
      button.addEventListener("click", () => {
        if (document.body.classList.contains("facet-running")) { facet.offers.error("An edit is still going on. Stop it, or wait until it is done."); return; }
        buttons.forEach((each) => { each.disabled = true; });
        setTimeout(() => buttons.forEach((each) => { each.disabled = false; }), 3000);
        send(ctx, { press: number });
      });
      return button;
    });
    const row = make("div", { className: "fe", role: "group", "aria-label": "Examples" }, ...buttons);
    roving(row);
    ctx.element.replaceChildren(make("p", { className: "fe-name" }, "Examples ", make("span", { className: "fe-hint", textContent: "press one to see it run" })), row);
    const seen = new IntersectionObserver((entries) => {
      if (!entries.some((each) => each.isIntersecting)) return;
      seen.disconnect();
      send(ctx, { look: true });
    });
    seen.observe(row);
    receive(ctx, ({ thumbs, ready }) => {
      thumbs?.forEach((thumb, number) => { if (thumb && buttons[number]) buttons[number].querySelector("img").src = thumb; });
      if (ready) facet.begin(editor, ready);
    });
  };
})();
