/* The painter in a window of its own: the canvas at the left, what comes of it at the right, as large as the screen allows. */
window.facet.painterWindow = (home, desk, label, moved) => {
  "use strict";
  const { make, show } = window.facet;
  const image = make("img", { className: "lp-result", alt: "The result" });
  const says = make("span", { className: "lp-after", "aria-live": "polite" });
  const go = make("button", { type: "button", className: "lp-run", textContent: "Run" });
  const side = make("div", { className: "lp-side" }, make("div", { className: "lp-frame" }, image), make("div", { className: "lp-end" }, says, go));
  const inside = make("div", { className: "lp-inside" }, side);
  const dialog = make("dialog", { className: "lp-window" }, inside);
  dialog.setAttribute("aria-label", label);

  /* The stage behind the window is what the result is shown from: its picture, its words, its button. */
  const stage = document.querySelector(".fs");
  const copy = () => {
    const shown = stage?.querySelector(".fs-after");
    show(image, !!shown?.src);
    if (shown?.src && image.src !== shown.src) image.src = shown.src;
    const error = stage?.querySelector(".fs-error:not([hidden]) span")?.textContent;
    says.textContent = error || stage?.querySelector(".fs-note")?.textContent || "";
    says.classList.toggle("lp-bad", !!error);
    go.disabled = document.body.classList.contains("facet-running");
  };
  const watch = new MutationObserver(copy);
  go.addEventListener("click", () => home.closest("[role=tabpanel]")?.querySelector(".ft-run")?.click());

  const enlarge = (on) => {
    if (on === desk.large) return;
    desk.large = on;
    desk.root.classList.toggle("lp-large", on);
    if (on) {
      home.append(dialog);
      desk.home = desk.root.parentNode;
      inside.prepend(desk.root);
      dialog.showModal();
      if (stage) watch.observe(stage, { subtree: true, childList: true, characterData: true, attributes: true, attributeFilter: ["src", "hidden"] });
      copy();
    } else {
      watch.disconnect();
      desk.home.append(desk.root);
      dialog.close();
      dialog.remove();
    }
    moved();
  };
  dialog.addEventListener("cancel", (event) => { event.preventDefault(); enlarge(false); });
  return enlarge;
};
