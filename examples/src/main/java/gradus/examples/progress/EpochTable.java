package gradus.examples.progress;

import gradus.train.EpochReport;
import java.util.List;
import java.util.Locale;

/** The epochs of a run as a table. */
public final class EpochTable {
  private EpochTable() {}

  /** The table, one line for each epoch, with a heading; nothing where there is none. */
  public static String of(List<EpochReport> epochs) {
    if (epochs.isEmpty()) {
      return "";
    }
    List<String> metrics =
        epochs.stream().flatMap(epoch -> epoch.metrics().keySet().stream()).distinct().toList();
    StringBuilder table = new StringBuilder();
    table.append(
        String.format(
            "%5s  %10s  %9s  %10s  %9s  ",
            "epoch", "train loss", "train acc", "val. loss", "val. acc"));
    metrics.forEach(metric -> table.append("val. ").append(metric.replace('_', ' ')).append("  "));
    table.append(String.format("%9s  %8s  %9s%n", "rate", "seconds", "images/s"));
    for (EpochReport epoch : epochs) {
      table.append(
          String.format(
              Locale.ROOT,
              "%5d  %10.4f  %7.2f %%  %10.4f  %7.2f %%  ",
              epoch.epoch(),
              epoch.trainLoss(),
              100 * epoch.trainAccuracy(),
              epoch.validationLoss(),
              100 * epoch.validationAccuracy()));
      for (String metric : metrics) {
        double value = epoch.metrics().getOrDefault(metric, Double.NaN);
        table.append(String.format(Locale.ROOT, "%" + (5 + metric.length()) + ".4f  ", value));
      }
      table.append(
          String.format(
              Locale.ROOT,
              "%9.2e  %8.2f  %,9.0f%n",
              epoch.learningRate(),
              epoch.seconds(),
              epoch.imagesPerSecond()));
    }
    return table.toString();
  }
}
