package gradus.examples.command;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import gradus.report.JsonNumber;
import gradus.report.RecordedRun;
import gradus.train.EpochReport;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** A comparison of runs as a page that opens offline, with the curves of all. */
final class ComparisonPage {
  private static final ObjectMapper JSON = new ObjectMapper();

  private ComparisonPage() {}

  /** Writes or replaces {@code file}. */
  static void write(RunComparison comparison, Path file) {
    HtmlOption.write(file, "compare", json(comparison));
  }

  private static ObjectNode json(RunComparison comparison) {
    ObjectNode root = JSON.createObjectNode();
    ArrayNode runs = root.putArray("runs");
    for (int i = 0; i < comparison.runs().size(); i++) {
      RecordedRun run = comparison.runs().get(i);
      ObjectNode node = runs.addObject();
      node.put("name", comparison.names().get(i));
      ArrayNode epochs = node.putArray("epochs");
      run.epochs().forEach(epoch -> add(epochs.addObject(), epoch));
    }
    ArrayNode sections = root.putArray("sections");
    section(sections, "Settings that differ", comparison.chosen());
    section(sections, "Defaults that follow from them", comparison.following());
    section(sections, "Data, program and machine that differ", comparison.surroundings());
    section(sections, "What came of it", comparison.outcomes());
    return root;
  }

  private static void add(ObjectNode node, EpochReport epoch) {
    node.put("epoch", epoch.epoch());
    JsonNumber.put(node, "train_loss", epoch.trainLoss());
    JsonNumber.put(node, "train_accuracy", epoch.trainAccuracy());
    JsonNumber.put(node, "validation_loss", epoch.validationLoss());
    JsonNumber.put(node, "validation_accuracy", epoch.validationAccuracy());
    JsonNumber.put(node, "learning_rate", epoch.learningRate());
  }

  /**
   * Writes or replaces {@code file}: a story, and then two runs side by side.
   *
   * @param story headings and what stands below them, the first line of each in words
   */
  static void write(
      Path file,
      String title,
      List<Passage> story,
      Map<String, List<EpochReport>> runs,
      List<RunComparison.Row> rows) {
    ObjectNode root = JSON.createObjectNode();
    root.put("title", title);
    root.set("story", JSON.valueToTree(story));
    ArrayNode nodes = root.putArray("runs");
    runs.forEach(
        (name, epochs) -> {
          ObjectNode node = nodes.addObject();
          node.put("name", name);
          ArrayNode reports = node.putArray("epochs");
          epochs.forEach(epoch -> add(reports.addObject(), epoch));
        });
    section(root.putArray("sections"), "What came of it", rows);
    HtmlOption.write(file, "compare", root);
  }

  /**
   * A part of a story.
   *
   * @param text a paragraph
   * @param code a line to type, or null
   */
  record Passage(String heading, String text, String code) {}

  private static void section(ArrayNode sections, String title, List<RunComparison.Row> rows) {
    if (!rows.isEmpty()) {
      ObjectNode section = sections.addObject();
      section.put("title", title);
      section.set("rows", JSON.valueToTree(rows));
    }
  }
}
