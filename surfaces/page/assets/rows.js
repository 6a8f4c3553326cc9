/* Marks in the tabs: point pairs as rows of numbers, and what there is to say about the mask. Both show the marks of the
   picture on the stage, and change them, unless they belong to another picture. */
(() => {
  "use strict";
  const { make, show, receive, chooser, fileData, notSent, marks, mask, lacks } = window.facet;
  let revision = 0;
  const shown = (number) => String(Math.round(number * 10) / 10);

  /* What an editor is sent. `follows`: the run goes on with one that was stopped because its marks were moved. */
  const give = (ctx, value, edited) => {
    ctx.props.value = { ...value, rev: ++revision, touched: marks.touched, ...(marks.following === null ? {} : { follows: marks.following }) };
    ctx.trigger("change", {});
    if (edited) ctx.trigger("input", {});   // a live editor looks again while an end is pulled
  };
  /* Listen for as long as the element is on the page. */
  const attend = (element, listener) => {
    const stop = marks.listen((why) => (element.isConnected ? listener(why) : stop()));
  };
  const panel = (element) => element.closest("[role=tabpanel]")?.querySelector(".ft-run") || null;
  const fieldset = (label, doc, ...inside) => make("fieldset", { className: "fp" },
    make("legend", {}, make("span", { className: "fp-name", textContent: label })),
    make("span", { className: "fp-doc", textContent: doc }), ...inside);

  window.facet.points = (ctx, { label, doc, most, staged, needed }) => {
    const names = ["x", "y", "to x", "to y"];
    const rows = make("div", { className: "fq-rows" });
    const add = make("button", { type: "button", className: "fp-upload", textContent: "Add a pair" });
    const boxes = (row) => [...row.querySelectorAll("input")];
    const numbers = (row) => boxes(row).map((box) => (box.value === "" ? "" : Number(box.value)));
    const complete = (row) => numbers(row).every((value) => value !== "" && Number.isFinite(value));

    const put = () => {
      const remove = make("button", { type: "button", className: "fp-upload", textContent: "×" });
      const row = make("div", { className: "fq-row" }, make("span", { className: "fq-number", "aria-hidden": "true" }),
        ...names.map((name) => make("input", { type: "number", step: "any", placeholder: name })), remove);
      row.typing = Symbol("one undo step for a row that is typed");
      row.addEventListener("input", (event) => typed(row, boxes(row).indexOf(event.target)));
      remove.addEventListener("click", () => { row.remove(); if (row.mark) marks.remove(row.mark); else told(); });
      rows.append(row);
      return row;
    };
    const typed = (row, place) => {
      const [x, y, to_x, to_y] = numbers(row);
      const old = row.mark && marks.pairNamed(row.mark);
      if (!staged) told();
      else if (!complete(row)) { const id = row.mark; row.mark = null; if (id) marks.remove(id); else told(); }
      else if (old) marks.set(old.id, place < 2 ? [x, y] : old.handle, place < 2 ? old.target : [to_x, to_y], row.typing);
      else marks.edit(({ pairs }) => {
        const made = marks.pair([x, y], [to_x, to_y]);
        row.mark = made.id;
        return { pairs: [...pairs, made] };
      }, row.typing);
    };
    /* Numbers, labels and the value; rows that are not complete are sent as well, so that the server says what is wrong. */
    const told = (why) => {
      [...rows.children].forEach((row, index) => {
        row.firstChild.textContent = index + 1;
        boxes(row).forEach((box, place) => box.setAttribute("aria-label", `${label} ${index + 1}: ${names[place]}`));
        row.lastChild.setAttribute("aria-label", `Remove pair ${index + 1}`);
      });
      add.disabled = rows.children.length >= most;
      lacks(ctx.element, needed && !rows.children.length ? "Set a point first: drag on the picture from what should move to where it should go." : "");
      give(ctx, { points: [...rows.children].map((row) => {
        const pair = row.mark && marks.pairNamed(row.mark);
        return pair ? [...marks.at(pair), ...pair.target] : numbers(row);
      }) }, why === "edit" && marks.pairs.length > 0);
    };
    const follow = (why) => {
      if (why === "offer") return;
      for (const row of [...rows.children]) if (row.mark && !marks.pairNamed(row.mark)) row.remove();
      for (const pair of marks.pairs) {
        const row = [...rows.children].find((one) => one.mark === pair.id) || Object.assign(put(), { mark: pair.id });
        const values = [...marks.at(pair), ...pair.target];
        boxes(row).forEach((box, place) => {
          const same = box.value !== "" && Math.abs(Number(box.value) - values[place]) < 0.05;
          if (!same && !(document.activeElement === box && why === "edit")) box.value = shown(values[place]);
        });
      }
      const drafts = [...rows.children].filter((row) => !row.mark);
      const order = [...marks.pairs.map((pair) => [...rows.children].find((row) => row.mark === pair.id)), ...drafts];
      if (order.some((row, index) => rows.children[index] !== row)) rows.append(...order);
      if (why !== "track") told(why);
    };
    add.addEventListener("click", () => { const row = put(); told(); boxes(row)[0].focus(); });
    ctx.element.replaceChildren(fieldset(label, doc, rows, make("div", { className: "fp-foot" }, add)));
    if (!staged) { told(); return; }
    // a moment later: the mask that comes with them has been read by then, and is not overwritten by what follows the pairs
    receive(ctx, ({ pairs, entry }) => pairs && setTimeout(() => marks.bring(entry, pairs, null), 0));
    marks.claim({ element: ctx.element, kind: "points", most, hint: needed ? "" : doc, button: () => panel(ctx.element) });
    attend(ctx.element, follow);
    follow("arrive");
  };

  window.facet.paint = (ctx, { label, doc }) => {
    const says = make("span", { className: "fp-own", "aria-live": "polite" });
    const clear = make("button", { type: "button", className: "fp-upload", textContent: "None" });
    let file = null;   // one that only the server can judge
    const take = async (picked) => {
      says.textContent = "Reading…";
      const stroke = await mask.read(picked, marks.size);
      file = null;
      try {
        if (stroke) marks.edit(() => ({ mask: [{ ...stroke, name: picked.name }] }));
        else { file = await fileData(ctx.upload, picked); told(); }
      } catch { says.textContent = notSent(picked); }
    };
    const told = () => {
      const { png, share } = mask.encode(marks.mask, marks.size);
      const name = file ? file.orig_name : marks.mask[0]?.name;
      const part = share > 0 && share < 0.01 ? "less than 1" : Math.round(share * 100);
      says.textContent = [name, png ? `${part} % may change` : file ? "" : "nothing painted: all may change"].filter(Boolean).join(" · ");
      show(clear, !!png || !!file);
      give(ctx, file ? { file } : { png });
    };
    const [button, input] = chooser("Upload a mask", "fp-upload", take);
    clear.addEventListener("click", () => { file = null; if (marks.mask.length) marks.unpaint(); else told(); });
    ctx.element.replaceChildren(fieldset(label, doc, make("div", { className: "fp-foot" }, button, clear, input, says)));
    let painted = null;
    const follow = (why) => {
      if (why === "offer" || why === "track" || (painted === marks.mask && !["run", "arrive"].includes(why))) return;
      if (painted !== marks.mask) file = null;
      painted = marks.mask;
      told();
    };
    receive(ctx, async ({ mask: png, entry }) => {
      if (!png) return;
      const blob = await (await fetch(`data:image/png;base64,${png.replace(/^png:/, "")}`)).blob();
      const stroke = await mask.read(blob, marks.size);
      if (stroke) marks.bring(entry, null, stroke);
    });
    marks.claim({ element: ctx.element, kind: "paint", button: () => panel(ctx.element) });
    attend(ctx.element, follow);
    follow("arrive");
  };
})();
