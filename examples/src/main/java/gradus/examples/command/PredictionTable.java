package gradus.examples.command;

import gradus.GradusException;
import gradus.files.AtomicFile;
import gradus.predict.ClassProbability;
import gradus.predict.Prediction;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;
import org.apache.commons.csv.CSVFormat;

/**
 * Predictions as a CSV file (RFC 4180, UTF-8): the columns {@code file}, {@code label}, {@code
 * probability}, and one for each class with its probability.
 */
final class PredictionTable {
  private static final CSVFormat FORMAT = CSVFormat.RFC4180;

  private final Writer writer;

  private PredictionTable(Writer writer) {
    this.writer = writer;
  }

  /**
   * Writes a table, which appears whole or not at all.
   *
   * @param rows adds them
   * @throws GradusException if it cannot be written
   */
  static void write(Path file, List<String> classes, Consumer<PredictionTable> rows) {
    try {
      AtomicFile.write(
          file,
          channel -> {
            Writer writer = Channels.newWriter(channel, StandardCharsets.UTF_8);
            List<String> header = new ArrayList<>(List.of("file", "label", "probability"));
            header.addAll(classes);
            FORMAT.printRecord(writer, header.toArray());
            rows.accept(new PredictionTable(writer));
            writer.flush();
          });
    } catch (IOException | UncheckedIOException e) {
      throw new GradusException(
          "Cannot write "
              + file
              + " ("
              + e
              + "). Does its folder exist, is there room, and may you write there?",
          e);
    }
  }

  void add(Path picture, Prediction prediction) {
    List<String> row =
        new ArrayList<>(
            List.of(picture.toString(), prediction.label(), number(prediction.probability())));
    for (ClassProbability each : prediction.probabilities()) {
      row.add(number(each.probability()));
    }
    try {
      FORMAT.printRecord(writer, row.toArray());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String number(double probability) {
    return String.format(Locale.ROOT, "%.6f", probability);
  }
}
