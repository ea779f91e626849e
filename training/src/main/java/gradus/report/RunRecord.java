package gradus.report;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import gradus.GradusException;
import gradus.data.DataSplits;
import gradus.data.Dataset;
import gradus.layer.LayerSummary;
import gradus.layer.Summary;
import gradus.train.EpochReport;
import gradus.train.Evaluation;
import gradus.train.StopReason;
import gradus.train.TrainingReport;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Map;

/**
 * All that is needed to understand a run later, and to repeat it, as one JSON file.
 *
 * @param configuration the settings; values are texts, numbers and truth values
 * @param seed of weights, order and splits
 * @param backend its own description
 * @param model the layers of the network
 * @param versions of everything the result may depend on
 * @param data what was trained and judged on; its hashes are computed when the record is written,
 *     except after a stop on request, because that may mean reading every file
 * @param training what came of it
 * @param test how the trained model does on the test part, or {@link Evaluation#NONE}
 * @param started when the run began
 * @param wallSeconds from then until the end of everything
 */
public record RunRecord(
    Map<String, ?> configuration,
    long seed,
    String backend,
    Summary model,
    Map<String, String> versions,
    DataSplits data,
    TrainingReport training,
    Evaluation test,
    Instant started,
    double wallSeconds) {
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
    root.put("started", started.toString());
    root.set("configuration", JSON.valueToTree(configuration));
    root.put("seed", seed);
    root.put("backend", backend);
    describe(root.putObject("model"), model);
    root.set("versions", JSON.valueToTree(versions));
    boolean hashed = training.reason() != StopReason.REQUESTED;
    ObjectNode sets = root.putObject("data");
    describe(sets.putObject("train"), data.train(), hashed);
    describe(sets.putObject("validation"), data.validation(), hashed);
    describe(sets.putObject("test"), data.test(), hashed);
    ArrayNode classes = sets.putArray("classes");
    data.train().classNames().forEach(classes::add);
    ArrayNode epochs = root.putArray("epochs");
    training.epochs().forEach(epoch -> describe(epochs.addObject(), epoch));
    root.put("steps", training.steps());
    root.put("stop_reason", training.reason().sentence());
    number(root, "test_loss", test.loss());
    number(root, "test_accuracy", test.accuracy());
    number(root, "train_images_per_second", training.imagesPerSecond());
    number(root, "train_seconds", training.seconds());
    number(root, "wall_seconds", wallSeconds);
    return root;
  }

  private static void describe(ObjectNode node, Summary model) {
    node.set("input", JSON.valueToTree(model.input().toArray()));
    node.put("parameters", model.parameters());
    node.put("multiply_adds", model.multiplyAdds());
    ArrayNode layers = node.putArray("layers");
    for (LayerSummary layer : model.layers()) {
      ObjectNode row = layers.addObject();
      row.put("name", layer.path());
      row.put("kind", layer.kind());
      row.set("output", JSON.valueToTree(layer.output().toArray()));
      row.put("parameters", layer.parameters());
      row.put("multiply_adds", layer.multiplyAdds());
    }
  }

  private static void describe(ObjectNode node, Dataset set, boolean hashed) {
    node.put("name", set.name());
    node.put("images", set.size());
    node.put("split", set.origin());
    ObjectNode counts = node.putObject("class_counts");
    int[] ofClass = set.classCounts();
    for (int c = 0; c < ofClass.length; c++) {
      counts.put(set.classNames().get(c), ofClass[c]);
    }
    node.put("sha256", hashed ? set.contentHash() : null);
  }

  private static void describe(ObjectNode node, EpochReport epoch) {
    node.put("epoch", epoch.epoch());
    number(node, "train_loss", epoch.trainLoss());
    number(node, "train_accuracy", epoch.trainAccuracy());
    number(node, "validation_loss", epoch.validationLoss());
    number(node, "validation_accuracy", epoch.validationAccuracy());
    number(node, "learning_rate", epoch.learningRate());
    number(node, "seconds", epoch.seconds());
    number(node, "images_per_second", epoch.imagesPerSecond());
  }

  /** JSON knows no NaN. */
  private static void number(ObjectNode node, String name, double value) {
    if (Double.isFinite(value)) {
      node.put(name, value);
    } else {
      node.putNull(name);
    }
  }
}
