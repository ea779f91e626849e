package gradus.train;

import java.util.List;
import java.util.OptionalDouble;

/**
 * What a {@link LearningRateFinder} saw: the loss over a rate that grows by a constant factor.
 *
 * @param points one for each batch, the rate rising
 * @param diverged whether it ended early because the loss grew without bounds
 */
public record LearningRateSweep(List<Point> points, boolean diverged) {
  /** With fewer batches the noise of the loss hides where it falls. */
  public static final int FEWEST = 100;

  private static final double WINDOW = 0.5; // powers of ten to each side

  /**
   * A batch.
   *
   * @param learningRate of its step
   * @param loss before that step
   */
  public record Point(double learningRate, double loss) {}

  /** A sweep; the list is copied. */
  public LearningRateSweep {
    points = List.copyOf(points);
  }

  /** The mean loss around a point, over all rates up to half a power of ten smaller or larger. */
  public double smoothedLoss(int index) {
    int reach = reach();
    return points
        .subList(Math.max(0, index - reach), Math.min(points.size(), index + reach + 1))
        .stream()
        .mapToDouble(Point::loss)
        .average()
        .orElseThrow();
  }

  /**
   * The rate at which the loss falls most steeply over the logarithm of the rate, before it is
   * lowest; empty if it falls nowhere. The slope is that of a straight line fitted to the losses
   * half a power of ten to each side. Other finders take a moving average of past losses, whose lag
   * and noise put the suggestion powers of ten away, and count the fall after an explosion.
   */
  public OptionalDouble suggestion() {
    int reach = reach();
    int last = Math.min(lowest(), points.size() - 1 - reach);
    double steepest = 0;
    OptionalDouble rate = OptionalDouble.empty();
    for (int i = reach; i <= last; i++) {
      double slope = 0; // of least squares, but for a factor that is the same everywhere
      for (int k = -reach; k <= reach; k++) {
        slope += k * points.get(i + k).loss;
      }
      if (slope < steepest) {
        steepest = slope;
        rate = OptionalDouble.of(points.get(i).learningRate);
      }
    }
    return rate;
  }

  private int lowest() {
    int best = 0;
    for (int i = 1; i < points.size(); i++) {
      if (smoothedLoss(i) < smoothedLoss(best)) {
        best = i;
      }
    }
    return best;
  }

  /** How many points lie in half a power of ten, at least 3. */
  private int reach() {
    if (points.size() < 2) {
      return 3;
    }
    double decades = Math.log10(points.get(1).learningRate / points.get(0).learningRate);
    return Math.max(3, (int) Math.round(WINDOW / decades));
  }
}
