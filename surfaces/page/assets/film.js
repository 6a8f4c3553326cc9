/* A film on the stage: it plays in place of the still, silently and in a loop, with its download beside it. Somebody who
   asked their system for less motion gets the still, and the film when they press play. */
(() => {
  "use strict";
  const { make, show, address } = facet;

  const player = (film) => {
    if (!film.media_type.startsWith("video/"))
      return make("img", { src: address(film.path), alt: film.title });
    const video = make("video", { src: address(film.path), muted: true, loop: true, autoplay: true, playsInline: true, controls: true });
    video.setAttribute("muted", "");  // the property alone does not let it start by itself everywhere
    video.setAttribute("aria-label", film.title);
    return video;
  };
  facet.player = player;

  facet.film = (stage) => {
    const { frame, foot, still } = stage;
    const place = make("div", { className: "ff-place" });
    const toggle = make("button", { type: "button", className: "fp-upload ff-toggle", "aria-label": "Play the film" });
    const save = make("a", { className: "fp-upload ff-save" });
    frame.append(place);
    foot.append(toggle, save);

    let now = null;
    const play = (on) => {
      place.replaceChildren(...(on ? [player(now)] : []));
      show(place, on);
      frame.classList.toggle("ff-playing", on);
      toggle.textContent = on ? "Still" : "Film";
      toggle.setAttribute("aria-label", on ? "Show the still" : "Play the film");
    };
    toggle.addEventListener("click", () => play(place.hidden));

    /* Marks are made on the still: the film gives way while there are any to be made, and comes back after. */
    let waits = false;
    const root = frame.closest(".fs");
    const marking = () => root.classList.contains("fs-marking");
    const give = () => {
      if (!now || marking() === toggle.hidden) return;
      show(toggle, !marking());
      if (marking()) { waits = !place.hidden; play(false); } else if (waits) play(true);
    };
    new MutationObserver(give).observe(root, { attributes: true, attributeFilter: ["class"] });
    return {
      /* `film`: path, media_type, title, name, label; or nothing. */
      show(film) {
        now = film || null;
        show(toggle, !!now); show(save, !!now);
        if (!now) { place.replaceChildren(); show(place, false); frame.classList.remove("ff-playing"); return; }
        save.href = address(now.path);
        save.download = now.name;
        save.textContent = now.label;
        waits = !still.matches;
        show(toggle, !marking());
        play(waits && !marking());
      },
    };
  };
})();
