package gradus.report;

import gradus.GradusException;
import gradus.files.AtomicFile;
import gradus.train.EpochReport;
import gradus.train.TrainingListener;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVParser;
import org.apache.commons.csv.CSVRecord;

/**
 * Keeps a table of the epochs in a CSV file, a line more after each epoch. The file always holds
 * whole lines: it is replaced, not appended to. A number that does not exist is an empty field.
 */
public final class MetricsCsv implements TrainingListener {
  private static final String HEADER =
      "epoch,train_loss,train_accuracy,validation_loss,validation_accuracy,learning_rate,seconds,"
          + "images_per_second\n";

  private final Path file;
  private final StringBuilder table = new StringBuilder(HEADER);

  /** Will write to {@code file}, whose folder must exist. */
  public MetricsCsv(Path file) {
    this.file = file;
  }

  @Override
  public void onResume(List<EpochReport> earlier) {
    earlier.forEach(this::add);
  }

  @Override
  public void onEpoch(EpochReport report) {
    add(report);
    write();
  }

  private void add(EpochReport report) {
    table
        .append(report.epoch())
        .append(field(report.trainLoss()))
        .append(field(report.trainAccuracy()))
        .append(field(report.validationLoss()))
        .append(field(report.validationAccuracy()))
        .append(field(report.learningRate()))
        .append(field(report.seconds()))
        .append(field(report.imagesPerSecond()))
        .append('\n');
  }

  private void write() {
    try {
      AtomicFile.write(
          file,
          channel -> {
            ByteBuffer bytes = StandardCharsets.UTF_8.encode(table.toString());
            while (bytes.hasRemaining()) {
              channel.write(bytes);
            }
          });
    } catch (IOException e) {
      throw new GradusException(
          "Cannot write " + file + " (" + e + "). Is there room, and may you write there?", e);
    }
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

  private static String field(double value) {
    return Double.isNaN(value) ? "," : "," + (float) value;
  }
}
