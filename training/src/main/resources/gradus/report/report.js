'use strict';
// Shows the JSON block of the page. Text enters the document as text alone: el() has no other way.
(() => {
  const data = JSON.parse(document.getElementById('page-data').textContent);
  const run = data.run || {};
  const epochs = data.epochs;
  const test = data.test;
  const resumptions = run.resumptions || [];
  const LARGEST_TABLE = 25; // classes; a larger matrix is painted
  const byId = (id) => document.getElementById(id);

  // Metrics of the validation beside loss and accuracy; most runs measure none.
  const metrics = [...new Set(epochs.flatMap(Object.keys))]
    .filter((key) => key.startsWith('validation_') && !['validation_loss', 'validation_accuracy'].includes(key));
  const metricName = (key) => key.replace('validation_', '').replaceAll('_', ' ');

  // ---- words and numbers

  const known = (value) => value !== null && value !== undefined;
  const count = (value) => known(value) ? value.toLocaleString('en') : '–';
  const fixed = (value, digits) => known(value) ? value.toFixed(digits) : '–';
  const percent = (share, digits = 2) => known(share) ? (100 * share).toFixed(digits) + '\u00a0%' : '–';
  const rate = (value) => !known(value) ? '–' : value === 0 || value >= 0.001 ? String(+value.toPrecision(4)) : value.toExponential(2);

  function duration(seconds) {
    if (!known(seconds)) return '–';
    if (seconds < 60) return seconds.toFixed(1) + ' s';
    const minutes = Math.floor(seconds / 60);
    return minutes < 60
      ? minutes + ' min ' + Math.round(seconds % 60) + ' s'
      : Math.floor(minutes / 60) + ' h ' + (minutes % 60) + ' min';
  }

  /** A setting as one would write it: lists with commas, nested objects by their names. */
  function plain(value) {
    if (!known(value)) return '–';
    if (Array.isArray(value)) return value.length ? value.map(plain).join(', ') : 'none';
    if (typeof value === 'object') return Object.entries(value).map(([name, of]) => name + ' ' + plain(of)).join(', ');
    return String(value);
  }

  // ---- elements

  /** An element; content is text, nodes, or a list of them. */
  function el(tag, content = [], properties = {}) {
    const node = Object.assign(document.createElement(tag), properties);
    node.append(...[].concat(content));
    return node;
  }

  /** A table in its scrolling box. Cells are texts or nodes; a column that begins with # has numbers. */
  function table(id, label, headings, rows, className = '') {
    const numeric = headings.map((heading) => heading.startsWith('#'));
    const head = headings.map((heading, i) =>
      el('th', heading.replace(/^#/, ''), {scope: 'col', className: numeric[i] ? 'number' : ''}));
    const body = rows.map((row) => el('tr', row.map((cell, i) => i === 0
      ? el('th', cell, {scope: 'row', className: numeric[0] ? 'number' : ''})
      : cell instanceof HTMLTableCellElement ? cell : el('td', cell, {className: numeric[i] ? 'number' : ''}))));
    place(id, label, el('table', [el('thead', el('tr', head)), el('tbody', body)], {className}));
  }

  function place(id, label, node) {
    const box = byId(id);
    box.replaceChildren(node);
    box.tabIndex = 0; // so that the keyboard can scroll it
    box.setAttribute('role', 'region');
    box.setAttribute('aria-label', label);
  }

  const meter = (share) => {
    const bar = el('span');
    bar.style.setProperty('--share', share);
    return el('span', bar, {className: 'meter', ariaHidden: 'true'});
  };

  const show = (id, condition) => { byId(id).hidden = !condition; return condition; };

  // ---- the head of the page

  function heading() {
    const configuration = run.configuration || {};
    document.title = data.title + ' – Gradus run';
    byId('title').textContent = data.title;
    const parts = [];
    if (configuration.model) parts.push(configuration.model + (configuration.data ? ' on ' + configuration.data : ''));
    if (run.started) parts.push('started ' + run.started.replace('T', ' ').replace(/(:\d\d)(\.\d+)?Z$/, '$1 UTC'));
    if (resumptions.length) parts.push('resumed after epoch ' + resumptions.map((resumption) => resumption.after_epoch).join(', '));
    if (run.stop_reason) parts.push(run.stop_reason);
    byId('subtitle').textContent = parts.join(' · ');
    byId('best-note').textContent = data.best
      ? 'The best epoch is ' + data.best.epoch + ', by ' + data.best.by + '. Training numbers are means over an epoch while the weights changed; validation comes after it.'
      : 'Nothing was validated, so no epoch is marked as the best.';
  }

  /** What was otherwise until the run was resumed. */
  function before() {
    const changed = resumptions.filter(({changes}) => Object.keys(changes).length);
    return Object.fromEntries(changed.map(({after_epoch: epoch, changes}) =>
      ['until epoch ' + epoch, Object.entries(changes).map(([name, change]) => name + ' ' + change.before).join(', ')]));
  }

  function tiles() {
    const best = data.best && epochs.find((epoch) => epoch.epoch === data.best.epoch);
    const last = epochs[epochs.length - 1];
    const entries = [
      known(run.test_accuracy) && ['Test accuracy', percent(run.test_accuracy), 'loss ' + fixed(run.test_loss, 4)],
      best && ['Validation accuracy', percent(best.validation_accuracy), 'in epoch ' + best.epoch + ', the best'],
      best && metrics.includes(data.best.field)
        && ['Validation ' + metricName(data.best.field), fixed(best[data.best.field], 4), 'in epoch ' + best.epoch + ', the best'],
      best && ['Validation loss', fixed(best.validation_loss, 4), 'in epoch ' + best.epoch + ', the best'],
      last && ['Epochs', count(epochs.length), run.steps ? count(run.steps) + ' steps' : ''],
      known(run.train_seconds)
        ? ['Time', duration(run.wall_seconds), 'training ' + duration(run.train_seconds)]
        : last && ['Time', duration(epochs.reduce((sum, epoch) => sum + (epoch.seconds || 0), 0)), 'training so far'],
      known(run.train_images_per_second) && ['Speed', count(Math.round(run.train_images_per_second)), 'images/s'],
      run.model && ['Parameters', count(run.model.parameters), count(run.model.multiply_adds) + ' multiply-adds'],
    ];
    byId('tiles').replaceChildren(...entries.filter(Boolean).map(([name, value, small]) =>
      el('div', [el('dt', name), el('dd', [value, el('small', small)])])));
  }

  // ---- tables

  function epochTable() {
    table('epochs', 'Numbers of every epoch',
      ['#Epoch', '#Train loss', '#Train accuracy', '#Val. loss', '#Val. accuracy',
        ...metrics.map((key) => '#Val. ' + metricName(key)), '#Learning rate', '#Seconds', '#Images/s'],
      epochs.map((e) => [String(e.epoch), fixed(e.train_loss, 4), percent(e.train_accuracy), fixed(e.validation_loss, 4),
        percent(e.validation_accuracy), ...metrics.map((key) => fixed(e[key], 4)), rate(e.learning_rate), fixed(e.seconds, 2), count(known(e.images_per_second) ? Math.round(e.images_per_second) : null)]));
  }

  function perClass() {
    byId('test-note').textContent = test.data + ': ' + count(test.images) + ' images, accuracy ' + percent(test.accuracy) + ', loss ' + fixed(test.loss, 4) + '.';
    table('per-class', 'Scores of each class', ['Class', '#Precision', '#Recall', '#F1', '#Support'],
      test.classes.map((c) => [c.name, fixed(c.precision, 4), fixed(c.recall, 4), el('span', [meter(c.f1), fixed(c.f1, 4)]), count(c.support)]));
  }

  function confusionMatrix() {
    const names = test.classes.map((c) => c.name);
    if (names.length > LARGEST_TABLE) {
      paintMatrix(names);
    } else {
      const cells = names.map(() => names.map(() => 0));
      test.confusion.forEach(([actual, predicted, n]) => { cells[actual][predicted] = n; });
      table('matrix', 'Confusion matrix', ['True class', ...names], cells.map((row, actual) =>
        [names[actual], ...row.map((n, predicted) => matrixCell(n, test.classes[actual].support, names[actual], names[predicted], actual === predicted))]), 'matrix');
    }
    const pairs = test.confusion.filter(([actual, predicted]) => actual !== predicted).sort((a, b) => b[2] - a[2]).slice(0, 10);
    table('pairs', 'Most frequent confusions', ['True class', 'Said', '#Images', '#Share'],
      pairs.map(([actual, predicted, n]) => [names[actual], names[predicted], count(n), percent(n / test.classes[actual].support, 1)]));
    if (!pairs.length) byId('pairs').replaceChildren(el('p', 'None: every image was right.', {className: 'note'}));
  }

  /** A field; its ink changes where the colour behind it would leave too little contrast. */
  function matrixCell(n, support, actual, predicted, diagonal) {
    const strongFrom = parseFloat(colour('--strong-from'));
    const share = support ? n / support : 0;
    const cell = el('td', n ? count(n) : '', {title: actual + ' → ' + predicted + ': ' + count(n) + ' (' + percent(share, 1) + ')'});
    cell.className = (diagonal ? 'diagonal' : '') + (share > strongFrom ? ' strong' : '');
    cell.style.setProperty('--share', share);
    return cell;
  }

  /** A pixel for a field, where a table would be too large to see anything in. */
  function paintMatrix(names) {
    const canvas = el('canvas', [], {className: 'heat', width: names.length, height: names.length});
    canvas.setAttribute('role', 'img');
    canvas.setAttribute('aria-label', 'Confusion matrix of ' + names.length + ' classes; the table below has its largest fields');
    const context = canvas.getContext('2d');
    test.confusion.forEach(([actual, predicted, n]) => {
      const channels = colour(actual === predicted ? '--right' : '--heat');
      context.fillStyle = 'rgb(' + channels + ' / ' + (0.15 + 0.85 * n / test.classes[actual].support) + ')';
      context.fillRect(predicted, actual, 1, 1);
    });
    place('matrix', 'Confusion matrix', canvas);
  }

  function reliability() {
    byId('reliability-note').textContent = 'Of the images the network is 80 % sure of, it should get 80 % right. Bars below the line: it is too sure of itself. Expected calibration error '
      + percent(test.expected_calibration_error) + ', largest ' + percent(test.maximum_calibration_error) + '.';
    table('bin-table', 'Accuracy by confidence', ['Confidence', '#Images', '#Mean confidence', '#Accuracy'],
      test.reliability.map((bin) => [binName(bin), count(bin.examples), percent(bin.confidence, 1), percent(bin.accuracy, 1)]));
  }

  const binName = (bin) => Math.round(100 * bin.above) + '–' + Math.round(100 * bin.up_to) + ' %';

  /** A thumbnail; the pixels of a small one stay sharp. */
  function thumbnail(src, alt) {
    const picture = el('img', [], {src, alt});
    picture.addEventListener('load', () => picture.classList.toggle('tiny', picture.naturalWidth < 96));
    return picture;
  }

  function mistakes() {
    const names = test.classes.map((c) => c.name);
    byId('mistake-list').replaceChildren(...test.mistakes.map((m) =>
      el('li', [thumbnail(m.image, 'A picture of ' + names[m.label] + ' that was taken for ' + names[m.predicted]),
        el('div', [el('strong', names[m.predicted]), ' ' + percent(m.confidence, 1)]),
        el('div', 'is ' + names[m.label]), el('div', m.name, {className: 'file'})])));
  }

  /** Some training pictures, and what augmentation makes of them. */
  function trainingPictures() {
    const changed = data.pictures[0].views.length > 0;
    const by = plain((run.configuration || {}).augment);
    byId('picture-note').textContent = changed
      ? 'Each picture as it is, and as the training loop changes it in the first epochs' + (by === '–' ? '.' : ', by ' + by + '.')
        + (/mixup|cutmix/.test(by) ? ' Here these pictures are mixed with one another; each has the shares of the classes that are to be learned of it.' : '')
      : 'As they are: nothing is changed by chance, because the run has no augmentation.';
    byId('picture-list').classList.toggle('changed', changed);
    byId('picture-list').replaceChildren(...data.pictures.map((p) => {
      const original = thumbnail(p.image, 'A training picture of ' + p.label);
      const words = [el('div', el('strong', p.label)), el('div', p.name, {className: 'file'})];
      return changed
        ? el('li', [...words, el('div', [el('figure', [original, el('figcaption', 'as it is')]), ...p.views.map((view, i) => viewOf(view, i, p.label))], {className: 'views'})])
        : el('li', [original, ...words]);
    }));
  }

  /** What was mixed says of what. */
  function viewOf(view, i, label) {
    const words = 'epoch ' + (i + 1) + (view.label === label ? '' : ': ' + view.label.replaceAll(' %', '\u00a0%'));
    return el('figure', [thumbnail(view.image, 'The same in ' + words), el('figcaption', words)]);
  }

  function dataFacts() {
    const parts = ['train', 'validation', 'test'].filter((part) => run.data[part]);
    table('parts', 'Parts of the data set', ['Part', 'Name', '#Images', 'How it was chosen', 'SHA-256'],
      parts.map((part) => {
        const set = run.data[part];
        return [part, set.name, count(set.images), set.split, el('td', plain(set.sha256), {className: 'hash'})];
      }));
    const classes = run.data.classes || [];
    const most = Math.max(1, ...classes.map((name) => run.data.train.class_counts[name]));
    table('counts', 'Images of each class', ['Class', ...parts.map((part) => '#' + part)],
      classes.map((name) => [name, ...parts.map((part) => {
        const n = run.data[part].class_counts[name];
        return part === 'train' ? el('span', [meter(n / most), count(n)]) : count(n);
      })]));
  }

  function model() {
    const shape = (dimensions) => '[N,\u00a0' + dimensions.join(',\u00a0') + ']';
    table('layers', 'Layers of the network', ['Layer', 'Kind', 'Output', '#Parameters', '#Multiply-adds'], [
      ['', 'input', shape(run.model.input), '', ''],
      ...run.model.layers.map((l) => [l.name, l.kind, shape(l.output), count(l.parameters), count(l.multiply_adds)]),
      ['Total', '', '', count(run.model.parameters), count(run.model.multiply_adds)],
    ]);
  }

  function pairs(id, label, object) {
    table(id, label, ['Name', 'Value'], Object.entries(object).map(([name, value]) => [name, plain(value)]), 'wide');
  }

  // ---- charts

  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

  /** The colour of the nth of so many lines: two that stay apart, and those between. */
  function lineColour(i, of) {
    const channels = (name) => colour(name).match(/[0-9a-f]{2}/gi).map((hex) => parseInt(hex, 16));
    const [from, to] = [channels('--train'), channels('--validation')];
    return 'rgb(' + from.map((channel, c) => Math.round(channel + (to[c] - channel) * i / Math.max(1, of - 1))).join(' ') + ')';
  }

  /** A dashed line through the best epoch. */
  const bestLine = {
    id: 'bestLine',
    beforeDatasetsDraw(chart) {
      if (!data.best) return;
      const {ctx, chartArea, scales} = chart;
      const x = scales.x.getPixelForValue(data.best.epoch);
      ctx.save();
      ctx.strokeStyle = colour('--soft');
      ctx.setLineDash([3, 3]);
      ctx.beginPath();
      ctx.moveTo(x, chartArea.top);
      ctx.lineTo(x, chartArea.bottom);
      ctx.stroke();
      ctx.restore();
    },
  };

  function series(label, key, colourName, dash, pointStyle, scale = 1) {
    return {
      label,
      data: epochs.map((epoch) => ({x: epoch.epoch, y: known(epoch[key]) ? scale * epoch[key] : null})),
      borderColor: colour(colourName),
      backgroundColor: colour(colourName),
      borderWidth: 2,
      borderDash: dash,
      pointStyle,
      pointRadius: epochs.length <= 40 ? 3 : 0,
      pointHitRadius: 8,
      clip: 8, // points on the edge stay whole
    };
  }

  function bestPoint(key, scale = 1) {
    const best = data.best && epochs.find((epoch) => epoch.epoch === data.best.epoch);
    return best && known(best[key]) ? [{
      label: 'best epoch (' + best.epoch + ')',
      data: [{x: best.epoch, y: scale * best[key]}],
      borderColor: colour('--ink'),
      backgroundColor: colour('--card'),
      borderWidth: 2,
      pointStyle: 'rectRot',
      pointRadius: 7,
      pointHoverRadius: 8,
      clip: 10,
      showLine: false,
    }] : [];
  }

  function lines(id, summary, datasets, y = {}) {
    const all = [...datasets];
    return chart(id, summary, {
      type: 'line',
      data: {datasets: all.filter((set) => set.data.some((point) => known(point.y)))},
      options: {
        interaction: {mode: 'nearest', axis: 'x', intersect: false},
        scales: {
          // A range even for one epoch.
          x: {type: 'linear', min: epochs[0].epoch, max: Math.max(epochs[epochs.length - 1].epoch, epochs[0].epoch + 1),
            title: {display: true, text: 'epoch'}, ticks: {precision: 0, maxRotation: 0}},
          y,
        },
        plugins: {tooltip: {callbacks: {
          title: (items) => items.length ? 'epoch ' + items[0].parsed.x : '',
          label: (item) => item.dataset.label + ': ' + rate(item.parsed.y),
        }}},
      },
      plugins: [bestLine],
    });
  }

  function chart(id, summary, configuration) {
    const canvas = byId(id);
    canvas.setAttribute('role', 'img');
    canvas.setAttribute('aria-label', summary);
    return new Chart(canvas, configuration);
  }

  function fromTo(name, key, show) {
    const values = epochs.map((epoch) => epoch[key]).filter(known);
    return values.length ? name + ' from ' + show(values[0]) + ' to ' + show(values[values.length - 1]) : name + ' not measured';
  }

  function curves() {
    const loss = (value) => fixed(value, 4);
    return [
      lines('loss', 'Loss by epoch: ' + fromTo('training', 'train_loss', loss) + ', ' + fromTo('validation', 'validation_loss', loss), [
        ...bestPoint('validation_loss'),
        series('train', 'train_loss', '--train', [], 'circle'),
        series('validation', 'validation_loss', '--validation', [6, 3], 'triangle'),
      ]),
      lines('accuracy', 'Accuracy by epoch: ' + fromTo('training', 'train_accuracy', percent) + ', ' + fromTo('validation', 'validation_accuracy', percent), [
        ...bestPoint('validation_accuracy', 100),
        series('train', 'train_accuracy', '--train', [], 'circle', 100),
        series('validation', 'validation_accuracy', '--validation', [6, 3], 'triangle', 100),
      ]),
      lines('rate', 'Learning rate by epoch: ' + fromTo('it goes', 'learning_rate', rate),
        [series('learning rate', 'learning_rate', '--train', [], 'circle')], {min: 0}),
    ];
  }

  function metricCurves() {
    const shapes = ['circle', 'triangle', 'rect', 'rectRot'];
    return lines('metrics', 'Metrics of the validation by epoch: ' + metrics.map((key) => fromTo(metricName(key), key, (value) => fixed(value, 4))).join(', '), [
      ...(metrics.includes(data.best && data.best.field) ? bestPoint(data.best.field) : []),
      ...metrics.map((key, i) => {
        const ink = lineColour(i, metrics.length);
        return {...series(metricName(key), key, '--train', i % 2 ? [6, 3] : [], shapes[i % shapes.length]), borderColor: ink, backgroundColor: ink};
      }),
    ]);
  }

  function reliabilityCharts() {
    const labels = test.reliability.map(binName);
    const bars = (label, values) => ({label, data: values, backgroundColor: colour('--train'), categoryPercentage: 1, barPercentage: 0.9});
    const x = {title: {display: true, text: 'confidence'}, ticks: {maxRotation: 0, autoSkipPadding: 12}};
    const ideal = {
      type: 'line',
      label: 'mean confidence',
      data: test.reliability.map((bin) => known(bin.confidence) ? 100 * bin.confidence : null),
      borderColor: colour('--validation'),
      backgroundColor: colour('--validation'),
      borderDash: [6, 3],
      borderWidth: 2,
      pointStyle: 'triangle',
      pointRadius: 4,
      spanGaps: true,
    };
    return [
      chart('bins', 'Accuracy by confidence; expected calibration error ' + percent(test.expected_calibration_error), {
        type: 'bar',
        data: {labels, datasets: [ideal, bars('accuracy', test.reliability.map((bin) => known(bin.accuracy) ? 100 * bin.accuracy : null))]},
        options: {scales: {x, y: {min: 0, max: 100}}},
      }),
      chart('sureness', 'How many images there are in each bin of confidence', {
        type: 'bar',
        data: {labels, datasets: [bars('images', test.reliability.map((bin) => bin.examples))]},
        options: {scales: {x, y: {min: 0, ticks: {precision: 0}}}},
      }),
    ];
  }

  const doctor = doctorPart({data, el, byId, show, known, count, percent, rate, colour, lineColour, chart});

  let drawn = [];

  function draw() {
    drawn.forEach((one) => one.destroy());
    Chart.defaults.animation = false;
    Chart.defaults.maintainAspectRatio = false;
    Chart.defaults.color = colour('--soft');
    Chart.defaults.borderColor = colour('--grid');
    Chart.defaults.font.family = getComputedStyle(document.body).fontFamily;
    Chart.defaults.plugins.legend.labels.usePointStyle = true;
    Chart.defaults.plugins.legend.labels.boxHeight = 7;
    drawn = [
      ...doctor.charts(),
      ...(epochs.length ? curves() : []),
      ...(metrics.length ? [metricCurves()] : []),
      ...(test ? reliabilityCharts() : []),
    ];
    if (test) confusionMatrix();
  }

  // ---- all of it

  heading();
  tiles();
  if (show('diagnosis', data.findings)) doctor.diagnosis();
  if (show('curves', epochs.length)) epochTable();
  show('metric-curves', metrics.length);
  if (show('vitals', doctor.hasVitals)) doctor.vitals();
  for (const id of ['classes', 'confusions', 'reliability']) show(id, test);
  if (test) {
    perClass();
    reliability();
  }
  if (show('mistakes', test && test.mistakes.length)) mistakes();
  if (show('pictures', data.pictures && data.pictures.length)) trainingPictures();
  if (show('data', run.data)) dataFacts();
  if (show('model', run.model)) model();
  if (show('configuration', run.configuration)) pairs('settings', 'Configuration', {...run.configuration, seed: run.seed, ...before()});
  if (show('environment', run.versions)) pairs('versions', 'Environment', {backend: run.backend, ...run.versions});
  draw();

  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', draw);
  const paper = (on) => { document.documentElement.classList.toggle('paper', on); draw(); };
  addEventListener('beforeprint', () => paper(true));
  addEventListener('afterprint', () => paper(false));
  document.documentElement.dataset.state = 'drawn';
})();
