package gradus.search;

import java.util.List;

/** Chooses the settings of trials; its choices depend on a seed and on results, not on time. */
@FunctionalInterface
public interface TrialSampler {
  /**
   * Chooses.
   *
   * @param number of the trial, from 1
   * @param results of trials before it: in a parallel search not those that still run
   */
  Trial sample(int number, List<TrialResult> results);
}
