package gradus.report;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import gradus.GradusException;
import gradus.data.DataSplits;
import gradus.data.Dataset;
import gradus.layer.LayerSummary;
import gradus.layer.Summary;
import gradus.metric.Monitor;
import gradus.train.EpochReport;
import gradus.train.StopReason;
import gradus.train.TrainingReport;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/**
 * All that is needed to understand a run later, and to repeat it, as one JSON file. It is written
 * when the run begins, and again when it has ended; {@link RecordedRun} reads it.
 *
 * @param arguments the whole command line that started it, or went on with it last; empty if there
 *     was none
 * @param resumptions where it was gone on with, oldest first
 * @param configuration the settings; values are texts, numbers and truth values
 * @param seed of weights, order and splits
 * @param backend its own description
 * @param model the layers of the network
 * @param versions of everything the result may depend on
 * @param data what was trained and judged on; its hashes are computed when the record of a run that
 *     has ended is written, except after a stop on request, because that may mean reading every
 *     file
 * @param outcome what came of it
 * @param started when the run began
 * @param wallSeconds from then until now, or the end of everything
 */
public record RunRecord(
    List<String> arguments,
    List<Resumption> resumptions,
    Map<String, ?> configuration,
    long seed,
    String backend,
    Summary model,
    Map<String, String> versions,
    DataSplits data,
    RunOutcome outcome,
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

  /** The same as one reads it that lies in this folder. */
  public RecordedRun recordedIn(Path folder) {
    return new RecordedRun(folder, json(), started, List.of());
  }

  private ObjectNode json() {
    ObjectNode root = JSON.createObjectNode();
    root.put("started", started.toString());
    root.put("status", outcome.status().toString());
    if (outcome.status() == RunStatus.RUNNING) {
      describe(root.putObject("process"), ProcessHandle.current());
    }
    root.set("arguments", JSON.valueToTree(arguments));
    ArrayNode goneOn = root.putArray("resumptions");
    resumptions.forEach(resumption -> resumption.write(goneOn.addObject()));
    root.put("directory", Path.of("").toAbsolutePath().toString());
    root.set("configuration", JSON.valueToTree(configuration));
    root.put("seed", seed);
    root.put("backend", backend);
    describe(root.putObject("model"), model);
    root.set("versions", JSON.valueToTree(versions));
    TrainingReport training = outcome.training();
    boolean hashed = training != null && training.reason() != StopReason.REQUESTED;
    ObjectNode sets = root.putObject("data");
    describe(sets.putObject("train"), data.train(), hashed);
    describe(sets.putObject("validation"), data.validation(), hashed);
    describe(sets.putObject("test"), data.test(), hashed);
    ArrayNode classes = sets.putArray("classes");
    data.train().classNames().forEach(classes::add);
    ArrayNode epochs = root.putArray("epochs");
    if (training != null) {
      describe(root, epochs, training);
    }
    root.put("stop_reason", outcome.reason());
    root.set("findings", outcome.findings() == null ? null : FindingJson.of(outcome.findings()));
    JsonNumber.put(root, "test_loss", outcome.test().loss());
    JsonNumber.put(root, "test_accuracy", outcome.test().accuracy());
    root.put("weights_sha256", outcome.weights());
    if (outcome.best() != null) {
      ObjectNode best = root.putObject("best_weights");
      best.put("file", outcome.best().file().getFileName().toString());
      best.put("epoch", outcome.best().epoch());
    }
    JsonNumber.put(root, "wall_seconds", wallSeconds);
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

  private void describe(ObjectNode root, ArrayNode epochs, TrainingReport training) {
    training.epochs().forEach(epoch -> describe(epochs.addObject(), epoch));
    training.epochs().stream()
        .max(Watched.of(String.valueOf(configuration.get("monitor"))).order())
        .ifPresent(best -> describe(root.putObject("best_epoch"), best));
    root.put("weights_of_epoch", training.bestEpoch() > 0 ? training.bestEpoch() : epochs.size());
    root.put("steps", training.steps());
    JsonNumber.put(root, "train_images_per_second", training.imagesPerSecond());
    JsonNumber.put(root, "train_seconds", training.seconds());
  }

  /** What tells later whether it still runs: a number alone may be given to another process. */
  private static void describe(ObjectNode node, ProcessHandle process) {
    node.put("pid", process.pid());
    node.put("started", process.info().startInstant().map(Instant::toString).orElse(null));
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
    JsonNumber.put(node, "train_loss", epoch.trainLoss());
    JsonNumber.put(node, "train_accuracy", epoch.trainAccuracy());
    JsonNumber.put(node, "validation_loss", epoch.validationLoss());
    JsonNumber.put(node, "validation_accuracy", epoch.validationAccuracy());
    JsonNumber.put(node, "learning_rate", epoch.learningRate());
    JsonNumber.put(node, "seconds", epoch.seconds());
    JsonNumber.put(node, "images_per_second", epoch.imagesPerSecond());
    epoch.metrics().forEach((name, value) -> JsonNumber.put(node, Monitor.nameOf(name), value));
  }
}
