package gradus.report;

import gradus.train.EpochReport;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Collectors;

/**
 * Keeps a table of the epochs in a CSV file, a line more after each epoch. The file always holds
 * whole lines: it is replaced, not appended to. A number that does not exist is an empty field.
 */
public final class MetricsCsv extends EpochFile {
  /** Will write to {@code file}, whose folder must exist. */
  public MetricsCsv(Path file) {
    super(
        file,
        Arrays.stream(EpochField.values())
            .map(EpochField::key)
            .collect(Collectors.joining(",", EpochField.EPOCH + ",", "\n")));
  }

  @Override
  String line(EpochReport report) {
    return Arrays.stream(EpochField.values())
        .map(field -> Float.isNaN(field.of(report)) ? "" : Float.toString(field.of(report)))
        .collect(Collectors.joining(",", report.epoch() + ",", "\n"));
  }
}
