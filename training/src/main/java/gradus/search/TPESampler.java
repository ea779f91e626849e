package gradus.search;

import gradus.GradusException;
import gradus.train.EpochReport;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * Tree-structured Parzen Estimator: learns from the trials before. Of every setting it draws values
 * from where the best trials lie (density l), and takes the one that is likeliest there as against
 * where all others lie (density g): the greatest l / g, which is the greatest expected improvement.
 *
 * <p>Bergstra and others, "Algorithms for hyper-parameter optimization" (2011). As Optuna's
 * TPESampler by default: the best are a tenth, at most 25; 24 candidates; settings are taken as
 * independent of each other. The first trials are quasi-random, where Optuna's are random.
 */
public final class TPESampler implements TrialSampler {
  private static final double BEST_SHARE = 0.1;
  private static final int MOST_BEST = 25;
  private static final int CANDIDATES = 24;

  private final SearchSpace space;
  private final long seed;
  private final int startupTrials;
  private final Comparator<EpochReport> ranking;

  /** One that learns by the validation accuracy. */
  public TPESampler(SearchSpace space, long seed, int startupTrials) {
    this(space, seed, startupTrials, EpochReport.BY_VALIDATION);
  }

  /**
   * A sampler.
   *
   * @param startupTrials how many results it wants before it learns from them, from 2; 10 is usual
   * @param ranking that of the {@link SearchPlan}
   * @throws GradusException if there are fewer
   */
  public TPESampler(
      SearchSpace space, long seed, int startupTrials, Comparator<EpochReport> ranking) {
    if (startupTrials < 2) {
      throw new GradusException(
          "TPE is to learn from "
              + startupTrials
              + " trials, but needs a better and a worse one: at least 2; 10 is usual.");
    }
    this.space = space;
    this.seed = seed;
    this.startupTrials = startupTrials;
    this.ranking = ranking;
  }

  @Override
  public Trial sample(int number, List<TrialResult> results) {
    if (results.size() < startupTrials) {
      return space.quasiRandom(seed).sample(number, results);
    }
    List<TrialResult> ranked = results.stream().sorted(TrialResult.by(ranking).reversed()).toList();
    int best = Math.min(MOST_BEST, (int) Math.ceil(BEST_SHARE * ranked.size()));
    SplittableRandom random = new SplittableRandom(seed ^ number * 0x9E3779B97F4A7C15L);
    Map<String, String> settings = new LinkedHashMap<>();
    for (Dimension dimension : space.dimensions()) {
      double place =
          suggest(
              density(dimension, ranked.subList(0, best)),
              density(dimension, ranked.subList(best, ranked.size())),
              random);
      settings.put(dimension.name(), dimension.at(place));
    }
    return new Trial(number, settings);
  }

  private static double suggest(Density good, Density bad, SplittableRandom random) {
    double chosen = 0;
    double greatest = Double.NEGATIVE_INFINITY;
    for (int i = 0; i < CANDIDATES; i++) {
      double place = good.draw(random);
      double gain = good.at(place) / bad.at(place);
      if (gain > greatest) {
        chosen = place;
        greatest = gain;
      }
    }
    return chosen;
  }

  private static Density density(Dimension dimension, List<TrialResult> results) {
    double[] places =
        results.stream()
            .mapToDouble(
                result -> dimension.placeOf(result.trial().settings().get(dimension.name())))
            .toArray();
    return dimension.isRange()
        ? new ParzenDensity(places)
        : new ChoiceDensity(places, dimension.choices());
  }
}
