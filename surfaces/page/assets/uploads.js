/* Gradio sends all files of a chooser in one request. Here each goes in one of its own: every one may be as large as a file
   that comes alone, and a hundred photographs are not one request of some gigabytes. What is too large is not sent at all, and
   a refusal reaches the visitor as its sentence, not as JSON. */
(() => {
  "use strict";
  const plain = window.fetch.bind(window);
  window.fetch = async (address, how) => {
    const files = how?.body instanceof FormData ? how.body.getAll("files") : [];
    if (!files.length || !/\/upload$/.test(new URL(address?.url || address, location.href).pathname)) return plain(address, how);
    const paths = [], most = window.facetLimit || Infinity;
    const large = files.find((file) => file.size > most);
    if (large) return new Response(`${large.name} has ${Math.ceil(large.size / 2 ** 20)} MB, the most is ${Math.floor(most / 2 ** 20)} MB. Make it smaller first.`, { status: 413 });
    for (const file of files) {
      const body = new FormData();
      body.append("files", file, file.name);
      const answer = await plain(address, { ...how, body });
      if (!answer.ok) {
        const told = await answer.text();
        let sentence = told;
        try { sentence = JSON.parse(told).detail || told; } catch { /* it is a sentence already */ }
        return new Response(`${file.name}: ${sentence}`, { status: answer.status });
      }
      paths.push(...await answer.json());
    }
    return new Response(JSON.stringify(paths), { headers: { "Content-Type": "application/json" } });
  };
})();
