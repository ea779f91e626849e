package gradus.search;

import gradus.train.EpochReport;
import java.util.List;
import java.util.function.Predicate;

/**
 * Trains trials; a search strategy says which, and for how long. A parallel search calls it from
 * several threads, each for another trial.
 */
@FunctionalInterface
public interface TrialRunner {
  /**
   * Trains a trial until so many epochs are done, going on from where an earlier call left it.
   *
   * @param goOn asked after each epoch but the last, with all so far; no ends this call
   */
  TrialProgress run(Trial trial, int epochs, Predicate<List<EpochReport>> goOn);
}
