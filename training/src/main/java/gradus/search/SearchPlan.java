package gradus.search;

import gradus.GradusException;

/**
 * What a search may spend.
 *
 * @param sampler chooses what to try
 * @param trials how many, from 1
 * @param epochs what the best get, from 1
 * @param parallel how many trials may run at a time, from 1; 1 is usual, since a single training
 *     uses all processors
 */
public record SearchPlan(TrialSampler sampler, int trials, int epochs, int parallel) {
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

  /** One trial at a time. */
  public SearchPlan(TrialSampler sampler, int trials, int epochs) {
    this(sampler, trials, epochs, 1);
  }
}
