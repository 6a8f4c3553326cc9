/* Gradio sends all files of a chooser in one request. Here each goes in one of its own: every one may be as large as a file
   that comes alone, and a hundred photographs are not one request of some gigabytes. What is too large is not sent at all, and
   a refusal reaches the visitor as its sentence, not as JSON. */
(() => {
  "use strict";
  const plain = window.fetch.bind(window);
  const megabytes = (bytes, round) => `${round(bytes / 2 ** 20)} MB`;
  window.facetTooLarge = (file) => {  // a sentence, or nothing; the limit is set by the server
    const most = window.facetLimit || Infinity;
    return file.size > most && `${file.name || "The file"} has ${megabytes(file.size, Math.ceil)}, the most is ${megabytes(most, Math.floor)}. Make it smaller first.`;
  };
  window.fetch = async (address, how) => {
    const files = how?.body instanceof FormData ? how.body.getAll("files") : [];
    if (!files.length || !/\/upload$/.test(new URL(address?.url || address, location.href).pathname)) return plain(address, how);
    const paths = [], large = files.map(window.facetTooLarge).find(Boolean);
    if (large) return new Response(large, { status: 413 });
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
