package gradus.report;

import gradus.metric.Monitor;
import gradus.train.EpochReport;
import java.util.Comparator;

/**
 * What a run was told to watch, and so which of its epochs is the best.
 *
 * @param monitor the validation loss where it did not say
 */
record Watched(Monitor monitor) {
  /** As the configuration of a run says it, with hyphens. */
  static Watched of(String setting) {
    String name = setting.replace('-', '_');
    return new Watched(
        Monitor.all().stream()
            .filter(monitor -> monitor.name().equals(name))
            .findFirst()
            .orElse(Monitor.VALIDATION_LOSS));
  }

  /** Better epochs are greater. */
  Comparator<EpochReport> order() {
    return EpochReport.ranking(monitor);
  }
}
