/* On a phone the picture stays in sight above the sliders: a small one is pinned to the top of the screen once the stage has
   been scrolled away. It lies over the page, so that nothing moves when it comes. */
(() => {
  "use strict";
  const { make } = window.facet;
  const narrow = matchMedia("(max-width: 860px)");

  facet.pin = ({ root, view, image, still }) => {
    const small = make("img", { alt: "" });
    const pin = make("button", { type: "button", className: "fe-pin", hidden: true }, small);
    pin.title = "Back to the picture";
    root.append(pin);
    let away = false;
    const show = () => {
      const on = away && narrow.matches && !!image.getAttribute("src") && !document.documentElement.hasAttribute("data-empty");
      if (on) small.src = image.src;
      pin.hidden = !on;
    };
    new IntersectionObserver(([seen]) => {
      away = !seen.isIntersecting && seen.boundingClientRect.bottom < innerHeight / 2 && seen.boundingClientRect.height > 0;
      show();
    }, { rootMargin: "-96px 0px 0px 0px" }).observe(view);
    new MutationObserver(show).observe(image, { attributes: true, attributeFilter: ["src"] });
    narrow.addEventListener("change", show);
    pin.addEventListener("click", () => root.scrollIntoView({ behavior: still.matches ? "auto" : "smooth", block: "start" }));
  };
})();
