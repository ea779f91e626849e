package gradus.search;

import java.util.Arrays;
import java.util.SplittableRandom;

/**
 * A Gaussian around each place that was seen, and a wide one for all that was not, cut off at 0 and
 * 1. A Gaussian is as wide as the gap to the farther of its neighbours; where places crowd, 1 /
 * (places + 2) at least, and 1 / 100.
 */
final class ParzenDensity implements Density {
  private final double[] means;
  private final double[] deviations;
  private final double[] masses; // of each Gaussian between 0 and 1

  ParzenDensity(double[] places) {
    int count = places.length + 1;
    means = Arrays.copyOf(places, count);
    means[count - 1] = 0.5; // the wide one
    Arrays.sort(means);
    deviations = new double[count];
    masses = new double[count];
    double narrowest = 1 / Math.min(100.0, count + 1.0);
    int wide = Arrays.binarySearch(means, 0.5);
    for (int i = 0; i < count; i++) {
      double below = i == 0 ? 0 : means[i] - means[i - 1];
      double above = i == count - 1 ? 0 : means[i + 1] - means[i];
      deviations[i] = i == wide ? 1 : Math.max(narrowest, Math.max(below, above));
      masses[i] = below(1, i) - below(0, i);
    }
  }

  /** The share of Gaussian i that lies below x. */
  private double below(double x, int i) {
    return (1 + erf((x - means[i]) / (deviations[i] * Math.sqrt(2)))) / 2;
  }

  /** Abramowitz and Stegun, 7.1.26: to 1.5e-7. */
  private static double erf(double x) {
    double t = 1 / (1 + 0.3275911 * Math.abs(x));
    double sum =
        t
            * (0.254829592
                + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))));
    return Math.signum(x) * (1 - sum * Math.exp(-x * x));
  }

  @Override
  public double draw(SplittableRandom random) {
    int i = random.nextInt(means.length);
    double place;
    do { // at least a third lies inside, since no Gaussian is wider than all
      place = means[i] + deviations[i] * random.nextGaussian();
    } while (place < 0 || place >= 1);
    return place;
  }

  @Override
  public double at(double place) {
    double sum = 0;
    for (int i = 0; i < means.length; i++) {
      double z = (place - means[i]) / deviations[i];
      sum += Math.exp(-z * z / 2) / (deviations[i] * Math.sqrt(2 * Math.PI) * masses[i]);
    }
    return sum / means.length;
  }
}
