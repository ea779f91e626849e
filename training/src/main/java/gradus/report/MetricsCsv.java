package gradus.report;

import gradus.GradusException;
import gradus.files.AtomicFile;
import gradus.train.EpochReport;
import gradus.train.TrainingListener;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

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

  private static String field(double value) {
    return Double.isNaN(value) ? "," : "," + (float) value;
  }
}
