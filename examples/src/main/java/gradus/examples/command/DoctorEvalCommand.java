package gradus.examples.command;

import gradus.GradusException;
import gradus.backend.Backend;
import gradus.doctor.DoctorMode;
import gradus.doctor.Finding;
import gradus.examples.doctor.Effects;
import gradus.examples.doctor.EvaluationPage;
import gradus.examples.doctor.Outcome;
import gradus.examples.doctor.Scenario;
import gradus.examples.doctor.ScenarioList;
import gradus.examples.doctor.ScenarioRunner;
import gradus.examples.doctor.Scenarios;
import gradus.examples.doctor.Treatments;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Judges the training doctor by runs whose fault is known, and by healthy ones. */
@Command(
    name = "doctor-eval",
    sortOptions = false,
    description = {
      "Trains runs with a known fault, and healthy ones, under the doctor's eyes, and counts how",
      "often it names the cause, and how often it complains of a healthy run.",
      "Ends with code 1 if a run could not be finished."
    })
final class DoctorEvalCommand implements Callable<Integer> {
  private static final Pattern RANGE = Pattern.compile("(\\d{1,9})(?:-(\\d{1,9}))?");

  @Spec private CommandSpec spec;

  @Option(
      names = "--seeds",
      paramLabel = "N-M",
      split = ",",
      defaultValue = "1-5",
      description = "One run of each scenario per seed: 1-5, or 1,4. Default: ${DEFAULT-VALUE}")
  private List<String> seeds;

  @Option(
      names = "--list",
      paramLabel = "NAME",
      defaultValue = "public",
      description =
          "Which scenarios: ${COMPLETION-CANDIDATES}. The rules of the doctor were made with the"
              + " public ones; the natural ones train on CIFAR-10, and are not among all. Default:"
              + " ${DEFAULT-VALUE}")
  private ScenarioList list;

  @Option(
      names = "--only",
      paramLabel = "IDS",
      split = ",",
      description = "Only these scenarios, such as P01,PH2. Default: all")
  private List<String> only;

  @Option(
      names = "--cosine",
      description =
          "Let the rate of runs with a constant one fall to 0 as a cosine, under which some symptoms"
              + " show at the end alone.")
  private boolean cosine;

  @Option(
      names = "--data-dir",
      paramLabel = "DIR",
      description =
          "The folder with the files of MNIST. Default: drawn pictures instead. For --list natural,"
              + " which cannot do without, that with the binary files of CIFAR-10.")
  private Path data;

  @Option(
      names = "--mode",
      paramLabel = "NAME",
      defaultValue = "probe",
      description = "What the doctor may do: ${COMPLETION-CANDIDATES}. Default: ${DEFAULT-VALUE}")
  private DoctorMode mode;

  @Option(
      names = "--control",
      description =
          "Also train every run without the doctor: what it costs, and whether the weights end with"
              + " the same bits.")
  private boolean control;

  @Option(
      names = "--effects",
      description =
          "Judge the runs instead of the doctor: whether faults do harm and healthy runs are well,"
              + " without a doctor.")
  private boolean effects;

  @Option(
      names = "--treat",
      description =
          "Judge treatments: what a doctor that may treat brings back of what a fault costs, next"
              + " to a random remedy, Adam, and other learning rates.")
  private boolean treat;

  @Option(names = "--json", paramLabel = "FILE", description = "Write every run to a file.")
  private Path json;

  @Option(
      names = "--page",
      paramLabel = "FILE",
      description =
          "Write a Markdown page; with --treat, that section of it, which stays otherwise.")
  private Path page;

  @Mixin private BackendChoice backendChoice;

  private PrintWriter out;

  @Override
  public Integer call() {
    out = spec.commandLine().getOut();
    List<Long> chosenSeeds = seeds();
    UsageException.unless(
        list != ScenarioList.NATURAL || data != null,
        "--list natural needs --data-dir DIR, the folder with the binary files of CIFAR-10"
            + " (data_batch_1.bin to data_batch_5.bin).");
    Scenarios known = new Scenarios(data);
    List<Scenario> scenarios = chosen(list.of(known));
    if (cosine) {
      scenarios = scenarios.stream().map(Scenario::withCosine).toList();
    }
    if (effects) {
      return effects(known, scenarios, chosenSeeds);
    }
    if (treat) {
      return treat(known, scenarios, chosenSeeds);
    }
    List<Outcome> outcomes = new ArrayList<>();
    List<Outcome> controls = new ArrayList<>();
    try (Backend backend = backendChoice.open()) {
      ScenarioRunner runner = new ScenarioRunner(backend);
      int done = 0;
      for (Scenario scenario : scenarios) {
        for (long seed : chosenSeeds) {
          String place = "[" + ++done + "/" + scenarios.size() * chosenSeeds.size() + "]";
          boolean first = done % 2 == 1; // whoever runs first has the caches cold
          if (control && first) {
            controls.add(runner.withoutDoctor(scenario, seed));
          }
          Outcome outcome = runner.withDoctor(scenario, seed, mode);
          if (control && !first) {
            controls.add(runner.withoutDoctor(scenario, seed));
          }
          outcomes.add(outcome);
          write(outcomes, controls); // what is done is not lost if the rest is broken off
          report(place, outcome, control ? controls.get(controls.size() - 1) : null);
        }
      }
    }
    EvaluationPage evaluation = write(outcomes, controls);
    line("%n%s", evaluation.summary());
    return outcomes.stream().anyMatch(outcome -> outcome.failure() != null) ? 1 : 0;
  }

