"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  // Okabe and Ito's colours, told apart by most eyes; dashes tell the second eight apart.
  const colours = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#8b6f47", "#7f7f7f"];
  const colour = (i) => colours[i % colours.length];
  const dash = (i) => (i < colours.length ? [] : [6, 4]);
  const element = (name, text) => {
    const node = document.createElement(name);
    if (text !== undefined) {
      node.textContent = text;
    }
    return node;
  };

  const vector = (name, attributes) => {
    const node = document.createElementNS("http://www.w3.org/2000/svg", name);
    Object.entries(attributes).forEach(([key, value]) => node.setAttribute(key, value));
    return node;
  };

  if (data.title) {
    document.title = data.title;
    document.getElementById("title").textContent = data.title;
  }
  (data.story || []).forEach((part) => {
    const box = document.getElementById("story");
    box.append(element("h2", part.heading), element("p", part.text));
    if (part.code) {
      box.append(element("pre", part.code));
    }
  });

  data.runs.forEach((run, i) => {
    const item = element("li");
    const sample = vector("svg", { width: 28, height: 6, "aria-hidden": "true" });
    sample.append(vector("line", {
      x1: 0, x2: 28, y1: 3, y2: 3, stroke: colour(i), "stroke-width": 3, "stroke-dasharray": dash(i).join(" "),
    }));
    item.append(sample, element("span", run.name));
    document.getElementById("legend").append(item);
  });

  data.sections.forEach((section) => {
    const table = element("table");
    const head = element("tr");
    head.append(element("th", ""), ...data.runs.map((run) => element("th", run.name)));
    table.append(element("thead"), element("tbody"));
    table.tHead.append(head);
    section.rows.forEach((row) => {
      const line = element("tr");
      line.append(element("th", row.name.replaceAll("_", " ")), ...row.values.map((value) => element("td", value)));
      table.tBodies[0].append(line);
    });
    const box = element("div");
    box.className = "scroll";
    box.append(table);
    document.getElementById("sections").append(element("h2", section.title), box);
  });

  const curves = [
    ["validation_accuracy", "Validation accuracy in %", 100],
    ["validation_loss", "Validation loss", 1],
    ["train_loss", "Training loss", 1],
    ["learning_rate", "Learning rate", 1],
  ];
  const charts = curves.map(([key, title, factor]) => {
    const figure = element("figure");
    const plot = element("div");
    plot.className = "plot";
    const canvas = element("canvas");
    canvas.setAttribute("role", "img");
    canvas.setAttribute("aria-label", title + " of each run by epoch");
    plot.append(canvas);
    figure.append(element("figcaption", title), plot);
    document.getElementById("charts").append(figure);
    const longest = Math.max(1, ...data.runs.map((run) => run.epochs.length));
    return new Chart(canvas, {
      type: "line",
      data: {
        datasets: data.runs.map((run, i) => ({
          label: run.name,
          data: run.epochs.map((epoch) => ({
            x: epoch.epoch, y: epoch[key] === null ? null : factor * epoch[key],
          })),
          borderColor: colour(i),
          backgroundColor: colour(i),
          borderDash: dash(i),
          borderWidth: 2,
          pointRadius: longest > 30 ? 0 : 2,
        })),
      },
      options: {
        animation: false,
        maintainAspectRatio: false,
        interaction: { mode: "nearest", axis: "x", intersect: false },
        scales: {
          x: { type: "linear", title: { display: true, text: "epoch" }, ticks: { precision: 0 } },
          y: {},
        },
        plugins: { legend: { display: false } },
      },
    });
  });

  const paint = () => {
    const style = getComputedStyle(document.documentElement);
    const ink = style.getPropertyValue("--soft").trim();
    const line = style.getPropertyValue("--line").trim();
    charts.forEach((chart) => {
      Object.values(chart.options.scales).forEach((axis) => {
        axis.ticks.color = ink;
        axis.title.color = ink;
        axis.grid.color = line;
      });
      chart.update("none");
    });
  };
  paint();
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", paint);
})();
