/* What is still missing before Run has anything to work on, said above the button, which looks as if it waited. A widget
   that lacks something it needs says so in its `data-missing`; the picture is looked after here. The server judges anyway. */
(() => {
  "use strict";
  const { make, show, onSubject } = window.facet;

  window.facet.ready = (ctx, { subject, latent }) => {
    const said = make("p", { className: "fw", role: "status" });
    ctx.element.replaceChildren(said);
    const root = document.documentElement;
    const panel = () => ctx.element.closest("[role=tabpanel]");
    let there = false;

    const missing = () => {
      if (subject && !there) return "Choose a picture first: upload one, or take one of the samples.";
      if (latent && there && !root.hasAttribute("data-latent"))
        return panel()?.querySelector(".ft-offer") ? "This picture has to be brought in first, or make a new portrait: the two buttons above do it."
          : "This picture has to be brought in first: “Bring into a generator” in the room Edit does it.";
      return panel()?.querySelector("[data-missing]")?.dataset.missing || "";
    };
    let due = false;
    const look = () => {
      if (due) return;
      due = true;
      requestAnimationFrame(() => { due = false; const words = missing(); if (said.textContent !== words) said.textContent = words; show(said, !!words); });
    };
    onSubject((now) => { there = !!now; look(); });
    new MutationObserver(look).observe(root, { attributes: true, attributeFilter: ["data-latent"] });
    const whole = panel();
    if (whole) new MutationObserver(look).observe(whole, { subtree: true, attributes: true, attributeFilter: ["data-missing"] });
    look();
  };

  /* In the room Batch: which files are still missing, by the id of the field that takes them. A folder stands for pictures. */
  window.facet.awaited = (ctx, fields) => {
    const said = make("p", { className: "fw", role: "status" });
    ctx.element.replaceChildren(said);
    const panel = ctx.element.closest("[role=tabpanel]");
    const folder = () => panel.querySelector("#facet-batch-folder :is(input, textarea)")?.value.trim();
    const given = (field) => field.querySelector(".file-preview") || (field.id === "facet-batch-pictures" && folder());
    let due = false;
    const look = () => {
      if (due) return;
      due = true;
      requestAnimationFrame(() => {
        due = false;
        if (!ctx.element.isConnected) { seen.disconnect(); panel.removeEventListener("input", look); return; }  // drawn anew
        const lacking = Object.keys(fields).find((id) => { const field = panel.querySelector(`#${id}`); return field && !given(field); });
        const words = fields[lacking] || panel.querySelector(`[data-missing]:not([data-missing=""])`)?.dataset.missing || "";
        if (said.textContent !== words) said.textContent = words;
        show(said, !!words);
      });
    };
    const seen = new MutationObserver(look);
    seen.observe(panel, { subtree: true, childList: true, attributes: true, attributeFilter: ["data-missing"] });
    panel.addEventListener("input", look);
    look();
  };

  /* The two buttons atop a panel that needs a code: once pressed there, their place stays until another editor is opened, so
     that nothing moves under the mouse. */
  document.addEventListener("click", (event) => {
    const offer = event.target.closest?.(".ft-offer");
    if (event.target.closest?.(".fr-tab")) document.querySelectorAll(".ft-taken").forEach((each) => each.classList.remove("ft-taken"));
    if (!offer || !event.target.closest("button") || document.documentElement.hasAttribute("data-latent")) return;
    const taken = new MutationObserver(() => {
      if (!document.documentElement.hasAttribute("data-latent")) return;
      taken.disconnect();
      offer.dataset.said = "Ready: this picture can be edited now.";
      offer.classList.add("ft-taken");
    });
    taken.observe(document.documentElement, { attributes: true, attributeFilter: ["data-latent"] });
  }, true);
})();
