package gradus.examples.command;

import gradus.data.DataSplits;
import java.util.Map;
import picocli.CommandLine.Option;

/** The options to train on less than there is. */
final class SubsetChoice {
  @Option(
      names = "--limit",
      paramLabel = "N",
      description = "Train on N of the training images only, every class in its share.")
  private Integer limit;

  @Option(
      names = "--long-tail",
      paramLabel = "FACTOR",
      description =
          "For experiments: make the training images unbalanced, the last class with one in FACTOR"
              + " of the first.")
  private Double longTail;

  void check() {
    UsageException.unless(
        limit == null || limit >= 1, "--limit is " + limit + ", but must be at least 1.");
    UsageException.unless(
        longTail == null || (longTail >= 1 && longTail < 1e6),
        "--long-tail is " + longTail + ", but must be from 1 to below 1000000; 50 is usual.");
  }

  /** The parts of a data set, with what is left of its training images. */
  DataSplits apply(DataSplits all, long seed) {
    DataSplits data = longTail == null ? all : DataChoice.longTailed(all, longTail, seed);
    return limit == null ? data : DataChoice.limited(data, limit, seed);
  }

  void describe(Map<String, Object> configuration) {
    configuration.put("limit", limit);
    configuration.put("long_tail", longTail);
  }
}
