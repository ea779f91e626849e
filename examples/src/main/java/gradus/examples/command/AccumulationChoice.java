package gradus.examples.command;

import gradus.train.Accumulation;
import java.util.Map;
import picocli.CommandLine.Option;

/** The option that makes updates of several batches. */
final class AccumulationChoice {
  @Option(
      names = "--accumulate",
      paramLabel = "N",
      defaultValue = "1",
      description = "Update once per so many batches, as if they were one. Default: 1")
  private int batches;

  void check() {
    UsageException.unless(batches >= 1, "--accumulate is " + batches + ", but must be at least 1.");
  }

  /** How many batches an update is made of. */
  Accumulation value() {
    return new Accumulation(batches);
  }

  void describe(Map<String, Object> configuration) {
    configuration.put("accumulate", batches);
  }
}
