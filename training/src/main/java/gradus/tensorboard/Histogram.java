package gradus.tensorboard;

import gradus.protobuf.ProtoMessage;

/**
 * How numbers are spread: their counts in intervals of equal width from the smallest to the
 * largest. Numbers that are infinite or NaN are not counted.
 */
final class Histogram {
  private static final int INTERVALS = 64;

  private double min = Double.POSITIVE_INFINITY;
  private double max = Double.NEGATIVE_INFINITY;
  private long count;
  private double sum;
  private double sumOfSquares;
  private double[] upperLimits = {0};
  private double[] counts = {0};

  private Histogram() {}

  static Histogram of(float... values) {
    Histogram histogram = new Histogram();
    for (float value : values) {
      if (Float.isFinite(value)) {
        histogram.measure(value);
      }
    }
    if (histogram.count == 0) {
      histogram.min = 0;
      histogram.max = 0;
    } else {
      histogram.fill(values);
    }
    return histogram;
  }

  private void measure(double value) {
    min = Math.min(min, value);
    max = Math.max(max, value);
    sum += value;
    sumOfSquares += value * value;
    count++;
  }

  private void fill(float... values) {
    int intervals = min == max ? 1 : INTERVALS;
    double width = (max - min) / intervals;
    upperLimits = new double[intervals];
    for (int i = 0; i < intervals; i++) {
      upperLimits[i] = min + (i + 1) * width;
    }
    upperLimits[intervals - 1] = max; // whatever the rounding
    counts = new double[intervals];
    for (float value : values) {
      if (Float.isFinite(value)) {
        int interval = intervals == 1 ? 0 : (int) ((value - min) / width);
        counts[Math.min(interval, intervals - 1)]++;
      }
    }
  }

  /** As a HistogramProto. */
  ProtoMessage message() {
    return new ProtoMessage()
        .float64(1, min)
        .float64(2, max)
        .float64(3, (double) count)
        .float64(4, sum)
        .float64(5, sumOfSquares)
        .float64s(6, upperLimits)
        .float64s(7, counts);
  }
}
