package gradus.examples.doctor;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import gradus.doctor.Diagnosis;
import gradus.doctor.Finding;
import gradus.examples.progress.TextTable;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** What an evaluation of the doctor came to, for the terminal, for the docs and for programs. */
public final class EvaluationPage {
  private final List<Outcome> outcomes;
  private final List<Outcome> controls;
  private final Score score;

  /**
   * Of runs with the doctor.
   *
   * @param controls the same runs without it, in the same order, or none
   */
  public EvaluationPage(List<Outcome> outcomes, List<Outcome> controls) {
    this.outcomes = List.copyOf(outcomes);
    this.controls = List.copyOf(controls);
    this.score = new Score(outcomes);
  }

  /** Confusion and scores as text. */
  public String summary() {
    StringBuilder text = new StringBuilder();
    for (long seed : score.seeds()) {
      Score one = score.ofSeed(seed);
      text.append("seed ").append(seed).append(": ").append(scores(one)).append('\n');
      text.append(confusion(one)).append('\n');
    }
    TextTable rows = new TextTable(List.of("run", "expected", "right", "accepted", "told"));
    score
        .byScenario()
        .forEach(
            (scenario, runs) ->
                rows.row(
                    List.of(
                        scenario.id(),
                        name(scenario.expected()),
                        count(runs.stream().filter(Outcome::isStrict).count(), runs),
                        count(runs.stream().filter(Outcome::isLenient).count(), runs),
                        told(runs))));
    text.append(rows).append('\n');
    facts().forEach(fact -> text.append(fact).append('\n'));
    return text.toString();
  }

  /** A page of the docs. */
  public String markdown() {
    StringBuilder text = new StringBuilder();
    text.append("# How well the training doctor does\n\n")
        .append("Written by `doctor-eval` with `--page`. Every run has one known fault, or none;")
        .append(" a scenario counts by most of its seeds.\n\n");
    facts().forEach(fact -> text.append("- ").append(fact).append('\n'));
    text.append("\n## By scenario\n\n");
    tableHead(
        text,
        List.of("run", "change", "expected", "right", "accepted", "told", "accuracy", "step"));
    score
        .byScenario()
        .forEach(
            (scenario, runs) ->
                tableRow(
                    text,
                    List.of(
                        scenario.id(),
                        scenario.change(),
                        name(scenario.expected()),
                        count(runs.stream().filter(Outcome::isStrict).count(), runs),
                        count(runs.stream().filter(Outcome::isLenient).count(), runs),
                        told(runs),
                        accuracies(runs),
                        runs.stream()
                            .map(run -> run.diagnosedAt() < 0 ? "-" : "" + run.diagnosedAt())
                            .collect(Collectors.joining(" ")))));
    for (long seed : score.seeds()) {
      Score one = score.ofSeed(seed);
      text.append("\n## Seed ").append(seed).append("\n\n").append(scores(one)).append(".\n\n");
      confusionTable(text, one);
    }
    return text.toString();
  }

  /** Every run, as JSON. */
  public String json() {
    ObjectNode root = new ObjectMapper().createObjectNode();
    facts().forEach(root.putArray("facts")::add);
    ArrayNode runs = root.putArray("runs");
    for (int i = 0; i < outcomes.size(); i++) {
      Outcome outcome = outcomes.get(i);
      ObjectNode run = runs.addObject();
      run.put("scenario", outcome.scenario().id());
      run.put("seed", outcome.seed());
      run.put("expected", name(outcome.scenario().expected()));
      run.put("strict", outcome.isStrict());
      run.put("lenient", outcome.isLenient());
      run.put("accuracy", outcome.accuracy());
      outcome.accuracies().forEach(run.putArray("accuracies")::add);
      run.put("non_finite", outcome.nonFinite());
      run.put("planned_steps", outcome.plannedSteps());
      run.put("steps", outcome.steps());
      run.put("seconds", outcome.seconds());
      if (!controls.isEmpty()) {
        run.put("seconds_without", controls.get(i).seconds());
        run.put("same_weights", controls.get(i).weights() == outcome.weights());
      }
      run.put("diagnosed_at", outcome.diagnosedAt());
      run.put("trial_steps", outcome.trialSteps());
      run.put("failure", outcome.failure());
      describe(run.putArray("findings"), outcome.findings());
      describe(run.putArray("notes"), outcome.notes());
    }
    return root.toPrettyString() + "\n";
  }

  private static void describe(ArrayNode array, List<Finding> findings) {
    for (Finding finding : findings) {
      ObjectNode node = array.addObject();
      node.put("diagnosis", finding.diagnosis().name());
      node.put("role", finding.role().name());
      node.put("confidence", finding.confidence());
      node.put("symptom", finding.symptom() == null ? null : finding.symptom().name());
      node.put("cause", finding.cause());
      finding.evidence().forEach(fact -> node.withArray("evidence").add(fact.sentence()));
      node.put("epoch", finding.epoch());
      node.put("step", finding.step());
    }
  }

