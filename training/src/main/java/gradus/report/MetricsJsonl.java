package gradus.report;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import gradus.train.EpochReport;
import java.nio.file.Path;

/**
 * Keeps the epochs in a file of JSON lines, an object more after each epoch, with the names and
 * numbers of {@link MetricsCsv}. The file always holds whole lines. A number that does not exist,
 * or is not finite, is null.
 */
public final class MetricsJsonl extends EpochFile {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** Will write to {@code file}, whose folder must exist. */
  public MetricsJsonl(Path file) {
    super(file, "");
  }

  @Override
  String line(EpochReport report) {
    return json(report) + "\n";
  }

  /** The JSON object of an epoch, in one line. */
  public static String json(EpochReport report) {
    ObjectNode epoch = JSON.createObjectNode().put(EpochField.EPOCH, report.epoch());
    for (EpochField field : EpochField.values()) {
      float value = field.of(report);
      if (Float.isFinite(value)) {
        epoch.put(field.key(), value);
      } else {
        epoch.putNull(field.key());
      }
    }
    return epoch.toString();
  }
}
