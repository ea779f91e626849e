package gradus.examples.command;

import gradus.GradusException;
import gradus.files.AtomicFile;
import gradus.predict.ClassProbability;
import gradus.predict.Prediction;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVPrinter;

/**
 * Predictions as a CSV file (RFC 4180, UTF-8): the columns {@code file}, {@code label}, {@code
 * probability}, and one for each class with its probability.
 */
final class PredictionTable {
  private final CSVPrinter printer;

  private PredictionTable(CSVPrinter printer) {
    this.printer = printer;
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
            CSVPrinter printer =
                new CSVPrinter(
                    Channels.newWriter(channel, StandardCharsets.UTF_8), CSVFormat.RFC4180);
            List<String> header = new ArrayList<>(List.of("file", "label", "probability"));
            header.addAll(classes);
            printer.printRecord(header);
            rows.accept(new PredictionTable(printer));
            printer.flush();
          });
    } catch (IOException | UncheckedIOException e) {
      throw new GradusException(
          "Cannot write "
              + file
              + " ("
              + e.getMessage()
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
      printer.printRecord(row);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String number(double probability) {
    return String.format(Locale.ROOT, "%.6f", probability);
  }
}
