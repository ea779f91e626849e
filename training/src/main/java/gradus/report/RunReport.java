package gradus.report;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import gradus.GradusException;
import gradus.doctor.Finding;
import gradus.metric.Monitor;
import gradus.train.EpochReport;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A run as one page that opens anywhere: what the training doctor found, curves, what the layers
 * did, confusion matrix, scores per class, reliability, the most confident mistakes as pictures,
 * training pictures before and after augmentation, network, configuration, environment and data. It
 * holds everything it shows, and loads nothing.
 *
 * <p>The page is made from the files of the run alone. What is missing, because the run was stopped
 * or is still going on, is left out.
 *
 * @param title what to call the run
 * @param record what {@link RunRecord} wrote; {@link VitalsSeries} is looked for beside it
 * @param metrics what {@link MetricsJsonl} wrote
 * @param test what {@link TestRecord} wrote
 * @param pictures what {@link PictureRecord} wrote
 */
public record RunReport(String title, Path record, Path metrics, Path test, Path pictures) {
  private static final ObjectMapper JSON = new ObjectMapper();

  /**
   * Writes the page; the file appears whole or not at all.
   *
   * @throws GradusException if there is neither a record nor metrics, if one of the files is
   *     damaged, or if the page cannot be written
   */
  public void write(Path html) {
    WholeFile.write(html, Page.fillWith(RunReport.class, "report", "diagnosis", data()));
  }

  /**
   * The page of a run that is still going on, for a server that also answers {@code /events}, from
   * which it learns when to ask again.
   *
   * @throws GradusException as {@link #write}
   */
  public String live() {
    return Page.fillLive(RunReport.class, "report", "diagnosis", data(), "live");
  }

  /** What the page shows. */
  ObjectNode data() {
    if (!Files.exists(record) && !Files.exists(metrics)) {
      throw new GradusException(
          "There is neither "
              + record
              + " nor "
              + metrics
              + ", so there is nothing to report. Name the folder of a run that has finished an"
              + " epoch.");
    }
    ObjectNode root = JSON.createObjectNode();
    root.put("title", title);
    JsonNode run = readObject(record);
    ArrayNode epochs = JSON.createArrayNode();
    List<Finding> found = new ArrayList<>();
    for (JsonNode line : Files.exists(metrics) ? MetricsJsonl.read(metrics) : List.<JsonNode>of()) {
      if (line.has(MetricsJsonl.FINDING)) {
        found.add(FindingJson.read(line.get(MetricsJsonl.FINDING)));
      } else {
        epochs.add(line);
      }
    }
    RunFindings findings = RunFindings.of(run, found);
    root.set("findings", findings.watched() ? findings(run, findings.all()) : null);
    Path vitals = record.resolveSibling(VitalsSeries.FILE);
    root.set("vitals", Files.exists(vitals) ? VitalsSeries.read(vitals).json() : null);
    if (run instanceof ObjectNode object) {
      object.remove("epochs"); // metrics.jsonl has them
      object.remove("findings");
    }
    root.set("run", run);
    root.set("epochs", epochs);
    root.set("best", best(epochs, Watched.of(run.at("/configuration/monitor").asText())));
    root.set("test", readObject(test));
    root.set("pictures", readObject(pictures).get("pictures"));
    return root;
  }

  /** Findings, each with the command line that trains again with its remedy. */
  private static ArrayNode findings(JsonNode run, List<Finding> findings) {
    List<String> arguments = new ArrayList<>();
    run.path("arguments").forEach(argument -> arguments.add(argument.asText()));
    ArrayNode array = FindingJson.of(findings);
    for (JsonNode finding : array) {
      if (finding.path("remedy") instanceof ObjectNode remedy
          && remedy.path("option").isTextual()) {
        remedy.put("command", ChangedCommand.of(arguments, remedy.path("option").asText()));
      }
    }
    return array;
  }

  /** The epoch whose weights are kept as the best, and by what; null if nothing was validated. */
  private static JsonNode best(ArrayNode epochs, Watched watched) {
    Monitor by = EpochReport.decider(watched.monitor());
    return RecordedRun.epochs(epochs).stream()
        .filter(epoch -> !Double.isNaN(epoch.validation(by)))
        .max(watched.order())
        .<JsonNode>map(
            epoch ->
                JSON.createObjectNode()
                    .put("epoch", epoch.epoch())
                    .put("by", by.label())
                    .put("field", by.name()))
        .orElse(JSON.nullNode());
  }

  private static JsonNode readObject(Path file) {
    if (!Files.exists(file)) {
      return JSON.nullNode();
    }
    try {
      return MetricsJsonl.parse(Files.readString(file), file.toString());
    } catch (IOException e) {
      throw new GradusException("Cannot read " + file + ": " + e, e);
    }
  }
}
