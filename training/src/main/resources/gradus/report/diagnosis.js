'use strict';
// A part of the report: what the training doctor found, with the charts of its evidence, and what the layers did.
const doctorPart = ({data, el, byId, show, known, count, percent, rate, colour, lineColour, chart}) => {
  const hasVitals = Boolean(data.vitals && data.vitals.gradient_rms.length);
  const sentence = (text) => text.charAt(0).toUpperCase() + text.slice(1);
  const evidenceCharts = []; // those of findings, to draw

  function diagnosis() {
    const diagnoses = data.findings.filter((finding) => finding.role !== 'note');
    const open = diagnoses.length ? undefined : data.findings.find((finding) => finding.diagnosis === 'UNEXPLAINED');
    const notes = data.findings.filter((finding) => finding.role === 'note' && finding !== open);
    const primary = diagnoses.find((finding) => finding.role === 'primary');
    byId('verdict').replaceChildren(...(diagnoses.length
      ? [el('strong', sentence((primary || diagnoses[0]).label) + '.'), ' ' + (primary || diagnoses[0]).cause]
      : open
        ? [el('strong', 'No cause found.'), ' ' + open.cause]
        : [el('strong', 'No finding.'), ' Nothing in this run shows that something is wrong with it.']));
    byId('findings').replaceChildren(...(open ? [open] : diagnoses).map((finding) => article(finding, finding === (open || primary))));
    byId('notes-summary').textContent = notes.length === 1
      ? 'One thing is unusual, without harm that this run shows'
      : notes.length + ' things are unusual, without harm that this run shows';
    byId('note-list').replaceChildren(...notes.map((finding) => article(finding, false)));
    show('notes', notes.length);
  }

  /** A finding; the first sentence of the primary one stands above them all. */
  function article(finding, primary) {
    const remedy = finding.remedy;
    const heading = primary ? 'What to do' : sentence(finding.label);
    return el('article', [
      el('h3', heading),
      ...(primary ? [] : [el('p', finding.cause)]),
      ...(remedy ? [el('p', remedy.sentence), el('dl', [
        ...(remedy.command ? [el('dt', 'Type'), el('dd', el('code', remedy.command))] : []),
        ...(remedy.java ? [el('dt', 'In Java'), el('dd', el('code', remedy.java))] : []),
      ])] : []),
      ...(finding.evidence.length ? [el('h4', 'Evidence'), el('ul', finding.evidence.map(fact))] : []),
      el('p', [
        finding.role === 'note' ? 'a note' : finding.severity + (finding.role === 'mechanism' ? ', brought about by the cause' : ''),
        percent(finding.confidence, 0) + ' sure',
        ...(finding.seen ? ['seen by: ' + finding.seen] : []),
        finding.step ? 'epoch ' + finding.epoch + ', step ' + count(finding.step) : finding.epoch ? 'epoch ' + finding.epoch : 'before training',
        'explained in ' + finding.about,
      ].join(' · '), {className: 'small'}),
    ], {className: 'finding ' + finding.role});
  }

  function fact(evidence) {
    if (!evidence.chart) return el('li', evidence.sentence);
    const id = 'evidence-' + evidenceCharts.length;
    evidenceCharts.push({id, chart: evidence.chart});
    return el('li', [evidence.sentence, el('figure', [
      el('figcaption', evidence.chart.title),
      el('div', el('canvas', [], {id}), {className: 'chart'}),
    ])]);
  }

  /** Of a logarithmic axis the ticks 1, 2 and 5 of each decade, or of many decades 1 alone. */
  function roundTicks(axis) {
    const first = (tick) => tick.value.toExponential().split('e')[0];
    const wanted = Math.log10(axis.max / axis.min) > 3 ? ['1'] : ['1', '2', '5'];
    const round = axis.ticks.filter((tick) => wanted.includes(first(tick)));
    if (round.length > 1) axis.ticks = round;
  }

  /** Lines over steps, epochs, layers or what the axis says. */
  function lineChart(id, of) {
    const values = (y) => known(y) && !(of.logarithmic && y <= 0) ? y : null;
    const shapes = ['circle', 'triangle', 'rect', 'rectRot'];
    const few = of.lines.length <= 8;
    return chart(id, of.title + ': ' + of.lines.map((line) => line.name).join(', '), {
      type: 'line',
      data: {datasets: of.lines.map((line, i) => ({
        label: line.name,
        data: line.x.map((x, k) => ({x, y: values(line.y[k])})),
        borderColor: lineColour(i, of.lines.length),
        backgroundColor: lineColour(i, of.lines.length),
        borderWidth: few ? 2 : 1.25,
        borderDash: few && i % 2 ? [6, 3] : [],
        pointStyle: shapes[i % shapes.length],
        pointRadius: few && line.x.length <= 40 ? 3 : 0,
        pointHitRadius: 8,
        clip: 8,
      }))},
      options: {
        interaction: {mode: few ? 'nearest' : 'point', axis: few ? 'x' : 'xy', intersect: false},
        scales: {
          x: {type: 'linear', title: {display: true, text: of.x_label}, ticks: {precision: 0, maxRotation: 0}},
          y: {type: of.logarithmic ? 'logarithmic' : 'linear', title: {display: Boolean(of.y_label), text: of.y_label},
            ticks: {callback: (value) => rate(value)}, afterBuildTicks: of.logarithmic ? roundTicks : undefined},
        },
        plugins: {
          legend: {display: few},
          tooltip: {callbacks: {
            title: (items) => items.length ? of.x_label + ' ' + rate(items[0].parsed.x) : '',
            label: (item) => item.dataset.label + ': ' + rate(item.parsed.y),
          }},
        },
      },
    });
  }

  function vitalsCharts() {
    const over = (title, lines) => ({title, x_label: 'step', y_label: '', logarithmic: true, lines});
    return [
      lineChart('gradient-rms', over('Gradient of each layer, root mean square', data.vitals.gradient_rms)),
      lineChart('update-ratio', over('Update of each layer, as a share of its weights', data.vitals.update_ratio)),
    ];
  }

  function vitals() {
    const layers = data.vitals.gradient_rms.map((line) => line.name);
    byId('vitals-note').textContent = 'From the first layer, ' + layers[0] + ' (blue), to the last, ' + layers[layers.length - 1]
      + ' (orange). An update of about 0.001 of the weights is usual; gradients that shrink a lot from the last layer to the first do not reach it.';
  }

  const charts = () => [
    ...evidenceCharts.map((one) => lineChart(one.id, one.chart)),
    ...(hasVitals ? vitalsCharts() : []),
  ];

  return {diagnosis, vitals, hasVitals, charts};
};
