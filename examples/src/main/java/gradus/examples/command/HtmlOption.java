package gradus.examples.command;

import com.fasterxml.jackson.databind.JsonNode;
import gradus.GradusException;
import gradus.report.Page;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** What the options named {@code --html} do. */
final class HtmlOption {
  private HtmlOption() {}

  /** Writes or replaces {@code file} by the page {@code name} that shows {@code data}. */
  static void write(Path file, String name, JsonNode data) {
    try {
      Files.writeString(file, Page.fill(HtmlOption.class, name, data));
    } catch (IOException e) {
      throw new GradusException(
          "Cannot write --html " + file + " (" + e + "). Choose a folder you may write to.", e);
    }
  }
}
