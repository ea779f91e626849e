package gradus.search;

import gradus.GradusException;
import gradus.train.EpochReport;
import java.util.Comparator;

/**
 * What a search may spend.
 *
 * @param sampler chooses what to try
 * @param trials how many, from 1
 * @param epochs what the best get, from 1
 * @param parallel how many trials may run at a time, from 1; 1 is usual, since a single training
 *     uses all processors
 * @param ranking by which the better of two epochs is greater, and the trial with the best epoch
 *     the best; {@link EpochReport#ranking} for one number
 */
public record SearchPlan(
    TrialSampler sampler, int trials, int epochs, int parallel, Comparator<EpochReport> ranking) {
  /** Refuses numbers below 1. */
  public SearchPlan {
    if (trials < 1 || epochs < 1 || parallel < 1) {
      throw new GradusException(
          "SearchPlan: trials ("
              + trials
              + "), epochs ("
              + epochs
              + ") and how many run in parallel ("
              + parallel
              + ") must be at least 1.");
    }
  }

  /** By the validation accuracy. */
  public SearchPlan(TrialSampler sampler, int trials, int epochs, int parallel) {
    this(sampler, trials, epochs, parallel, EpochReport.BY_VALIDATION);
  }

  /** One trial at a time, by the validation accuracy. */
  public SearchPlan(TrialSampler sampler, int trials, int epochs) {
    this(sampler, trials, epochs, 1);
  }
}
