package gradus.report;

import gradus.GradusException;
import gradus.train.EpochReport;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVParser;
import org.apache.commons.csv.CSVRecord;

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
        epochs.add(epoch(row));
      }
    } catch (IOException e) {
      throw new GradusException("Cannot read " + file + " (" + e + ").", e);
    } catch (IllegalArgumentException e) {
      throw new GradusException(
          file + ", line " + (epochs.size() + 2) + ": this is no table of epochs (" + e + ").", e);
    }
    return epochs;
  }

  private static EpochReport epoch(CSVRecord row) {
    return new EpochReport(
        Integer.parseInt(row.get("epoch")),
        number(row.get("train_loss")),
        number(row.get("train_accuracy")),
        number(row.get("validation_loss")),
        number(row.get("validation_accuracy")),
        number(row.get("learning_rate")),
        number(row.get("seconds")),
        number(row.get("images_per_second")));
  }

  private static double number(String field) {
    return field.isEmpty() ? Double.NaN : Double.parseDouble(field);
  }
}
