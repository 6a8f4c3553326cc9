/* How far a run is and how long it will still take, from the steps that were measured; between two of them the bar goes on
   at their pace, and while there is none yet, the seconds are counted. `show` gets {done, words, waiting}. */
window.facet.pace = (show) => {
  "use strict";
  const LONG = 3000, WINDOW = 12;  // ms of a run that gets a forecast; steps it is made from
  let began = 0, steps = [], timer = 0;

  const words = (seconds) => {
    if (seconds < 1.5) return "nearly done";
    if (seconds < 60) return `about ${Math.round(seconds)} s left`;
    return `about ${Math.round(seconds / 60)} min left`;
  };
  const look = () => {
    const now = performance.now(), last = steps.at(-1), first = steps[0];
    const waited = Math.round((now - (last ? last[0] : began)) / 1000);
    const pace = steps.length > 1 && last[1] > first[1] ? (last[1] - first[1]) / (last[0] - first[0]) : 0;  // share of the run per ms
    if (!pace) { show({ done: last ? last[1] : 0, words: waited > 2 ? `${Math.round((now - began) / 1000)} s so far` : "", waiting: true }); return; }
    const usual = (last[0] - first[0]) / (steps.length - 1);
    const ahead = Math.min((now - last[0]) * pace, 1.5 * usual * pace, (1 - last[1]) * 0.9);  // never to the end by itself
    const left = (1 - last[1]) / pace - (now - last[0]);
    const late = now - last[0] > Math.max(3 * usual, 5000);
    const long = now - began + Math.max(0, left) > LONG;
    show({ done: last[1] + ahead, words: !long ? "" : late ? `no news for ${waited} s` : words(left / 1000), waiting: late });
  };
  return {
    start() { began = performance.now(); steps = []; clearInterval(timer); timer = setInterval(look, 250); },
    step(done) {
      if (!done) return;
      if (!steps.length || done > steps.at(-1)[1]) steps.push([performance.now(), done]);
      if (steps.length > WINDOW) steps.shift();
      look();
    },
    end() { clearInterval(timer); timer = 0; },
    get going() { return timer > 0; },
  };
};
