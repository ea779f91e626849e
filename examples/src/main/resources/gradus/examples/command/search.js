"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const trials = data.trials;
  const percent = (share) => (share === null ? "-" : (100 * share).toFixed(2) + " %");
  const element = (name, text) => {
    const node = document.createElement(name);
    if (text !== undefined) {
      node.textContent = text;
    }
    return node;
  };
  const vector = (name, attributes, text) => {
    const node = document.createElementNS("http://www.w3.org/2000/svg", name);
    Object.entries(attributes).forEach(([key, value]) => node.setAttribute(key, value));
    if (text !== undefined) {
      node.textContent = text;
    }
    return node;
  };
  const judge = data.judge; // what is shown and sorted by, such as "validation accuracy"
  const title = judge[0].toUpperCase() + judge.slice(1);
  const judged = trials.filter((trial) => trial.score !== null);
  const best = judged.reduce((a, b) => (a === null || b.score > a.score ? b : a), null);
  document.getElementById("summary").textContent =
    `${trials.length} of ${data.planned} trials have ended.` +
    (best === null ? "" : ` The highest ${judge}, ${percent(best.score)}, is of trial ${best.trial}.`);

  // Each axis places a trial from 0 (below) to 1 (above), and has a few labels.
  const rangeAxis = (name, value) => {
    const logs = trials.map((trial) => Math.log10(value(trial)));
    const low = Math.min(...logs);
    const width = Math.max(...logs) - low || 1;
    const labels = [0, 0.5, 1].map((at) => [at, (10 ** (low + at * width)).toPrecision(2)]);
    return { name, at: (trial) => (Math.log10(value(trial)) - low) / width, labels };
  };
  const choiceAxis = (name, value) => {
    const all = [...new Set(trials.map(value))].sort((a, b) => a.localeCompare(b, "en", { numeric: true }));
    const place = (text) => (all.length === 1 ? 0.5 : all.indexOf(text) / (all.length - 1));
    return { name, at: (trial) => place(value(trial)), labels: all.map((text) => [place(text), text]) };
  };
  const scores = judged.map((trial) => trial.score);
  const lowest = Math.min(...scores);
  const span = Math.max(...scores) - lowest || 1;
  const share = (trial) => (trial.score === null ? 0 : (trial.score - lowest) / span);
  const differs = (dimension) => new Set(trials.map((trial) => trial.settings[dimension.name])).size > 1;
  const axes = data.dimensions.filter(differs).map((dimension) => // else all lines meet in a knot
    dimension.range
      ? rangeAxis(dimension.name, (trial) => Number(trial.settings[dimension.name]))
      : choiceAxis(dimension.name, (trial) => trial.settings[dimension.name]));
  if (judged.length > 0) {
    axes.push({
      name: judge,
      at: share,
      labels: [0, 0.5, 1].map((at) => [at, percent(lowest + at * span)]),
    });
  }

  const mix = (at) => `color-mix(in srgb, var(--best) ${Math.round(100 * at)}%, var(--worst))`;
  const rows = new Map();
  const paths = new Map();
  const follow = (trial, on) => {
    [rows.get(trial), paths.get(trial)].forEach((node) => node && node.classList.toggle("followed", on));
    if (on && paths.has(trial)) {
      paths.get(trial).parentNode.append(paths.get(trial)); // in front of the others
    }
  };
  const watch = (node, trial) => {
    node.addEventListener("mouseenter", () => follow(trial, true));
    node.addEventListener("mouseleave", () => follow(trial, false));
  };

  const drawLines = () => {
    const svg = document.getElementById("lines");
    const [left, top, height] = [90, 40, 240];
    const gaps = Math.max(1, axes.length - 1);
    const room = svg.parentNode.clientWidth - 2 * left;
    const gap = Math.min(Math.max(room / gaps, 140), 320); // a phone scrolls
    const width = left * 2 + gap * gaps;
    svg.setAttribute("viewBox", `0 0 ${width} ${top + height + 24}`);
    svg.setAttribute("width", width);
    svg.setAttribute("height", top + height + 24);
    const x = (i) => left + gap * i;
    const y = (at) => top + height * (1 - at);
    axes.forEach((axis, i) => {
      svg.append(vector("line", { class: "axis", x1: x(i), x2: x(i), y1: y(0), y2: y(1) }));
    });
    const group = vector("g", {});
    svg.append(group);
    axes.forEach((axis, i) => { // over the lines, to be read
      svg.append(vector("text", { class: "name", x: x(i), y: top - 16, "text-anchor": "middle" }, axis.name));
      axis.labels.forEach(([at, text]) =>
        svg.append(vector("text", { x: x(i) - 6, y: y(at) + 4, "text-anchor": "end" }, text)));
    });
    [...trials].sort((a, b) => share(a) - share(b)).forEach((trial) => {
      const points = axes.map((axis, i) => `${x(i)},${y(axis.at(trial)).toFixed(1)}`);
      const path = vector("path", { d: "M" + points.join("L") });
      path.style.stroke = trial.status === "diverged" ? "var(--lost)" : mix(share(trial));
      path.append(vector("title", {}, `trial ${trial.trial}: ${percent(trial.score)}`));
      watch(path, trial);
      paths.set(trial, path);
      group.append(path);
    });
  };

  const columns = [
    ["trial", (trial) => trial.trial],
    ["status", (trial) => trial.status],
    ["epochs", (trial) => trial.epochs],
    [judge, (trial) => trial.score, percent],
    ...(judge === "validation accuracy" ? [] : [["validation accuracy", (trial) => trial.accuracy, percent]]),
    ["validation loss", (trial) => trial.loss, (loss) => (loss === null ? "-" : loss.toFixed(4))],
    ...data.dimensions.map((dimension) => [
      dimension.name,
      (trial) => (dimension.range ? Number(trial.settings[dimension.name]) : trial.settings[dimension.name]),
      (value) => String(value),
    ]),
  ];
  const drawTable = () => {
    const table = document.getElementById("trials");
    const order = (value, sign) => {
      const compare = (a, b) => {
        if (a === null || b === null) {
          return (a === null) - (b === null); // what there is not comes last either way
        }
        return sign * (typeof a === "number" ? a - b : a.localeCompare(b, "en", { numeric: true }));
      };
      table.tBodies[0].append(
        ...[...trials].sort((a, b) => compare(value(a), value(b))).map((trial) => rows.get(trial)));
    };
    trials.forEach((trial) => {
      const row = element("tr");
      row.append(...columns.map(([, value, show]) => element("td", show ? show(value(trial)) : value(trial))));
      watch(row, trial);
      rows.set(trial, row);
    });
    const head = element("tr");
    columns.forEach(([name, value]) => {
      const cell = element("th");
      const button = element("button", name);
      let sign = -1;
      button.type = "button";
      button.addEventListener("click", () => {
        sign = -sign;
        order(value, sign);
      });
      cell.append(button);
      head.append(cell);
    });
    table.tHead.append(head);
    order((trial) => trial.score, -1);
  };

  // Powers of ten, and where there are few of them, their double and fivefold too.
  const logTick = (value, index, ticks) => {
    const decades = Math.log10(ticks[ticks.length - 1].value / ticks[0].value);
    const mantissa = value / 10 ** Math.floor(Math.log10(value) + 1e-9);
    const shown = (decades > 2 ? [1] : [1, 2, 5]).some((digit) => Math.abs(mantissa - digit) < 1e-6);
    return shown ? Number(value.toPrecision(1)).toString() : "";
  };

  const drawScatters = () => {
    const charts = data.dimensions
      .filter((dimension) => dimension.range && judged.length > 0)
      .map((dimension) => {
        const figure = element("figure");
        const plot = element("div");
        plot.className = "plot";
        const canvas = element("canvas");
        canvas.setAttribute("role", "img");
        canvas.setAttribute("aria-label", `${title} of each trial by ${dimension.name}`);
        plot.append(canvas);
        figure.append(element("figcaption", `${title} in % by ${dimension.name}`), plot);
        document.getElementById("charts").append(figure);
        return new Chart(canvas, {
          type: "scatter",
          data: {
            datasets: [{
              data: judged.map((trial) => ({
                x: Number(trial.settings[dimension.name]), y: 100 * trial.score, trial: trial.trial,
              })),
              pointRadius: 5,
            }],
          },
          options: {
            animation: false,
            maintainAspectRatio: false,
            scales: {
              x: {
                type: "logarithmic",
                title: { display: true, text: dimension.name },
                ticks: { callback: logTick, maxRotation: 0, autoSkip: false },
              },
              y: {},
            },
            plugins: {
              legend: { display: false },
              tooltip: {
                callbacks: { label: (item) => `trial ${item.raw.trial}: ${item.raw.x}, ${item.raw.y.toFixed(2)} %` },
              },
            },
          },
        });
      });
    const paint = () => {
      const style = getComputedStyle(document.documentElement);
      charts.forEach((chart) => {
        chart.data.datasets[0].backgroundColor = style.getPropertyValue("--best").trim();
        Object.values(chart.options.scales).forEach((axis) => {
          axis.ticks.color = style.getPropertyValue("--soft").trim();
          axis.title.color = style.getPropertyValue("--soft").trim();
          axis.grid.color = style.getPropertyValue("--line").trim();
        });
        chart.update("none");
      });
    };
    paint();
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", paint);
  };

  drawLines();
  drawTable();
  drawScatters();
})();
