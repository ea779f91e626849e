package gradus.report;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import gradus.GradusException;
import gradus.metric.ClassificationReport;
import gradus.metric.ClassificationReport.ClassReport;
import gradus.metric.ReliabilityBin;
import java.nio.file.Path;
import java.util.List;

/**
 * How a model does on a data set, as one JSON file. A number the data does not define is null.
 *
 * @param data the name of the data set
 * @param classes the names of the classes, by label
 * @param testTimeAugmentation what views were taken, or "none"
 * @param views how many of each image
 * @param report the numbers
 */
public record EvaluationRecord(
    String data,
    List<String> classes,
    String testTimeAugmentation,
    int views,
    ClassificationReport report) {
  private static final ObjectMapper JSON = new ObjectMapper();

  /**
   * Writes the record; the file appears whole or not at all.
   *
   * @throws GradusException if it cannot be written
   */
  public void write(Path file) {
    WholeFile.write(file, json().toPrettyString());
  }

  private ObjectNode json() {
    ObjectNode root = JSON.createObjectNode();
    root.put("data", data);
    root.put("examples", report.confusion().examples());
    root.put("test_time_augmentation", testTimeAugmentation);
    root.put("views", views);
    ObjectNode summary = root.putObject("summary");
    report.summary().forEach((name, value) -> JsonNumber.put(summary, name, value));
    ObjectNode perClass = root.putObject("classes");
    ArrayNode confusion = root.putArray("confusion_matrix");
    for (int c = 0; c < classes.size(); c++) {
      ClassReport of = report.classes().get(c);
      ObjectNode node = perClass.putObject(classes.get(c));
      JsonNumber.put(node, "precision", of.scores().precision());
      JsonNumber.put(node, "recall", of.scores().recall());
      JsonNumber.put(node, "f1", of.scores().f1());
      JsonNumber.put(node, "roc_auc", of.rocAuc());
      JsonNumber.put(node, "average_precision", of.averagePrecision());
      node.put("support", of.scores().support());
      ArrayNode row = confusion.addArray();
      for (int predicted = 0; predicted < classes.size(); predicted++) {
        row.add(report.confusion().count(c, predicted));
      }
    }
    ArrayNode bins = root.putArray("reliability");
    for (ReliabilityBin bin : report.calibration().bins()) {
      ObjectNode node = bins.addObject();
      node.put("above", bin.above());
      node.put("up_to", bin.upTo());
      node.put("examples", bin.examples());
      JsonNumber.put(node, "confidence", bin.confidence());
      JsonNumber.put(node, "accuracy", bin.accuracy());
    }
    return root;
  }
}
