/* The stage's switch between the generator's picture and the photograph that it was brought in from. */
window.facet.photo = (stage) => {
  "use strict";
  const { make, show } = window.facet;
  const { foot, pick } = stage;
  const button = (id, text, title) => {
    const made = make("button", { type: "button", className: "fs-onto", textContent: text, title, "aria-pressed": "false" });
    made.dataset.id = id;
    made.addEventListener("click", () => {
      if (made.getAttribute("aria-pressed") === "true") return;
      busy();
      pick(id === "photograph");
    });
    return made;
  };
  const buttons = [
    button("generator", "Generator", "What the generator draws"),
    button("photograph", "Photograph", "The photograph that was brought in, with the edit in it"),
  ];
  const group = make("div", { className: "fs-photo", role: "group", "aria-label": "What the stage shows" }, ...buttons);
  foot.insertBefore(group, foot.querySelector(".fs-space").nextSibling);
  const busy = () => buttons.forEach((each) => { each.disabled = true; });
  return {
    busy,
    /* Which of the two is shown; empty where there is no photograph. */
    show(which) {
      show(group, !!which);
      buttons.forEach((each) => {
        each.disabled = false;
        each.setAttribute("aria-pressed", each.dataset.id === which);
      });
    },
  };
};
