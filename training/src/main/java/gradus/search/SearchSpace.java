package gradus.search;

import gradus.GradusException;
import java.util.ArrayList;
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

  /** The first trials of a seed; more trials begin with the same ones. */
  public List<Trial> trials(int count, long seed) {
    List<Trial> trials = new ArrayList<>();
    for (int number = 1; number <= count; number++) {
      trials.add(new Trial(number, draw(number, seed)));
    }
    return trials;
  }

  private Map<String, String> draw(int number, long seed) {
    int searched = (int) dimensions.stream().filter(d -> !d.isFixed()).count();
    double step = 1 / root(searched);
    double stride = 1;
    SplittableRandom shifts = new SplittableRandom(seed);
    Map<String, String> settings = new LinkedHashMap<>();
    for (Dimension dimension : dimensions) {
      double place = 0;
      if (!dimension.isFixed()) {
        stride *= step;
        place = (shifts.nextDouble() + number * stride) % 1;
      }
      settings.put(dimension.name(), dimension.at(place));
    }
    return settings;
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