  private List<String> facts() {
    List<String> facts = new ArrayList<>();
    facts.add(scores(score));
    Score.Share runs = score.healthyRunsFlagged();
    facts.add("healthy runs with a diagnosis: " + runs);
    facts.add(
        "diagnoses that name an accepted cause (precision): " + score.precision().withPercent());
    double steps = score.medianStepsToDiagnosis();
    facts.add(
        "time to a right diagnosis: "
            + (Double.isNaN(steps)
                ? "there is none"
                : String.format(Locale.ROOT, "median %.0f steps", steps)));
    facts.add(
        "steps of trials, of those planned: "
            + score.trialSteps(false).withPercent()
            + " of faulty runs, "
            + score.trialSteps(true).withPercent()
            + " of healthy ones");
    if (!controls.isEmpty()) {
      facts.add(cost(true));
      facts.add(cost(false));
      long same = 0;
      for (int i = 0; i < outcomes.size(); i++) {
        same += outcomes.get(i).weights() == controls.get(i).weights() ? 1 : 0;
      }
      facts.add(
          "runs that end with the bits of the run without a doctor: "
              + same
              + "/"
              + outcomes.size());
    }
    return facts;
  }

  private String cost(boolean healthy) {
    double with = 0;
    double without = 0;
    for (int i = 0; i < outcomes.size(); i++) {
      if (outcomes.get(i).scenario().isHealthy() == healthy) {
        with += outcomes.get(i).seconds();
        without += controls.get(i).seconds();
      }
    }
    return String.format(
        Locale.ROOT,
        "%s runs: %.1f s with the doctor, %.1f s without%s",
        healthy ? "healthy" : "faulty",
        with,
        without,
        without == 0 ? "" : percent(with / without - 1));
  }

  private static String percent(double share) {
    return String.format(Locale.ROOT, " (%.1f %%)", 100 * share);
  }

  private static String scores(Score score) {
    return "strict "
        + score.strict()
        + ", lenient "
        + score.lenient()
        + ", detected "
        + score.detected()
        + ", healthy flagged "
        + score.healthyFlagged();
  }

  private static String confusion(Score score) {
    List<Diagnosis> columns = columns(score);
    List<String> heads = new ArrayList<>(List.of("expected \\ told"));
    columns.forEach(column -> heads.add(name(column)));
    TextTable table = new TextTable(heads);
    score.confusion().forEach((expected, counts) -> table.row(cells(expected, counts, columns)));
    return table.toString();
  }

  private static void confusionTable(StringBuilder text, Score score) {
    List<Diagnosis> columns = columns(score);
    List<String> heads = new ArrayList<>(List.of("expected \\ told"));
    columns.forEach(column -> heads.add(name(column)));
    tableHead(text, heads);
    score
        .confusion()
        .forEach((expected, counts) -> tableRow(text, cells(expected, counts, columns)));
  }

  private static List<String> cells(
      Diagnosis expected, Map<Diagnosis, Long> counts, List<Diagnosis> columns) {
    List<String> cells = new ArrayList<>(List.of(name(expected)));
    for (Diagnosis column : columns) {
      long count = counts.getOrDefault(column, 0L);
      cells.add(count == 0 ? "-" : Long.toString(count));
    }
    return cells;
  }

  /** All that was told of anything, in the order of the causes, and nothing last. */
  private static List<Diagnosis> columns(Score score) {
    Set<Diagnosis> told = new LinkedHashSet<>();
    score.confusion().values().forEach(counts -> told.addAll(counts.keySet()));
    List<Diagnosis> columns = new ArrayList<>();
    for (Diagnosis diagnosis : Diagnosis.values()) {
      if (told.contains(diagnosis)) {
        columns.add(diagnosis);
      }
    }
    if (told.contains(null)) {
      columns.add(null);
    }
    return columns;
  }

  private static String told(List<Outcome> runs) {
    return runs.stream()
        .collect(
            Collectors.groupingBy(
                run -> run.failure() != null ? "failed" : name(run.primary()),
                java.util.TreeMap::new,
                Collectors.counting()))
        .entrySet()
        .stream()
        .map(entry -> entry.getValue() + " " + entry.getKey())
        .collect(Collectors.joining(", "));
  }

  private static String accuracies(List<Outcome> runs) {
    return runs.stream()
        .map(run -> String.format(Locale.ROOT, "%.1f", 100 * run.accuracy()))
        .collect(Collectors.joining(" "));
  }

  private static String count(long count, List<Outcome> runs) {
    return new Score.Share(count, runs.size()).toString();
  }

  private static String name(Diagnosis diagnosis) {
    return diagnosis == null ? "nothing" : diagnosis.name();
  }

  private static void tableHead(StringBuilder text, List<String> heads) {
    tableRow(text, heads);
    text.append("|---".repeat(heads.size())).append("|\n");
  }

  private static void tableRow(StringBuilder text, List<String> cells) {
    cells.forEach(cell -> text.append("| ").append(cell.replace("|", "\\|")).append(' '));
    text.append("|\n");
  }
}
