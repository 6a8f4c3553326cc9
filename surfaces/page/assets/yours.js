/* What edits have left: generators, directions, styles. Renamed, deleted, saved as files, brought in from files. */
(() => {
  "use strict";
  const { make, show, send, receive, fileData, notSent, handOut } = facet;

  facet.yours = (ctx) => {
    const input = make("input", { type: "file", accept: ".safetensors", className: "fp-file", tabIndex: -1 });
    input.setAttribute("aria-hidden", "true");
    const bring = make("button", { type: "button", className: "fp-upload fy-import", textContent: "Import a file…" });
    const summary = make("p", { className: "fa-summary" });
    const note = make("p", { className: "fy-note", role: "status" });
    const list = make("ul", { className: "fy-list" });
    const empty = make("div", { className: "fc-empty" });
    ctx.element.replaceChildren(make("section", { className: "fy", "aria-label": "Yours" },
      make("div", { className: "fy-head" }, summary, bring, input), note, empty, list));
    const say = (text, bad = false) => { note.textContent = text; note.classList.toggle("fy-bad", bad); show(note, !!text); };

    bring.addEventListener("click", () => input.click());
    input.addEventListener("change", async () => {
      const file = input.files[0];
      input.value = "";
      if (!file) return;
      say("Reading…");
      try { send(ctx, { bring: await fileData(ctx.upload, file) }); } catch { say(notSent(file), true); }
    });

    const action = (text, what, run) => {
      const button = make("button", { type: "button", className: "fp-upload", textContent: text });
      button.setAttribute("aria-label", `${text} ${what}`);
      button.addEventListener("click", () => run(button));
      return button;
    };
    const row = (each) => {
      const name = make("input", { className: "fy-name", value: each.name, maxLength: 60, size: Math.max(6, each.name.length), title: "Click to rename" });
      name.setAttribute("aria-label", `Name of ${each.name}`);
      const rename = () => {
        if (name.value.trim() && name.value.trim() !== each.name) send(ctx, { rename: each.id, name: name.value });
        else name.value = each.name;
      };
      name.addEventListener("change", rename);
      name.addEventListener("keydown", (event) => {
        if (event.key === "Enter") name.blur();
        if (event.key === "Escape") { name.value = each.name; name.blur(); }
      });
      const remove = action("Delete", each.name, (button) => {
        if (button.dataset.sure) { send(ctx, { remove: each.id }); return; }
        button.dataset.sure = "yes";
        button.textContent = "Delete for good";
        button.classList.add("fy-sure");
        setTimeout(() => { delete button.dataset.sure; button.textContent = "Delete"; button.classList.remove("fy-sure"); }, 5000);
      });
      const picture = each.thumb ? make("img", { src: each.thumb, alt: "", className: "fy-thumb" })
        : make("span", { className: "fy-thumb fy-none", "aria-hidden": "true" });
      const facts = make("dl", { className: "fy-facts" }, ...each.facts.map(([key, text]) => make("div", {},
        make("dt", { textContent: key }), make("dd", { textContent: text }))));
      const item = make("li", { className: "fy-row" }, picture,
        make("div", { className: "fy-words" }, make("div", { className: "fy-line" }, name,
          make("span", { className: "fy-kind", textContent: each.kind })), facts),
        make("div", { className: "fy-actions" }, action("Export", each.name, () => send(ctx, { export: each.id })), remove));
      item.dataset.id = each.id;
      return item;
    };

    const hand = handOut();
    receive(ctx, ({ rows, total, error, said, file }) => {
      summary.textContent = total || "";
      empty.textContent = "Generators, directions and styles that edits leave appear here, and in the lists of all editors that can use them.";
      show(empty, !rows.length);
      list.replaceChildren(...rows.map(row));
      say(error || said || "", !!error);
      hand(file);
    });
  };
})();
