/* For every component Gradio looks through all listeners of the page. Svelte watches plain arrays, which makes each look
   slow; it leaves arrays of a kind of their own alone. Listeners never change, so that nothing has to be watched. */
(() => {
  "use strict";
  class Listeners extends Array {}
  const settings = window.gradio_config;
  if (Array.isArray(settings?.dependencies)) settings.dependencies = Listeners.from(settings.dependencies);
})();
