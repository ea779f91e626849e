package gradus.search;

import java.util.List;
import java.util.function.Consumer;

/** Which trials get how many epochs. Its decisions depend on what trials come to, not on time. */
public interface SearchStrategy {
  /**
   * Searches.
   *
   * @param trials what to try
   * @param epochs what the best get
   * @param runner trains them
   * @param listener hears of each trial as soon as it will get no more epochs
   * @return the result of each trial, in the order they ended
   */
  List<TrialResult> search(
      List<Trial> trials, int epochs, TrialRunner runner, Consumer<TrialResult> listener);
}
