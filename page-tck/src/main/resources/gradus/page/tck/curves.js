// Asks each chart where its points are, what its axes say they mean, and whether their colour is there.
Array.from(document.querySelectorAll('canvas')).flatMap((canvas) => {
  const chart = Chart.getChart(canvas);
  if (!chart) return [];
  const ratio = chart.currentDevicePixelRatio;
  const copy = document.createElement('canvas'); // to be read without a word of warning in the console
  copy.width = canvas.width;
  copy.height = canvas.height;
  const seen = copy.getContext('2d', {willReadFrequently: true});
  seen.drawImage(canvas, 0, 0);
  const rgb = (colour) => { // as the screen has it, whatever notation it was given in
    const one = document.createElement('canvas');
    one.width = one.height = 1;
    const context = one.getContext('2d', {willReadFrequently: true});
    context.fillStyle = colour;
    context.fillRect(0, 0, 1, 1);
    return context.getImageData(0, 0, 1, 1).data;
  };
  const isColour = (pixels, wanted) => {
    for (let i = 0; i < pixels.length; i += 4) {
      if (pixels[i + 3] > 200 && [0, 1, 2].every((c) => Math.abs(pixels[i + c] - wanted[c]) < 24)) return true;
    }
    return false;
  };
  return chart.data.datasets.map((set, d) => {
    const meta = chart.getDatasetMeta(d);
    const wanted = rgb(meta.type === 'bar' ? set.backgroundColor : set.borderColor || set.backgroundColor);
    const has = (i) => {
      const value = set.data[i];
      return value !== null && (typeof value !== 'object' || value.y !== null);
    };
    const points = meta.data.map((point, i) => ({point, i})).filter(({point, i}) => has(i)
        && !(point.height < 2) // a bar of nothing
        && point.y > chart.chartArea.top - 1 && point.y < chart.chartArea.bottom + 1);
    const there = points.filter(({point}) => {
      const pixels = seen.getImageData(Math.round((point.x - 6) * ratio), Math.round((point.y - 6) * ratio),
          Math.round(12 * ratio), Math.round(12 * ratio));
      return chart.isDatasetVisible(d) && isColour(pixels.data, wanted);
    });
    return {
      chart: canvas.id || canvas.getAttribute('aria-label'),
      label: set.label || '',
      x: points.map(({point}) => chart.scales.x.getValueForPixel(point.x)),
      y: points.map(({point}) => chart.scales.y.getValueForPixel(point.y)),
      drawn: points.length ? there.length / points.length : 1,
    };
  });
});
