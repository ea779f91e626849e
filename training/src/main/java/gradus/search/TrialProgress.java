package gradus.search;

import gradus.train.EpochReport;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * How far the training of a trial has come.
 *
 * @param epochs all that are finished
 * @param diverged whether its loss is no number any more
 */
public record TrialProgress(List<EpochReport> epochs, boolean diverged) {
  /** Keeps its own copy. */
  public TrialProgress {
    epochs = List.copyOf(epochs);
  }

  /** The epoch that did best by this; none if none is finished. */
  public Optional<EpochReport> best(Comparator<EpochReport> ranking) {
    return epochs.stream().max(ranking);
  }
}
