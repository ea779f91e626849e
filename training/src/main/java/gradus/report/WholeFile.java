package gradus.report;

import gradus.GradusException;
import gradus.files.AtomicFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** Writes the files of a run, each whole or not at all. */
final class WholeFile {
  private WholeFile() {}

  /**
   * Creates or replaces {@code file}, in UTF-8.
   *
   * @throws GradusException if it cannot be written
   */
  static void write(Path file, String text) {
    try {
      AtomicFile.write(file, text.getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new GradusException(
          "Cannot write " + file + " (" + e + "). Is there room, and may you write there?", e);
    }
  }
}
