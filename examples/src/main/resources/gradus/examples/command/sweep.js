"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const suggestion = data.suggestion;
  document.getElementById("suggestion").textContent = suggestion === null
    ? "No suggestion: the loss fell at no rate."
    : "Suggested: --lr " + suggestion.toPrecision(2) + (data.diverged ? ". The sweep ended early, because the loss grew without bounds." : ".");
  const smoothed = data.points.map((point) => ({ x: point.rate, y: point.smoothed }));
  const losses = smoothed.map((point) => point.y);
  const lowest = Math.min(...losses);
  const highest = Math.max(...losses.slice(0, losses.indexOf(lowest) + 1)); // of what is not lost yet
  const margin = 0.5 * (highest - lowest) || 0.1 * Math.abs(lowest) || 1;
  const chart = new Chart(document.getElementById("curve"), {
    type: "scatter",
    data: {
      datasets: [
        { label: "smoothed", data: smoothed, showLine: true, pointRadius: 0, borderWidth: 2.5, tension: 0 },
        { label: "measured", data: data.points.map((point) => ({ x: point.rate, y: point.loss })), pointRadius: 2 },
        {
          label: "suggested",
          data: suggestion === null ? [] : smoothed.filter((point) => point.x === suggestion),
          pointRadius: 8, pointStyle: "triangle",
        },
      ],
    },
    options: {
      animation: false,
      maintainAspectRatio: false,
      plugins: { legend: { labels: { usePointStyle: true, boxHeight: 7 } } },
      scales: {
        x: {
          type: "logarithmic",
          title: { display: true, text: "learning rate" },
          ticks: { maxRotation: 0, autoSkip: false, callback: (rate) => (/^1e/.test(rate.toExponential()) ? String(+rate.toPrecision(1)) : "") },
        },
        // What explodes at the end would press the rest flat.
        y: { title: { display: true, text: "loss" }, max: highest + margin, min: Math.max(0, lowest - margin / 2) },
      },
    },
  });
  const paint = () => {
    const style = getComputedStyle(document.documentElement);
    const of = (name) => style.getPropertyValue(name).trim();
    const [curve, measured, mark] = chart.data.datasets;
    curve.borderColor = curve.backgroundColor = of("--curve");
    measured.borderColor = measured.backgroundColor = of("--soft");
    mark.borderColor = mark.backgroundColor = of("--mark");
    chart.options.plugins.legend.labels.color = of("--ink");
    Object.values(chart.options.scales).forEach((axis) => {
      axis.ticks.color = of("--soft");
      axis.title.color = of("--soft");
      axis.grid.color = of("--line");
    });
    chart.update("none");
  };
  paint();
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", paint);
})();
