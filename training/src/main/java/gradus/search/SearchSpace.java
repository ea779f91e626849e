package gradus.search;

import gradus.GradusException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * All that a search chooses. Points are drawn quasi-randomly: each seed shifts one sequence, whose
 * points lie more evenly than independent ones do, in every dimension and however many are taken.
 *
 * <p>The sequence is the additive recurrence of Roberts, "The unreasonable effectiveness of
 * quasirandom sequences" (2018); its use in searches: Bousquet and others, arXiv:1706.03200.
 *
 * @param dimensions in the order they are shown in
 */
public record SearchSpace(List<Dimension> dimensions) {
  /** Refuses two dimensions of one name. */
  public SearchSpace {
    dimensions = List.copyOf(dimensions);
    if (dimensions.stream().map(Dimension::name).distinct().count() < dimensions.size()) {
      throw new GradusException("Two dimensions of a search have the same name: " + dimensions);
    }
  }

  /** The quasi-random trials of a seed: more of them begin with the same ones. */
  public TrialSampler quasiRandom(long seed) {
    return (number, results) -> trial(number, 0, seed);
  }

  /**
   * Quasi-random trials that are even more even, since their number is known: in the first
   * dimension that has more than one value they are as far apart as they can be. That is
   * Hammersley's way to make n points of a sequence with a dimension less.
   */
  public TrialSampler even(int trials, long seed) {
    return (number, results) -> trial(number, trials, seed);
  }

  /** One of so many, or of any number if {@code trials} is 0. */
  private Trial trial(int number, int trials, long seed) {
    int searched = (int) dimensions.stream().filter(d -> !d.isFixed()).count();
    double step = 1 / root(trials > 0 ? searched - 1 : searched);
    double stride = 1;
    SplittableRandom shifts = new SplittableRandom(seed);
    boolean gridded = trials == 0;
    Map<String, String> settings = new LinkedHashMap<>();
    for (Dimension dimension : dimensions) {
      double place = 0;
      if (!dimension.isFixed()) {
        double shift = shifts.nextDouble();
        if (gridded) {
          stride *= step;
          place = (shift + number * stride) % 1;
        } else {
          place = (number - 1 + shift) / trials % 1;
          gridded = true;
        }
      }
      settings.put(dimension.name(), dimension.at(place));
    }
    return new Trial(number, settings);
  }

  /** The positive x with x^(d+1) = x + 1: the golden ratio for one dimension. */
  private static double root(int d) {
    double x = 1.5;
    for (int i = 0; i < 64; i++) { // contracts by more than two thirds at each turn
      x = Math.pow(1 + x, 1.0 / (d + 1));
    }
    return x;
  }
}
