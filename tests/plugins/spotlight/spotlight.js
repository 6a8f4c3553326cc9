/* A circle that is drawn on a small view of the picture: press in its middle and pull, or type the numbers. */
(() => {
  "use strict";
  const { make } = facet;
  let revision = 0;

  facet.circle = (ctx, { label, doc }) => {
    const image = make("img", { alt: "", draggable: false });
    const ring = make("span", { className: "pl-ring" });
    const view = make("div", { className: "pl-view" }, image, ring);
    const names = ["x", "y", "radius"];
    const boxes = names.map((name) => make("input", { type: "number", step: "any", placeholder: name, "aria-label": `${label}: ${name}` }));
    let size = [0, 0], circle = null, middle = null;

    const put = (next) => {
      circle = next;
      boxes.forEach((box, at) => { box.value = circle ? Math.round(circle[at] * 10) / 10 : ""; });
      ring.hidden = !circle || !size[0];
      if (!ring.hidden) {
        const [x, y, radius] = circle;
        Object.assign(ring.style, { left: `${(100 * x) / size[0]}%`, top: `${(100 * y) / size[1]}%`, width: `${(200 * radius) / size[0]}%` });
      }
      ctx.props.value = { circle, rev: ++revision };
      ctx.trigger("input", {});
    };
    const at = (event) => {
      const box = image.getBoundingClientRect();
      return [((event.clientX - box.left) * size[0]) / box.width, ((event.clientY - box.top) * size[1]) / box.height];
    };
    view.addEventListener("pointerdown", (event) => { if (size[0]) { middle = at(event); view.setPointerCapture(event.pointerId); } });
    view.addEventListener("pointermove", (event) => {
      if (!middle) return;
      const [x, y] = at(event);
      put([...middle, Math.max(1, Math.hypot(x - middle[0], y - middle[1]))]);
    });
    view.addEventListener("pointerup", () => { middle = null; });
    boxes.forEach((box) => box.addEventListener("change", () => {
      const typed = boxes.map((one) => (one.value === "" ? NaN : Number(one.value)));
      if (typed.every(Number.isFinite)) put(typed);
    }));
    ctx.element.replaceChildren(make("fieldset", { className: "fp" },
      make("legend", {}, make("span", { className: "fp-name", textContent: label })),
      make("span", { className: "fp-doc", textContent: doc }), view, make("div", { className: "pl-boxes" }, ...boxes)));
    facet.onSubject((subject) => {
      size = subject ? subject.size : [0, 0];
      if (subject) image.src = subject.picture;
      view.hidden = !subject;
      put(null);
    });
  };
})();
