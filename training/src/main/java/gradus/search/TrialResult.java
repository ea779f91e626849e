package gradus.search;

import gradus.train.EpochReport;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/**
 * What came of a trial.
 *
 * @param status how it ended
 * @param progress what it came to
 */
public record TrialResult(Trial trial, Status status, TrialProgress progress) {
  /** How a trial ended. */
  public enum Status {
    /** It had all its epochs. */
    FINISHED,
    /** Others did better, so it had fewer epochs. */
    PRUNED,
    /** Its loss was no number any more. */
    DIVERGED;

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  private static final EpochReport NO_EPOCH =
      new EpochReport(
          Integer.MAX_VALUE,
          Double.NaN,
          Double.NaN,
          Double.NaN,
          Double.NaN,
          Double.NaN,
          Double.NaN,
          Double.NaN);

  /** {@link #by} the validation accuracy. */
  public static final Comparator<TrialResult> BY_VALIDATION = by(EpochReport.BY_VALIDATION);

  /** Better results are greater: finished ones first, then by their best epochs. */
  public static Comparator<TrialResult> by(Comparator<EpochReport> ranking) {
    return Comparator.<TrialResult, Boolean>comparing(r -> r.status == Status.FINISHED)
        .thenComparing(r -> r.progress.best(ranking).orElse(NO_EPOCH), ranking)
        .thenComparingInt(r -> -r.trial.number());
  }

  /** What came of a trial that was to have so many epochs. */
  static TrialResult of(Trial trial, TrialProgress progress, int epochs) {
    Status status =
        progress.diverged()
            ? Status.DIVERGED
            : progress.epochs().size() < epochs ? Status.PRUNED : Status.FINISHED;
    return new TrialResult(trial, status, progress);
  }

  /** How many epochs a search has trained in all. */
  public static int epochs(List<TrialResult> results) {
    return results.stream().mapToInt(r -> r.progress.epochs().size()).sum();
  }
}
