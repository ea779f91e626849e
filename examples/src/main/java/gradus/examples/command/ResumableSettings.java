package gradus.examples.command;

import gradus.GradusException;
import gradus.report.RecordedRun;
import gradus.report.Resumption;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Which settings may be others than before where a run is gone on with. */
final class ResumableSettings {
  /** Of these no weight depends, except on how long a time limit lets it be trained. */
  private static final Set<String> WITHOUT_EFFECT =
      Set.of("threads", "workers", "data_dir", "cache", "tta", "time_limit");

  /**
   * What people go on with a run for: to train for longer, on other devices, or in other care. A
   * schedule spans the new number of epochs from then on.
   */
  private static final Set<String> ALLOWED =
      Set.of("epochs", "early_stopping", "devices", "doctor");

  private ResumableSettings() {}

  /**
   * Refuses what would make another run of it, whose record would be true of its last epochs alone.
   *
   * @param comparison of then and now
   */
  static void require(RecordedRun then, RunComparison comparison) {
    List<RunComparison.Row> refused =
        comparison.settings().stream()
            .filter(row -> !mayDiffer(row.name()) || isUndone(row, then.epochs().size()))
            .toList();
    if (refused.isEmpty()) {
      return;
    }
    List<RunComparison.Row> chosen =
        refused.stream().filter(comparison.chosen()::contains).toList();
    throw new GradusException(
        "--resume goes on with a run as it was, but other settings than those of "
            + then.folder()
            + " are asked for: "
            + words(chosen.isEmpty() ? refused : chosen)
            + ". Leave them as they were, or begin another run from its weights: --from "
            + then.folder()
            + " with another --out.");
  }

  /** Epochs that were trained stay so. */
  private static boolean isUndone(RunComparison.Row row, int epochs) {
    return row.name().equals("epochs") && Integer.parseInt(row.values().get(1)) < epochs;
  }

  private static boolean mayDiffer(String setting) {
    return WITHOUT_EFFECT.contains(setting) || ALLOWED.contains(setting);
  }

  /** Settings as they were and are. */
  static String words(List<RunComparison.Row> rows) {
    return rows.stream()
        .map(
            row ->
                row.option()
                    + " was "
                    + word(row.values().get(0))
                    + " and is "
                    + word(row.values().get(1)))
        .collect(Collectors.joining(", "));
  }

  private static String word(String value) {
    return value.equals(RunComparison.NONE) ? "not set" : value;
  }

  /** Settings by whose change the run comes to something else than it would have without. */
  static List<RunComparison.Row> withEffect(Resumption resumption) {
    return changes(resumption)
        .filter(row -> ALLOWED.contains(row.name()))
        .filter(row -> !row.name().equals("doctor") || row.values().contains("treat"))
        .toList();
  }

  /** What changed of program and machine. */
  static List<RunComparison.Row> surroundings(Resumption resumption) {
    return changes(resumption).filter(row -> !mayDiffer(row.name())).toList();
  }

  private static Stream<RunComparison.Row> changes(Resumption resumption) {
    return resumption.changes().entrySet().stream()
        .map(
            entry ->
                new RunComparison.Row(
                    entry.getKey(), List.of(entry.getValue().before(), entry.getValue().after())));
  }
}
