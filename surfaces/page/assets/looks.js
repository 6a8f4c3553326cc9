/* Looks: what a live editor would make of its controls, asked for while they move. Gradio tells of each move, and no more: an
   event of its own with an answer costs a browser longer than a picture takes to draw, since it tells all components of it. */
(() => {
  "use strict";
  const { receive, offers, news } = window.facet;
  let tab = "", going = 0, next = null, most = 2;

  window.facet.news = (ctx, options) => {
    news(ctx, options);
    receive(ctx, (value) => { tab = value.tab || tab; });  // by what the server knows this tab
  };

  /* What the server answers, {status, data}; nothing where there is no connection: Gradio's heart beat says so. */
  const answered = async (body) => {
    const { root = "", api_prefix = "/gradio_api" } = window.gradio_config || {};
    const how = { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) };
    try {
      const answer = await fetch(`${root}${api_prefix}/run/predict`, how);
      return { status: answer.status, data: answer.ok ? (await answer.json()).data : null };
    } catch { return null; }
  };
  const ask = async ({ listener, values }) => {
    const answer = await answered({ fn_index: listener, session_hash: tab, data: [null, ...values] });
    if (answer && !answer.data) offers.error(`This move cannot be shown: the server answered ${answer.status}. Reload the page.`);
    const look = answer?.data?.[0];
    if (!look) return;
    most = look.slow ? 1 : 2;
    offers.look(look);
  };
  /* Two at a time: one is drawn while the other is on its way, or is carried over to the photograph. Of slow ones, one. */
  const begin = () => {
    while (next && going < most) {
      const now = next;
      next = null;
      going += 1;
      ask(now).finally(() => { going -= 1; begin(); });
    }
  };
  /* The newest values only: what comes while a picture is made waits, and replaces what waited before. */
  window.facet.looks = (listener, values) => {
    if (!tab) return;  // the page has just been opened
    next = { listener, values };
    begin();
  };
})();
