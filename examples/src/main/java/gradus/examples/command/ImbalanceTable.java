package gradus.examples.command;

import gradus.GradusException;
import gradus.metric.ConfusionMatrix;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/** What came of each remedy, as markdown (mean and deviation over seeds) and CSV (every run). */
final class ImbalanceTable {
  /**
   * One trained model, judged on the test part.
   *
   * @param minorityRecall the mean recall of the minority classes
   */
  record Run(
      Remedy remedy,
      long seed,
      long steps,
      double minorityRecall,
      double macroF1,
      double balancedAccuracy,
      double accuracy,
      double seconds) {
    static Run of(
        Remedy remedy, long seed, long steps, ConfusionMatrix test, int[] minority, double time) {
      double recall =
          Arrays.stream(minority).mapToDouble(c -> test.scores(c).recall()).average().orElseThrow();
      return new Run(
          remedy,
          seed,
          steps,
          recall,
          test.macroF1(),
          test.balancedAccuracy(),
          test.accuracy(),
          time);
    }
  }

  private final String title;
  private final List<Run> runs = new ArrayList<>();

  /** An empty one; the title says what was trained on what. */
  ImbalanceTable(String title) {
    this.title = title;
  }

  void add(Run run) {
    runs.add(run);
  }

  String markdown() {
    Map<Remedy, List<Run>> byRemedy = new LinkedHashMap<>();
    runs.forEach(r -> byRemedy.computeIfAbsent(r.remedy, x -> new ArrayList<>()).add(r));
    StringBuilder table = new StringBuilder(title).append("\n\n");
    table.append(
        String.format(
            "| %-16s | %-15s | %-15s | %-17s | %-15s | %9s | %4s |%n",
            "remedy",
            "minority recall",
            "macro-F1",
            "balanced accuracy",
            "accuracy",
            "seconds",
            "runs"));
    table.append("|---|---|---|---|---|---:|---:|\n");
    byRemedy.forEach(
        (remedy, of) ->
            table.append(
                String.format(
                    Locale.ROOT,
                    "| %-16s | %-15s | %-15s | %-17s | %-15s | %9.1f | %4d |%n",
                    remedy,
                    percent(of, Run::minorityRecall),
                    percent(of, Run::macroF1),
                    percent(of, Run::balancedAccuracy),
                    percent(of, Run::accuracy),
                    of.stream().mapToDouble(Run::seconds).average().orElseThrow(),
                    of.size())));
    return table.toString();
  }

  /** The mean, and the sample standard deviation of several. */
  private static String percent(List<Run> runs, ToDoubleFunction<Run> number) {
    double mean = runs.stream().mapToDouble(number).average().orElseThrow();
    double squares =
        runs.stream().mapToDouble(number).map(value -> (value - mean) * (value - mean)).sum();
    return runs.size() == 1
        ? String.format(Locale.ROOT, "%.2f %%", 100 * mean)
        : String.format(
            Locale.ROOT,
            "%.2f ± %.2f %%",
            100 * mean,
            100 * Math.sqrt(squares / (runs.size() - 1)));
  }

  String csv() {
    StringBuilder text =
        new StringBuilder(
            "remedy,seed,steps,minority_recall,macro_f1,balanced_accuracy,accuracy,seconds\n");
    for (Run run : runs) {
      text.append(
          String.format(
              Locale.ROOT,
              "%s,%d,%d,%.6f,%.6f,%.6f,%.6f,%.1f%n",
              run.remedy,
              run.seed,
              run.steps,
              run.minorityRecall,
              run.macroF1,
              run.balancedAccuracy,
              run.accuracy,
              run.seconds));
    }
    return text.toString();
  }

  /** Leaves both in a folder; called after every run, so that a broken-off table is not lost. */
  void write(Path folder) {
    try {
      Files.createDirectories(folder);
      Files.writeString(folder.resolve("imbalance.md"), markdown());
      Files.writeString(folder.resolve("imbalance.csv"), csv());
    } catch (IOException e) {
      throw new GradusException(
          "Cannot write to --out " + folder + " (" + e + "). Choose a folder you may write to.", e);
    }
  }
}
