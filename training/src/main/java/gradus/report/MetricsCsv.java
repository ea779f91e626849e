package gradus.report;

import gradus.GradusException;
import gradus.metric.Monitor;
import gradus.train.EpochReport;
import gradus.train.TrainingListener;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVParser;
import org.apache.commons.csv.CSVRecord;

/**
 * Keeps a table of the epochs in a CSV file, a line more after each epoch. The file always holds
 * whole lines: it is replaced, not appended to. A number that does not exist is an empty field;
 * metrics of the validation have a column at the end if the run measured them.
 */
public final class MetricsCsv implements TrainingListener {
  private final Path file;
  private final List<EpochReport> epochs = new ArrayList<>();

  /** Will write to {@code file}, whose folder must exist. */
  public MetricsCsv(Path file) {
    this.file = file;
  }

  @Override
  public void onResume(List<EpochReport> earlier) {
    epochs.addAll(0, earlier);
  }

  @Override
  public void onEpoch(EpochReport report) {
    epochs.add(report);
    WholeFile.write(file, table());
  }

  private String table() {
    Set<String> metrics = new LinkedHashSet<>(); // not every epoch of a resumed run has them all
    epochs.forEach(epoch -> metrics.addAll(epoch.metrics().keySet()));
    StringBuilder table = new StringBuilder(EpochField.EPOCH);
    for (EpochField field : EpochField.values()) {
      table.append(',').append(field.key());
    }
    metrics.forEach(metric -> table.append(',').append(Monitor.nameOf(metric)));
    table.append('\n');
    for (EpochReport epoch : epochs) {
      table.append(epoch.epoch());
      for (EpochField field : EpochField.values()) {
        table.append(',').append(text(field.of(epoch)));
      }
      for (String metric : metrics) {
        table
            .append(',')
            .append(text(epoch.metrics().getOrDefault(metric, Double.NaN).floatValue()));
      }
      table.append('\n');
    }
    return table.toString();
  }

  private static String text(float value) {
    return Float.isNaN(value) ? "" : Float.toString(value);
  }

  /**
   * Reads such a table.
   *
   * @throws GradusException naming file and line if it is not one
   */
  public static List<EpochReport> read(Path file) {
    CSVFormat format = CSVFormat.RFC4180.builder().setHeader().setSkipHeaderRecord(true).get();
    List<EpochReport> epochs = new ArrayList<>();
    try (CSVParser rows = CSVParser.parse(file, StandardCharsets.UTF_8, format)) {
      for (CSVRecord row : rows) {
        epochs.add(epoch(row, rows.getHeaderNames()));
      }
    } catch (IOException e) {
      throw new GradusException("Cannot read " + file + " (" + e + ").", e);
    } catch (IllegalArgumentException e) {
      throw new GradusException(
          file + ", line " + (epochs.size() + 2) + ": this is no table of epochs (" + e + ").", e);
    }
    return epochs;
  }

  private static EpochReport epoch(CSVRecord row, List<String> columns) {
    return new EpochReport(
        Integer.parseInt(row.get("epoch")),
        number(row.get("train_loss")),
        number(row.get("train_accuracy")),
        number(row.get("validation_loss")),
        number(row.get("validation_accuracy")),
        number(row.get("learning_rate")),
        number(row.get("seconds")),
        number(row.get("images_per_second")),
        EpochField.metrics(columns, column -> number(row.get(column))));
  }

  private static double number(String field) {
    return field.isEmpty() ? Double.NaN : Double.parseDouble(field);
  }
}