  private int effects(Scenarios known, List<Scenario> scenarios, List<Long> chosenSeeds) {
    boolean all = true;
    try (Backend backend = backendChoice.open()) {
      Effects measured =
          new Effects(new ScenarioRunner(backend), chosenSeeds, text -> line("%s", text));
      for (Scenario scenario : scenarios) {
        all &= measured.measure(scenario, twin(known, scenario));
      }
      line("%n%s", measured);
    }
    return all ? 0 : 1;
  }

  private int treat(Scenarios known, List<Scenario> scenarios, List<Long> chosenSeeds) {
    String before = page == null ? "" : existing(page);
    try (Backend backend = backendChoice.open()) {
      Treatments measured = new Treatments(backend, chosenSeeds, text -> line("%s", text));
      for (Scenario scenario : scenarios) {
        if (Treatments.isTreatable(scenario)) {
          measured.measure(scenario, twin(known, scenario));
        }
        if (page != null) {
          write("--page", page, measured.on(before));
        }
      }
      line("%n%s%n%s", measured.markdown(), measured.summary());
    }
    return 0;
  }

  private Scenario twin(Scenarios known, Scenario scenario) {
    Scenario twin = known.twin(scenario.twin());
    return cosine ? twin.withCosine() : twin;
  }

  private EvaluationPage write(List<Outcome> outcomes, List<Outcome> controls) {
    EvaluationPage evaluation = new EvaluationPage(outcomes, controls);
    if (json != null) {
      write("--json", json, evaluation.json());
    }
    if (page != null) {
      String treatments = Treatments.sectionOf(existing(page));
      write(
          "--page",
          page,
          evaluation.markdown().stripTrailing()
              + "\n"
              + (treatments.isEmpty() ? "" : "\n" + treatments));
    }
    return evaluation;
  }

  private static String existing(Path page) {
    try {
      return Files.exists(page) ? Files.readString(page) : "";
    } catch (IOException e) {
      throw new GradusException(
          "Cannot read --page "
              + page
              + " ("
              + e
              + "), whose section on treatment is to be written"
              + " anew. Choose a text file.",
          e);
    }
  }

  private static void write(String option, Path file, String text) {
    try {
      Files.writeString(file, text);
    } catch (IOException e) {
      throw new GradusException(
          "Cannot write " + option + " " + file + " (" + e + "). Choose a folder you may write to.",
          e);
    }
  }

  private List<Long> seeds() {
    List<Long> all = new ArrayList<>();
    for (String text : seeds) {
      Matcher range = RANGE.matcher(text.strip());
      UsageException.unless(
          range.matches(), "--seeds is " + text + ", but must be like 1-5 or 1,4.");
      long first = Long.parseLong(range.group(1));
      long last = range.group(2) == null ? first : Long.parseLong(range.group(2));
      UsageException.unless(
          first <= last && last - first < 1_000,
          "--seeds is " + text + ", but must count up, for at most 1000 seeds.");
      LongStream.rangeClosed(first, last).forEach(all::add);
    }
    return all.stream().distinct().toList();
  }

  private List<Scenario> chosen(List<Scenario> all) {
    if (only == null) {
      return all;
    }
    for (String id : only) {
      UsageException.unless(
          all.stream().anyMatch(s -> s.id().equalsIgnoreCase(id.strip())),
          "--only names "
              + id
              + ", but there is no such scenario; there are "
              + all.stream().map(Scenario::id).collect(Collectors.joining(", "))
              + ".");
    }
    return all.stream()
        .filter(s -> only.stream().anyMatch(id -> s.id().equalsIgnoreCase(id.strip())))
        .toList();
  }

  private void report(String place, Outcome outcome, Outcome without) {
    String verdict =
        outcome.failure() != null
            ? "FAILED: " + outcome.failure()
            : outcome.isStrict() ? "right" : outcome.isLenient() ? "accepted" : "WRONG";
    line(
        "%s %s seed %d: %s; %s; accuracy %s%s, %,d of %,d steps, %.1f s%s",
        place,
        outcome.scenario().id(),
        outcome.seed(),
        verdict,
        said(outcome),
        RunNumbers.percent(outcome.accuracy()),
        outcome.nonFinite() ? " (loss no number)" : "",
        outcome.steps(),
        outcome.plannedSteps(),
        outcome.seconds(),
        without == null
            ? ""
            : String.format(
                Locale.ROOT,
                " (%.1f s without the doctor, %s)",
                without.seconds(),
                without.weights() == outcome.weights() ? "same weights" : "OTHER WEIGHTS"));
  }

  private static String said(Outcome outcome) {
    if (outcome.findings().isEmpty()) {
      return "no diagnosis"
          + (outcome.notes().isEmpty() ? "" : ", notes " + names(outcome.notes()));
    }
    return names(outcome.findings()) + " at step " + outcome.diagnosedAt();
  }

  private static String names(List<Finding> findings) {
    return findings.stream()
        .map(f -> f.diagnosis() + "(" + String.format(Locale.ROOT, "%.2f", f.confidence()) + ")")
        .collect(Collectors.joining(" "));
  }

  private void line(String format, Object... values) {
    out.println(String.format(Locale.ROOT, format, values));
    out.flush();
  }
}
