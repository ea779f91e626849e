package gradus.report;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import gradus.GradusException;
import gradus.doctor.Finding;
import gradus.doctor.curves.Curves;
import gradus.train.EpochReport;
import gradus.train.StopReason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A run as its folder tells of it: what {@link RunRecord} wrote, and for a run that has not ended
 * the epochs of its {@link MetricsCsv}. Files of older versions lack some of it.
 */
public final class RecordedRun {
  /** The name of the record in the folder of a run. */
  public static final String RECORD = "run.json";

  /** The name of the table of epochs there. */
  public static final String METRICS = "metrics.csv";

  /** The name of the same as JSON lines, with the findings. */
  public static final String METRIC_LINES = "metrics.jsonl";

  private static final String ONLY_WATCHES = "watch"; // a doctor that tries nothing
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Path folder;
  private final JsonNode json;
  private final Instant started;
  private final List<EpochReport> epochs;

  RecordedRun(Path folder, JsonNode json, Instant started, List<EpochReport> epochs) {
    this.folder = folder;
    this.json = json;
    this.started = started;
    this.epochs = List.copyOf(epochs);
  }

  /**
   * Reads the folder of a run.
   *
   * @throws GradusException saying what is wrong with it
   */
  public static RecordedRun read(Path folder) {
    Path file = folder.resolve(RECORD);
    if (!Files.isDirectory(folder)) {
      throw new GradusException(folder + " is no folder: name the folder of a run.");
    }
    if (!Files.exists(file)) {
      throw new GradusException(folder + " has no " + RECORD + ": it is not the folder of a run.");
    }
    JsonNode json = parse(file);
    if (!json.path("configuration").isObject() || !json.path("epochs").isArray()) {
      throw new GradusException(
          file + " has no configuration or no epochs: it is not the record of a run.");
    }
    try {
      Instant started = Instant.parse(json.path("started").asText());
      return new RecordedRun(folder, json, started, epochs(folder, json.get("epochs")));
    } catch (DateTimeParseException e) {
      throw new GradusException(
          file + ": \"started\" is no time: " + json.path("started") + ".", e);
    }
  }

  private static JsonNode parse(Path file) {
    try {
      return JSON.readTree(Files.readAllBytes(file));
    } catch (JsonProcessingException e) {
      throw new GradusException(file + " is damaged: " + e.getOriginalMessage(), e);
    } catch (IOException e) {
      throw new GradusException("Cannot read " + file + " (" + e + ").", e);
    }
  }

  private static List<EpochReport> epochs(Path folder, JsonNode list) {
    Path metrics = folder.resolve(METRICS);
    if (list.isEmpty() && Files.exists(metrics)) {
      return MetricsCsv.read(metrics);
    }
    return epochs(list);
  }

  /** The epochs of a record, or of metrics.jsonl. */
  static List<EpochReport> epochs(JsonNode list) {
    List<EpochReport> epochs = new ArrayList<>();
    for (JsonNode epoch : list) {
      epochs.add(
          new EpochReport(
              epoch.path("epoch").asInt(),
              number(epoch, "train_loss"),
              number(epoch, "train_accuracy"),
              number(epoch, "validation_loss"),
              number(epoch, "validation_accuracy"),
              number(epoch, "learning_rate"),
              number(epoch, "seconds"),
              number(epoch, "images_per_second"),
              EpochField.metrics(epoch::fieldNames, name -> number(epoch, name))));
    }
    return epochs;
  }

  /** Where it lies. */
  public Path folder() {
    return folder;
  }

  /** The name of its folder. */
  public String name() {
    return folder.toAbsolutePath().normalize().getFileName().toString();
  }

  /** How far it has come; one whose process is gone without a word counts as interrupted. */
  public RunStatus status() {
    String text = text("status");
    if (text == null) { // older versions wrote a record at the end only
      return number(json, "test_accuracy") >= 0 ? RunStatus.FINISHED : RunStatus.INTERRUPTED;
    }
    for (RunStatus status : RunStatus.values()) {
      if (status.toString().equals(text)) {
        return status == RunStatus.RUNNING && !isAlive() ? RunStatus.INTERRUPTED : status;
      }
    }
    throw new GradusException(
        folder.resolve(RECORD)
            + ": there is no status \""
            + text
            + "\"; a newer version wrote it.");
  }

  /** Whether it ended because its loss or its gradient was no number any more. */
  public boolean isDiverged() {
    String reason = reason();
    return StopReason.NON_FINITE_LOSS.sentence().equals(reason)
        || StopReason.NON_FINITE_GRADIENT.sentence().equals(reason);
  }

  private boolean isAlive() {
    Optional<ProcessHandle> process = ProcessHandle.of(json.at("/process/pid").asLong());
    String begun = json.at("/process/started").asText();
    return process
        .flatMap(p -> p.info().startInstant())
        .map(Instant::toString)
        .filter(begun::equals)
        .isPresent();
  }

  /** When it began. */
  public Instant started() {
    return started;
  }

