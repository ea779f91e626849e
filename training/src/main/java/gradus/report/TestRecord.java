package gradus.report;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import gradus.GradusException;
import gradus.data.Dataset;
import gradus.metric.Calibration;
import gradus.metric.ClassScores;
import gradus.metric.ConfusionMatrix;
import gradus.metric.Mistake;
import gradus.metric.ReliabilityBin;
import gradus.train.Evaluation;
import java.nio.file.Path;

/**
 * How the trained model of a run does on the test part, as one JSON file that holds all a report
 * shows of it, the pictures of the worst mistakes included. docs/run-files.md has its schema.
 *
 * @param data what it was judged on, in the order it was judged
 * @param result loss and accuracy
 * @param metrics what was counted; must be complete
 */
public record TestRecord(Dataset data, Evaluation result, TestMetrics metrics) {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** Refuses what was counted on another data set, or is incomplete. */
  public TestRecord {
    if (!metrics.isComplete() || metrics.confusion().examples() != data.size()) {
      throw new GradusException(
          "Numbers of "
              + metrics.confusion().examples()
              + " examples are no record of "
              + data.name()
              + ", which has "
              + data.size()
              + ". Evaluate it once, as a whole, with logits that are finite.");
    }
  }

  /**
   * Writes the record; the file appears whole or not at all.
   *
   * @throws GradusException if it cannot be written, or a picture cannot be read
   */
  public void write(Path file) {
    WholeFile.write(file, json().toPrettyString());
  }

  private ObjectNode json() {
    ConfusionMatrix matrix = metrics.confusion();
    ObjectNode root = JSON.createObjectNode();
    root.put("data", data.name());
    root.put("images", data.size());
    JsonNumber.put(root, "loss", result.loss());
    JsonNumber.put(root, "accuracy", result.accuracy());
    ArrayNode classes = root.putArray("classes");
    ArrayNode confusion = root.putArray("confusion");
    for (int c = 0; c < data.classNames().size(); c++) {
      ClassScores scores = matrix.scores(c);
      ObjectNode node = classes.addObject();
      node.put("name", data.classNames().get(c));
      node.put("precision", scores.precision());
      node.put("recall", scores.recall());
      node.put("f1", scores.f1());
      node.put("support", scores.support());
      for (int predicted = 0; predicted < data.classNames().size(); predicted++) {
        if (matrix.count(c, predicted) > 0) {
          confusion.addArray().add(c).add(predicted).add(matrix.count(c, predicted));
        }
      }
    }
    Calibration calibration = metrics.calibration();
    JsonNumber.put(root, "expected_calibration_error", calibration.expectedError());
    JsonNumber.put(root, "maximum_calibration_error", calibration.maximumError());
    ArrayNode bins = root.putArray("reliability");
    for (ReliabilityBin bin : calibration.bins()) {
      ObjectNode node = bins.addObject();
      node.put("above", bin.above());
      node.put("up_to", bin.upTo());
      node.put("examples", bin.examples());
      JsonNumber.put(node, "confidence", bin.confidence());
      JsonNumber.put(node, "accuracy", bin.accuracy());
    }
    ArrayNode mistakes = root.putArray("mistakes");
    metrics.mistakes().forEach(mistake -> describe(mistakes.addObject(), mistake));
    return root;
  }

  private void describe(ObjectNode node, Mistake mistake) {
    if (data.label(mistake.index()) != mistake.label()) {
      throw new GradusException(
          data.describe(mistake.index())
              + " has the label "
              + data.label(mistake.index())
              + ", but was judged with "
              + mistake.label()
              + ": the loader must keep the order of the data set.");
    }
    node.put("name", data.describe(mistake.index()));
    node.put("label", mistake.label());
    node.put("predicted", mistake.predicted());
    node.put("confidence", mistake.confidence());
    node.put("image", Thumbnail.dataUri(data.get(mistake.index()).image()));
  }
}
