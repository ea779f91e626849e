package gradus.examples.command;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import gradus.GradusException;
import gradus.examples.progress.TextTable;
import gradus.files.AtomicFile;
import gradus.metric.Monitor;
import gradus.report.Page;
import gradus.search.Dimension;
import gradus.search.SearchSpace;
import gradus.search.TrialResult;
import gradus.train.EpochReport;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.commons.csv.CSVFormat;

/** What the trials of a search came to, as {@code trials.csv}, as a page and as a table. */
final class SearchLedger {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Path folder;
  private final SearchSpace space;
  private final int planned;
  private final Monitor judge;
  private final Comparator<EpochReport> ranking;
  private final List<TrialResult> results = new ArrayList<>();
  private final int known;

  /**
   * A ledger without results; what an earlier search left in the folder stays until there are as
   * many.
   *
   * @param watched what the best is chosen by
   */
  SearchLedger(Path folder, SearchSpace space, int planned, Monitor watched) {
    this.folder = folder;
    this.space = space;
    this.planned = planned;
    judge = EpochReport.decider(watched);
    ranking = EpochReport.ranking(watched);
    this.known = Files.exists(csv()) ? rows(csv()) : 0;
  }

  private static int rows(Path csv) {
    try (Stream<String> lines = Files.lines(csv)) {
      return (int) lines.count() - 1;
    } catch (IOException | UncheckedIOException e) {
      throw new GradusException("Cannot read " + csv + " (" + e + "). Delete it.", e);
    }
  }

  /** Takes a result and writes both files anew, so that a search that is cut off leaves them. */
  void add(TrialResult result) {
    results.add(result);
    results.sort(Comparator.comparingInt(r -> r.trial().number()));
    if (results.size() < Math.min(known, planned)) {
      return; // so that a second cut does not leave less than the first
    }
    try {
      Files.createDirectories(folder);
      write(csv(), csvText());
      write(folder.resolve("search.html"), Page.fill(SearchLedger.class, "search", json()));
    } catch (IOException e) {
      throw new GradusException(
          "Cannot write to --out " + folder + " (" + e + "). Choose a folder you may write to.", e);
    }
  }

  private static void write(Path file, String text) throws IOException {
    AtomicFile.write(file, text.getBytes(StandardCharsets.UTF_8));
  }

  Path csv() {
    return folder.resolve("trials.csv");
  }

  private String csvText() {
    StringBuilder text = new StringBuilder();
    List<String> headings =
        new ArrayList<>(
            List.of(
                "trial",
                "status",
                "epochs",
                "best_epoch",
                "validation_accuracy",
                "validation_loss",
                "train_seconds"));
    if (judge.metric() != null) {
      headings.add(judge.name());
    }
    space.dimensions().forEach(dimension -> headings.add(dimension.name().replace('-', '_')));
    text.append(CSVFormat.RFC4180.format(headings.toArray())).append('\n');
    for (TrialResult result : results) {
      List<EpochReport> epochs = result.progress().epochs();
      List<Object> row = new ArrayList<>();
      row.add(result.trial().number());
      row.add(result.status());
      row.add(epochs.size());
      row.add(best(result).map(EpochReport::epoch).orElse(null));
      row.add(best(result).map(EpochReport::validationAccuracy).orElse(null));
      row.add(best(result).map(EpochReport::validationLoss).orElse(null));
      double seconds = epochs.stream().mapToDouble(EpochReport::seconds).sum();
      row.add(String.format(Locale.ROOT, "%.2f", seconds));
      if (judge.metric() != null) {
        row.add(best(result).map(epoch -> epoch.validation(judge)).orElse(null));
      }
      row.addAll(result.trial().settings().values());
      text.append(CSVFormat.RFC4180.format(row.toArray())).append('\n');
    }
    return text.toString();
  }

  private ObjectNode json() {
    ObjectNode root = JSON.createObjectNode();
    root.put("planned", planned);
    root.put("judge", judge.label());
    ArrayNode dimensions = root.putArray("dimensions");
    for (Dimension dimension : space.dimensions()) {
      dimensions.addObject().put("name", dimension.name()).put("range", dimension.isRange());
    }
    ArrayNode trials = root.putArray("trials");
    for (TrialResult result : results) {
      ObjectNode trial = trials.addObject();
      trial.put("trial", result.trial().number());
      trial.put("status", result.status().toString());
      trial.put("epochs", result.progress().epochs().size());
      trial.put("score", finite(result, epoch -> epoch.validation(judge)));
      trial.put("accuracy", finite(result, EpochReport::validationAccuracy));
      trial.put("loss", finite(result, EpochReport::validationLoss));
      trial.set("settings", JSON.valueToTree(result.trial().settings()));
    }
    return root;
  }

  private Optional<EpochReport> best(TrialResult result) {
    return result.progress().best(ranking);
  }

  /** JSON knows no NaN. */
  private Double finite(TrialResult result, Function<EpochReport, Double> number) {
    return best(result).map(number).filter(Double::isFinite).orElse(null);
  }

  /** One result as a line. */
  String line(TrialResult result) {
    return String.format(
        Locale.ROOT,
        "[%d/%d] trial %d %s after %d epochs, %s %s: %s",
        results.size(),
        planned,
        result.trial().number(),
        result.status(),
        result.progress().epochs().size(),
        judge.label(),
        score(result),
        result.trial().settings().entrySet().stream()
            .map(setting -> setting.getKey() + " " + setting.getValue())
            .collect(Collectors.joining(", ")));
  }

  /** All results, the best first. */
  TextTable table() {
    List<String> headings = new ArrayList<>(List.of("trial", "status", "epochs", heading()));
    space.dimensions().forEach(dimension -> headings.add(dimension.name()));
    TextTable table = new TextTable(headings);
    results.stream()
        .sorted(TrialResult.by(ranking).reversed())
        .forEach(
            result -> {
              List<String> row = new ArrayList<>();
              row.add(Integer.toString(result.trial().number()));
              row.add(result.status().toString());
              row.add(Integer.toString(result.progress().epochs().size()));
              row.add(score(result));
              row.addAll(result.trial().settings().values());
              table.row(row);
            });
    return table;
  }

  private String heading() {
    return judge.metric() == null ? "best val." : judge.metric().name().replace('_', ' ');
  }

  private String score(TrialResult result) {
    return RunNumbers.percent(
        best(result).map(epoch -> epoch.validation(judge)).orElse(Double.NaN));
  }
}