  /** Where it was gone on with, oldest first. */
  public List<Resumption> resumptions() {
    List<Resumption> resumptions = new ArrayList<>();
    json.path("resumptions").forEach(each -> resumptions.add(Resumption.read(each)));
    return resumptions;
  }

  /** The command line that started it, or went on with it last; empty if none is recorded. */
  public List<String> arguments() {
    List<String> arguments = new ArrayList<>();
    json.path("arguments").forEach(argument -> arguments.add(argument.asText()));
    return arguments;
  }

  /** Where it was started, which relative paths of its command line start from, or null. */
  public Path directory() {
    String text = text("directory");
    return text == null ? null : Path.of(text);
  }

  /** What can be set, and the seed, as texts; what is not set is missing. */
  public Map<String, String> settings() {
    Map<String, String> settings = texts(json.get("configuration"));
    settings.put("seed", json.path("seed").asText());
    return settings;
  }

  /** A setting, or an empty text. */
  public String setting(String name) {
    return settings().getOrDefault(name, "");
  }

  /** The versions and the machine it ran with. */
  public Map<String, String> versions() {
    return texts(json.path("versions"));
  }

  /** What computed it. */
  public String backend() {
    return json.path("backend").asText();
  }

  /** The SHA-256 of each part of its data; a part that was not hashed is missing. */
  public Map<String, String> data() {
    Map<String, String> hashes = new LinkedHashMap<>();
    for (String part : List.of("train", "validation", "test")) {
      String hash = json.at("/data/" + part + "/sha256").asText(null);
      if (hash != null) {
        hashes.put(part, hash);
      }
    }
    return hashes;
  }

  /** The finished epochs. */
  public List<EpochReport> epochs() {
    return epochs;
  }

  /** The epoch that did best on the validation part, by what it watched, if one is finished. */
  public Optional<EpochReport> best() {
    return epochs.stream().max(Watched.of(setting("monitor")).order());
  }

  /**
   * What the training doctor found: the cause first, then mechanisms, then notes. Empty if no
   * doctor watched the run, which {@link #isWatched} tells.
   */
  public List<Finding> findings() {
    return found().all();
  }

  /** Whether a training doctor watched it. */
  public boolean isWatched() {
    return found().watched();
  }

  private RunFindings found() {
    Path lines = folder.resolve(METRIC_LINES);
    return RunFindings.of(json, Files.exists(lines) ? MetricsJsonl.findings(lines) : List.of());
  }

  /** Its learning curves. */
  public Curves curves() {
    String planned = setting("epochs");
    Curves curves =
        new Curves(
            epochs,
            classes().size(),
            planned.matches("\\d{1,9}") ? Integer.parseInt(planned) : 0,
            isDiverged() ? epochs.size() + 1 : 0);
    return isWatched() && !setting("doctor").equals(ONLY_WATCHES) ? curves.ofTriedRun() : curves;
  }

  /** The names of the classes, by label. */
  public List<String> classes() {
    List<String> names = new ArrayList<>();
    json.at("/data/classes").forEach(name -> names.add(name.asText()));
    return names;
  }

  /** The loss of the final weights on the test part, or NaN. */
  public double testLoss() {
    return number(json, "test_loss");
  }

  /** The share of the test part that the final weights had right, or NaN. */
  public double testAccuracy() {
    return number(json, "test_accuracy");
  }

  /** The SHA-256 of its final weights, or null if none is recorded. */
  public String weights() {
    return text("weights_sha256");
  }

  /** Why it ended, in words, or null. */
  public String reason() {
    return text("stop_reason");
  }

  /** From its start to its end; while it runs, and if it was cut off, of the finished epochs. */
  public double seconds() {
    double training = epochs.stream().mapToDouble(EpochReport::seconds).sum();
    double wall = number(json, "wall_seconds"); // of a resumed run, since it was resumed
    return wall > training ? wall : training;
  }

  /** Over the whole run; while it runs, and if it was cut off, in its last epoch; or NaN. */
  public double imagesPerSecond() {
    double whole = number(json, "train_images_per_second");
    return whole > 0 || epochs.isEmpty() ? whole : epochs.get(epochs.size() - 1).imagesPerSecond();
  }

  private String text(String name) {
    JsonNode value = json.path(name);
    return value.isTextual() ? value.asText() : null;
  }

  private static double number(JsonNode node, String name) {
    JsonNode value = node.path(name);
    return value.isNumber() ? value.asDouble() : Double.NaN;
  }

  private static Map<String, String> texts(JsonNode object) {
    Map<String, String> texts = new LinkedHashMap<>();
    for (Map.Entry<String, JsonNode> property : object.properties()) {
      if (!property.getValue().isNull()) {
        texts.put(property.getKey(), text(property.getValue()));
      }
    }
    return texts;
  }

  private static String text(JsonNode value) {
    if (!value.isArray()) {
      return value.asText();
    }
    List<String> items = new ArrayList<>();
    value.forEach(item -> items.add(item.asText()));
    return items.isEmpty() ? "none" : String.join(",", items);
  }
}
