package gradus.examples.progress;

import gradus.train.EpochReport;
import java.time.Duration;
import java.util.Locale;
import java.util.stream.Collectors;

/** How numbers are shown. */
final class Format {
  private Format() {}

  /** {@code 0:07}, {@code 12:34}, {@code 1:02:03}. */
  static String clock(Duration time) {
    long seconds = Math.max(0, time.toSeconds());
    return seconds < 3600
        ? String.format(Locale.ROOT, "%d:%02d", seconds / 60, seconds % 60)
        : String.format(
            Locale.ROOT, "%d:%02d:%02d", seconds / 3600, seconds / 60 % 60, seconds % 60);
  }

  /** Each metric of an epoch's validation, by a format with the places of its name and value. */
  static String metrics(String format, EpochReport epoch) {
    return epoch.metrics().entrySet().stream()
        .map(
            metric ->
                String.format(
                    Locale.ROOT, format, metric.getKey().replace('_', ' '), metric.getValue()))
        .collect(Collectors.joining());
  }
}
