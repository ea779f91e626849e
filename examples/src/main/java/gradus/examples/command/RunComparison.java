package gradus.examples.command;

import gradus.report.RecordedRun;
import gradus.train.EpochReport;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;

/** What differs between runs: what was asked for first, then what each came to. */
final class RunComparison {
  /**
   * One thing that was so in one run and otherwise in another.
   *
   * @param values of each run; a dash where it has none
   */
  record Row(String name, List<String> values) {
    /** The option of a setting. */
    String option() {
      return name.equals("learning_rate") ? "--lr" : "--" + name.replace('_', '-');
    }

    private boolean differs() {
      return values.stream().distinct().count() > 1;
    }
  }

  /** Stands for what a run has not. */
  static final String NONE = "-";

  private final List<RecordedRun> runs;

  RunComparison(List<RecordedRun> runs) {
    this.runs = List.copyOf(runs);
  }

  List<RecordedRun> runs() {
    return runs;
  }

  /** What to call each: its folder's name, or where two have the same, its path. */
  List<String> names() {
    List<String> names = runs.stream().map(RecordedRun::name).toList();
    return names.stream().distinct().count() == names.size()
        ? names
        : runs.stream().map(run -> run.folder().toString()).toList();
  }

  /** Settings that differ because a command line said so; all that differ where none is known. */
  List<Row> chosen() {
    List<Row> differing = settings();
    List<Row> chosen = differing.stream().filter(this::isChosen).toList();
    return chosen.isEmpty() ? differing : chosen;
  }

  /** Settings that differ though no command line names them: defaults that hang on the others. */
  List<Row> following() {
    List<Row> following = new ArrayList<>(settings());
    following.removeAll(chosen());
    return following;
  }

  /** Both of these. */
  List<Row> settings() {
    return differing(RecordedRun::settings);
  }

  /** Whether one of the command lines has the option of this setting. */
  private boolean isChosen(Row row) {
    String option = row.option();
    return runs.stream()
        .flatMap(run -> run.arguments().stream())
        .anyMatch(argument -> argument.equals(option) || argument.startsWith(option + "="));
  }

  /** What differs of data, program and machine. */
  List<Row> surroundings() {
    List<Row> rows = new ArrayList<>();
    for (Row row : differing(RecordedRun::data)) {
      if (row.values().contains(NONE)) {
        continue; // a run that was stopped has no hashes, which says nothing about its data
      }
      List<String> hashes = row.values().stream().map(RunComparison::abbreviated).toList();
      rows.add(new Row(row.name() + " data", hashes));
    }
    Row backend = row("backend", RecordedRun::backend);
    if (backend.differs()) {
      rows.add(backend);
    }
    rows.addAll(differing(RecordedRun::versions));
    return rows;
  }

  private static String abbreviated(String hash) {
    return hash.length() > 12 ? hash.substring(0, 12) : hash;
  }

  /** How far each came, and how well. */
  List<Row> outcomes() {
    List<Row> rows = new ArrayList<>();
    rows.add(row("status", run -> run.status().toString()));
    if (runs.stream().anyMatch(run -> !run.resumptions().isEmpty())) {
      rows.add(row("resumed after epoch", RunComparison::resumptions));
    }
    rows.addAll(results());
    return rows;
  }

  private static String resumptions(RecordedRun run) {
    return run.resumptions().isEmpty()
        ? NONE
        : run.resumptions().stream()
            .map(resumption -> Integer.toString(resumption.afterEpoch()))
            .collect(Collectors.joining(", "));
  }

  private List<Row> results() {
    return List.of(
        row("epochs", run -> Integer.toString(run.epochs().size())),
        row("best validation accuracy", percentOfBest(EpochReport::validationAccuracy)),
        row(
            "its epoch",
            run -> run.best().map(epoch -> Integer.toString(epoch.epoch())).orElse(NONE)),
        row(
            "its validation loss",
            run -> RunNumbers.loss(run.best().map(EpochReport::validationLoss).orElse(Double.NaN))),
        row("its training accuracy", percentOfBest(EpochReport::trainAccuracy)),
        row("test accuracy", run -> RunNumbers.percent(run.testAccuracy())),
        row("test loss", run -> RunNumbers.loss(run.testLoss())),
        row("time", run -> RunNumbers.duration(run.seconds())),
        row(
            "images/s",
            run ->
                Double.isNaN(run.imagesPerSecond())
                    ? NONE
                    : String.format(Locale.ROOT, "%.0f", run.imagesPerSecond())));
  }

  private static Function<RecordedRun, String> percentOfBest(Function<EpochReport, Double> number) {
    return run -> RunNumbers.percent(run.best().map(number).orElse(Double.NaN));
  }

  private Row row(String name, Function<RecordedRun, String> value) {
    return new Row(name, runs.stream().map(value).toList());
  }

  private List<Row> differing(Function<RecordedRun, Map<String, String>> map) {
    Set<String> names = new LinkedHashSet<>();
    List<Map<String, String>> maps = runs.stream().map(map).toList();
    maps.forEach(of -> names.addAll(of.keySet()));
    List<Row> rows = new ArrayList<>();
    for (String name : names) {
      Row row = new Row(name, maps.stream().map(of -> of.getOrDefault(name, NONE)).toList());
      if (row.differs()) {
        rows.add(row);
      }
    }
    return rows;
  }
}
