package gradus.doctor.preflight;

import gradus.data.DataLoader;
import gradus.data.Dataset;
import gradus.doctor.Diagnosis;
import gradus.doctor.Evidence;
import gradus.doctor.Finding;
import gradus.doctor.Remedy;
import gradus.doctor.Subject;
import gradus.tensor.Batch;
import gradus.tensor.Shape;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;

/**
 * Asks whether pictures that look alike have the same label more often than by chance: the share of
 * the five nearest neighbours, by coarse pixels, that agree. Where labels do not belong to their
 * pictures they do not; but neither need they for natural images, so it is a note.
 */
final class LabelNeighbours implements PreflightCheck {
  private static final int IMAGES = 1_500;
  private static final int LEAST = 1_000; // with fewer, natural images seem to agree by chance
  private static final int NEIGHBOURS = 5;
  private static final int CELLS = 8;
  private static final double RANDOM = 1.5;

  /** Where one class is most of the images, neighbours agree by chance, and rightly so. */
  private static final double UNBALANCED = 1.5;

  /**
   * Agreement and chance.
   *
   * @param share of neighbours with the same label
   * @param chance the same for labels without a meaning
   */
  record Agreement(double share, double chance, int images) {
    /** Of the share, were the labels random. */
    double standardError() {
      return Math.sqrt(
          chance * (1 - chance) / images); // neighbours of one image are not independent
    }
  }

  @Override
  public List<Finding> examine(Subject subject) {
    if (subject.train().dataset().size() < LEAST || subject.classes() < 2) {
      return List.of();
    }
    Agreement agreement = agreement(subject.train());
    if (agreement.share() > RANDOM * agreement.chance()
        || agreement.share() > agreement.chance() + 2 * agreement.standardError()
        || agreement.chance() * subject.classes() > UNBALANCED) {
      return List.of();
    }
    return List.of(
        Finding.note(
            Diagnosis.LABEL_NOISE,
            String.format(
                Locale.ROOT,
                "Pictures that look alike do not have the same label more often than by chance: %s of"
                    + " the nearest neighbours agree, by chance it is %s.",
                Numbers.percent(agreement.share()),
                Numbers.percent(agreement.chance())),
            new Remedy(
                "Look at some pictures with their labels (report.html has some): were images shuffled"
                    + " without labels, or labels read from another file? ./gradus label-errors finds"
                    + " single ones that are wrong.",
                null,
                null),
            Evidence.of(
                String.format(
                    Locale.ROOT,
                    "%d nearest neighbours of %,d pictures, by coarse pixels.",
                    NEIGHBOURS,
                    agreement.images()))));
  }

  /** Of the images a loader gives, without augmentation. */
  static Agreement agreement(DataLoader loader) {
    Dataset data = loader.dataset();
    Shape shape = loader.imageShape();
    int[] labels;
    float[][] features;
    try (DataLoader glimpse = Glimpse.of(loader, IMAGES, 64)) {
      int[] order = glimpse.order(0);
      labels = IntStream.of(order).map(data::label).toArray();
      features = new float[order.length][];
      int at = 0;
      for (Batch batch : glimpse.epoch(0)) {
        FloatBuffer pixels = batch.images();
        for (int i = 0; i < batch.size(); i++) {
          features[at++] = coarse(pixels, (int) (i * shape.size()), shape);
        }
      }
    }
    double same =
        IntStream.range(0, labels.length)
            .parallel()
            .mapToDouble(i -> agreeing(i, features, labels))
            .sum();
    double[] shares = new double[data.classNames().size()];
    for (int label : labels) {
      shares[label] += 1.0 / labels.length;
    }
    double chance = 0;
    for (double share : shares) {
      chance += share * share;
    }
    return new Agreement(same / labels.length, chance, labels.length);
  }

  private static float[] coarse(FloatBuffer pixels, int start, Shape shape) {
    int h = shape.dim(1);
    int w = shape.dim(2);
    int rows = Math.min(h, CELLS);
    int columns = Math.min(w, CELLS);
    float[] cells = new float[shape.dim(0) * rows * columns];
    int at = start;
    for (int c = 0; c < shape.dim(0); c++) {
      for (int y = 0; y < h; y++) {
        int row = (c * rows + y * rows / h) * columns;
        for (int x = 0; x < w; x++) {
          cells[row + x * columns / w] += pixels.get(at++);
        }
      }
    }
    return cells;
  }

  private static double agreeing(int i, float[][] features, int[] labels) {
    float[] nearest = new float[NEIGHBOURS];
    int[] who = new int[NEIGHBOURS];
    Arrays.fill(nearest, Float.POSITIVE_INFINITY);
    for (int j = 0; j < features.length; j++) {
      if (j == i) {
        continue;
      }
      float distance = 0;
      for (int k = 0; k < features[i].length; k++) {
        float d = features[i][k] - features[j][k];
        distance += d * d;
      }
      int place = NEIGHBOURS - 1;
      if (distance < nearest[place]) {
        for (; place > 0 && distance < nearest[place - 1]; place--) {
          nearest[place] = nearest[place - 1];
          who[place] = who[place - 1];
        }
        nearest[place] = distance;
        who[place] = j;
      }
    }
    double same = 0;
    for (int neighbour : who) {
      same += labels[neighbour] == labels[i] ? 1.0 / NEIGHBOURS : 0;
    }
    return same;
  }
}
