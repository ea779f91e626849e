package gradus.examples.command;

import gradus.backend.Backend;
import gradus.doctor.DoctorMode;
import gradus.doctor.Evidence;
import gradus.doctor.Finding;
import gradus.doctor.Remedy;
import gradus.examples.doctor.Demo;
import gradus.examples.doctor.Outcome;
import gradus.examples.doctor.ScenarioRunner;
import gradus.examples.doctor.Scenarios;
import gradus.examples.progress.TextTable;
import gradus.train.EpochReport;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Shows a common mistake: the run it spoils, what the doctor says of it, and the cured run. */
@Command(
    name = "demo",
    sortOptions = false,
    description = {
      "Trains a run with a common mistake and the same run cured, and writes a page with both: what",
      "was wrong, what to type, and the curves side by side. Without a name it lists the demos."
    })
final class DemoCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(arity = "0..1", paramLabel = "NAME", description = "Which; none lists them.")
  private String name;

  @Option(
      names = "--data-dir",
      paramLabel = "DIR",
      description = "The folder with the files of MNIST. Default: drawn pictures instead")
  private Path data;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "1",
      description = "Of weights and order. Default: ${DEFAULT-VALUE}")
  private long seed;

  @Option(
      names = "--html",
      paramLabel = "FILE",
      description = "Where the page goes. Default: demo-NAME.html")
  private Path html;

  @Mixin private BackendChoice backendChoice;

  private PrintWriter out;

  @Override
  public Integer call() {
    out = spec.commandLine().getOut();
    List<Demo> demos = new Scenarios(data).demos();
    if (name == null) {
      TextTable table = new TextTable(List.of("demo", "question"));
      demos.forEach(demo -> table.row(List.of(demo.name(), demo.question())));
      line("%s", table);
      return 0;
    }
    Demo chosen = demos.stream().filter(demo -> demo.name().equals(name)).findFirst().orElse(null);
    UsageException.unless(
        chosen != null,
        "There is no demo "
            + name
            + "; choose one of "
            + demos.stream().map(Demo::name).collect(Collectors.joining(", "))
            + ".");
    show(chosen);
    return 0;
  }

  private void show(Demo demo) {
    line("%s", demo.question());
    Outcome broken;
    Outcome cured;
    try (Backend backend = backendChoice.open()) {
      ScenarioRunner runner = new ScenarioRunner(backend);
      broken = runner.withDoctor(demo.broken(), seed, DoctorMode.PROBE);
      line(
          "As it was: validation accuracy %s. %s",
          RunNumbers.percent(broken.accuracy()), demo.mistake());
      broken.findings().forEach(finding -> line("  %s", finding.sentence()));
      broken.cause().map(Finding::remedy).ifPresent(this::show);
      cured = runner.withDoctor(demo.cured(), seed, DoctorMode.PROBE);
    }
    line("Cured: validation accuracy %s. %s", RunNumbers.percent(cured.accuracy()), demo.cure());
    cured.findings().forEach(finding -> line("  %s", finding.sentence()));
    Path file = html != null ? html : Path.of("demo-" + demo.name() + ".html");
    Map<String, List<EpochReport>> runs = new LinkedHashMap<>();
    runs.put("as it was", broken.epochs());
    runs.put("cured", cured.epochs());
    ComparisonPage.write(file, demo.question(), story(demo, broken), runs, rows(broken, cured));
    line("Page: %s", file);
  }

  private void show(Remedy remedy) {
    line("  Do: %s", remedy.sentence());
    typed(remedy).forEach(typed -> line("  Type: %s", typed));
  }

  /** The remedy on the command line and in Java, as far as there is one. */
  private static List<String> typed(Remedy remedy) {
    List<String> typed = new ArrayList<>();
    if (remedy.option() != null) {
      typed.add("./gradus train " + remedy.option());
    }
    if (remedy.java() != null) {
      typed.add(remedy.java());
    }
    return typed;
  }

  private static List<ComparisonPage.Passage> story(Demo demo, Outcome broken) {
    List<ComparisonPage.Passage> story = new ArrayList<>();
    String found =
        broken
            .cause()
            .map(cause -> "The doctor says: " + cause.sentence())
            .orElse("The doctor found nothing.");
    story.add(new ComparisonPage.Passage("What was wrong", demo.mistake() + " " + found, null));
    broken
        .cause()
        .map(Finding::remedy)
        .ifPresent(
            remedy -> {
              List<String> typed = typed(remedy);
              story.add(
                  new ComparisonPage.Passage(
                      "What to type",
                      remedy.sentence(),
                      typed.isEmpty() ? null : String.join("\n", typed)));
            });
    String facts =
        broken
            .cause()
            .map(
                cause ->
                    cause.evidence().stream()
                        .map(Evidence::sentence)
                        .collect(Collectors.joining(" ")))
            .orElse("");
    if (!facts.isEmpty()) {
      story.add(new ComparisonPage.Passage("How it is known", facts, null));
    }
    story.add(new ComparisonPage.Passage("The cured run", demo.cure(), null));
    return story;
  }

  private static List<RunComparison.Row> rows(Outcome broken, Outcome cured) {
    return List.of(
        new RunComparison.Row(
            "validation accuracy at the end",
            List.of(RunNumbers.percent(broken.accuracy()), RunNumbers.percent(cured.accuracy()))),
        new RunComparison.Row(
            "steps", List.of(Long.toString(broken.steps()), Long.toString(cured.steps()))),
        new RunComparison.Row("diagnosis", List.of(said(broken), said(cured))));
  }

  private static String said(Outcome outcome) {
    return outcome.findings().isEmpty()
        ? "none"
        : outcome.findings().stream()
            .map(finding -> finding.diagnosis().label())
            .collect(Collectors.joining(", "));
  }

  private void line(String format, Object... values) {
    out.println(String.format(Locale.ROOT, format, values));
    out.flush();
  }
}
