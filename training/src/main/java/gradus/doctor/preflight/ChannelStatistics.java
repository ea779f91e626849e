package gradus.doctor.preflight;

import gradus.data.DataLoader;
import gradus.tensor.Batch;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** What the pixels of one channel are, as the network gets them. */
record ChannelStatistics(double min, double max, double mean, double std) {
  private static final int BATCH = 64;

  /** Of each channel, over at most {@code images} images of a loader, without augmentation. */
  static List<ChannelStatistics> of(DataLoader loader, int images) {
    int channels = loader.imageShape().dim(0);
    int plane = Math.toIntExact(loader.imageShape().size()) / channels;
    double[] min = new double[channels];
    double[] max = new double[channels];
    double[] sum = new double[channels];
    double[] squares = new double[channels];
    Arrays.fill(min, Double.POSITIVE_INFINITY);
    Arrays.fill(max, Double.NEGATIVE_INFINITY);
    long count = 0;
    try (DataLoader glimpse = Glimpse.of(loader, images, BATCH)) {
      for (Batch batch : glimpse.epoch(0)) {
        FloatBuffer pixels = batch.images();
        for (int i = 0; i < batch.size() * channels; i++) {
          int c = i % channels;
          for (int p = i * plane; p < (i + 1) * plane; p++) {
            double v = pixels.get(p);
            min[c] = Math.min(min[c], v);
            max[c] = Math.max(max[c], v);
            sum[c] += v;
            squares[c] += v * v;
          }
        }
        count += (long) batch.size() * plane;
      }
    }
    List<ChannelStatistics> all = new ArrayList<>();
    for (int c = 0; c < channels; c++) {
      double mean = sum[c] / count;
      double std = Math.sqrt(Math.max(0, squares[c] / count - mean * mean));
      all.add(new ChannelStatistics(min[c], max[c], mean, std));
    }
    return all;
  }

  boolean isFinite() {
    return Double.isFinite(mean) && Double.isFinite(std);
  }

  String sentence() {
    return String.format(
        Locale.ROOT,
        "%s to %s, mean %s, standard deviation %s",
        Numbers.text(min),
        Numbers.text(max),
        Numbers.text(mean),
        Numbers.text(std));
  }
}
