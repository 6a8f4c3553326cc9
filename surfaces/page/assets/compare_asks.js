/* What a comparison is asked for besides ticked methods: columns with settings of their own, and marks on the picture. */
(() => {
  "use strict";
  const { make, show, onSubject, roving, chooser, fileData, notSent } = window.facet;
  let revision = 0, count = 0;

  const named = (label, node) => { node.setAttribute("aria-label", label); return node; };
  const option = (value, textContent) => make("option", { value, textContent });
  const small = (textContent, label, press, className = "fp-upload") => {
    const button = make("button", { type: "button", className, textContent, title: label });
    if (textContent.length === 1) named(label, button);  // a sign is no name
    button.addEventListener("click", press);
    return button;
  };

  /* One number, or several from one to another. */
  const numbers = (setting, several, changed) => {
    const box = (label, value, step) => {
      const input = named(`${setting.label}: ${label}`, make("input", { type: "number", step, value }));
      input.addEventListener("input", changed);
      return input;
    };
    const step = setting.whole ? 1 : "any";
    const from = box("from", several ? setting.low : setting.start, step), to = box("to", setting.high, step);
    const times = box("how many columns", several ? Math.min(4, setting.whole ? setting.high - setting.low + 1 : 4) : 1, 1);
    times.min = 1; times.max = 12;
    const until = make("span", { className: "fv-until" }, "to", to);
    const look = () => show(until, +times.value > 1);
    times.addEventListener("input", look);
    look();
    return {
      element: make("div", { className: "fv-values" }, from, until, make("span", { className: "fv-unit", textContent: setting.unit }),
        make("label", { className: "fv-times" }, "in", times, "columns")),
      count: () => Math.max(1, +times.value || 1),
      value: () => ({ name: setting.name, from: from.value, to: +times.value > 1 ? to.value : null, count: times.value }),
    };
  };

  /* Some of a few words, each a button that is pressed or not. */
  const words = (setting, several, changed) => {
    const chosen = new Set(several ? setting.options.map(([value]) => value) : [setting.start ?? setting.options[0][0]]);
    const row = make("div", { className: "fv-words", role: "group", "aria-label": `Values of ${setting.label}` });
    for (const [value, label] of setting.options) {
      const button = make("button", { type: "button", className: "fv-word", textContent: label, "aria-pressed": chosen.has(value) });
      button.addEventListener("click", () => {
        if (!chosen.delete(value)) chosen.add(value);
        button.setAttribute("aria-pressed", chosen.has(value));
        changed();
      });
      row.append(button);
    }
    return { element: roving(row), count: () => chosen.size, value: () => ({ name: setting.name, values: [...chosen] }) };
  };

  /* Some pictures of a bundled collection, and own ones: a column each. */
  const pictures = (setting, several, changed, upload) => {
    const shelf = window.facetShelf?.[setting.pictures] || [];
    const chosen = new Set(shelf.slice(several ? 0 : 1, several ? 3 : 2).map(({ id }) => id)), own = [];
    const row = make("div", { className: "fp-shelf fv-shelf", role: "group", "aria-label": `Values of ${setting.label}` });
    const says = make("span", { className: "fp-own", role: "status" });
    const add = (title, src, has, flip) => {
      const button = make("button", { type: "button", className: "fp-thumb", title, "aria-pressed": has() }, make("img", { src, alt: title }));
      button.addEventListener("click", () => { flip(); button.setAttribute("aria-pressed", has()); changed(); });
      row.append(button);
    };
    shelf.forEach(({ id, title, thumb }) => add(title, thumb, () => chosen.has(id), () => { if (!chosen.delete(id)) chosen.add(id); }));
    const [button, input] = chooser("Your own…", "fp-upload", async (file) => {
      says.textContent = "Reading…";
      try {
        const one = { file: await fileData(upload, file), on: true };
        own.push(one);
        add(file.name, one.file.url || window.facet.address(one.file.path), () => one.on, () => { one.on = !one.on; });
        says.textContent = file.name;
        changed();
      } catch { says.textContent = notSent(file); }
    });
    const mine = () => own.filter(({ on }) => on);
    return {
      element: make("div", {}, roving(row), make("div", { className: "fp-foot" }, button, input, says)),
      count: () => chosen.size + mine().length,
      value: () => ({ name: setting.name, values: [...[...chosen].map((sample) => ({ sample })), ...mine().map(({ file }) => ({ file }))] }),
    };
  };

  /* One setting of a row: which, and its values. */
  const setting = (editor, first, several, changed, remove, upload) => {
    const which = named(`Setting of ${editor.title}`, make("select", {}, ...editor.settings.map(({ name, label }) => option(name, label))));
    const place = make("div");
    let now = null;
    const choose = (again) => {
      const found = editor.settings.find(({ name }) => name === which.value);
      now = (found.pictures ? pictures : found.options ? words : numbers)(found, again, changed, upload);
      place.replaceChildren(now.element);
      changed();
    };
    which.value = first;
    which.addEventListener("change", () => choose(now.count() > 1));
    const element = make("div", { className: "fv-setting" }, which, place, small("×", "Remove this setting", remove, "fv-drop"));
    choose(several);
    return { element, name: () => which.value, count: () => now.count(), value: () => now.value() };
  };

  /* Columns of one editor: every combination of the values of its settings. */
  const row = (editors, several, changed, remove, upload) => {
    const which = named("Editor", make("select", {}, ...editors.map(({ id, title }) => option(id, title))));
    const says = make("span", { className: "fv-count", "aria-live": "polite" });
    const list = make("div", { className: "fv-list" });
    const more = small("And a setting", "Add a setting to these columns", () => add(false));
    let settings = [];
    const editor = () => editors.find(({ id }) => id === which.value);
    const count_ = () => settings.reduce((product, each) => product * each.count(), 1);
    const told = () => {
      says.textContent = count_() === 1 ? "1 column" : `${count_()} columns`;
      show(more, settings.length < editor().settings.length);
      changed();
    };
    const add = (many) => {
      const free = editor().settings.find(({ name }) => !settings.some((each) => each.name() === name));
      if (!free) return;
      const made = setting(editor(), free.name, many, () => setTimeout(told, 0), () => {
        settings = settings.filter((each) => each !== made);
        made.element.remove();
        if (settings.length) told(); else remove();
      }, upload);
      settings.push(made);
      list.append(made.element);
      told();
    };
    which.addEventListener("change", () => { settings = []; list.replaceChildren(); add(several); });
    const element = make("div", { className: "fv-row", role: "group", "aria-label": `Further columns ${++count}` },
      make("div", { className: "fv-head" }, which, says, small("×", "Remove these columns", remove, "fv-drop")), list, more);
    add(several);
    return { element, count: count_, value: () => ({ editor: which.value, settings: settings.map((each) => each.value()) }) };
  };

  window.facet.variants = (ctx, { editors, most }) => {
    const able = editors.filter(({ settings }) => settings.length);
    const list = make("div", { className: "fv-rows" });
    const says = make("span", { className: "fp-own", role: "status" });
    let rows = [];
    const told = () => {
      const all = rows.reduce((sum, each) => sum + each.count(), 0);
      says.textContent = all > most ? `${all} columns are too many: ${most} at most.` : "";
      ctx.props.value = { rows: rows.map((each) => each.value()), rev: ++revision };
      ctx.trigger("change", {});
    };
    const add = (several) => {
      const made = row(able, several, told, () => {
        rows = rows.filter((each) => each !== made);
        made.element.remove();
        told();
        foot.firstChild.focus();
      }, ctx.upload);
      rows.push(made);
      list.append(made.element);
      told();
      made.element.querySelector("select").focus();
    };
    const foot = make("div", { className: "fp-foot fv-foot" }, small("Add a column", "Add an editor with settings of its own", () => add(false)),
      small("Sweep a setting", "Add a column for each of several values of a setting", () => add(true)), says);
    ctx.element.replaceChildren(make("fieldset", { className: "fp fv" }, make("legend", {}, make("span", { className: "fp-name", textContent: "Further columns" })),
      make("span", { className: "fp-doc", textContent: "An editor again with other settings, or one setting at several values." }), list, foot));
    show(ctx.element, able.length > 0);
  };

  /* The picture that is compared on, to mark it here; the marks are the same ones as in the room “Edit”. */
  window.facet.pad = (ctx, { open }) => {
    const image = make("img", { alt: "The picture that is compared on" });
    const frame = make("div", { className: "fm-frame" }, image), view = make("div", { className: "fm-view" }, frame);
    const bar = make("div"), none = make("p", { className: "fp-doc", textContent: "Choose a picture first: then it can be marked here." });
    const root = make("div", { className: "fm" }, bar, view);
    const fold = make("details", { className: "fm-fold", open }, make("summary", { textContent: open ? "Mark the picture" : "Mark where the picture may change" }), none, root);
    ctx.element.replaceChildren(fold);
    const area = ctx.element.closest(".ft-compare") || ctx.element;
    window.facet.canvas({ root, view, frame, bar, area, stop() {}, idle() {} });
    onSubject((subject) => {
      show(none, !subject); show(root, !!subject);
      if (!subject) return;
      image.src = subject.picture;
      view.style.setProperty("--wide", subject.size[0]);
      view.style.setProperty("--high", subject.size[1]);
    });
  };
})();
