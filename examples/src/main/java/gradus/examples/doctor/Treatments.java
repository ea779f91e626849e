package gradus.examples.doctor;

import static java.util.stream.Collectors.joining;

import gradus.backend.Backend;
import gradus.data.DataLoader;
import gradus.doctor.Diagnosis;
import gradus.doctor.Doctor;
import gradus.doctor.DoctorMode;
import gradus.layer.Model;
import gradus.optim.Adam;
import gradus.optim.Optimizer;
import gradus.train.Evaluator;
import gradus.train.TrainingListener;
import gradus.train.TrainingReport;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.ToDoubleFunction;

/**
 * Shows what the doctor's treatment is worth: how much of what a fault costs it brings back while
 * the run goes on, next to a remedy drawn by lot at the same moment, to Adam from the start, and to
 * the best of three learning rates from the start.
 */
public final class Treatments {
  private static final String TITLE = "## Treatment";
  private static final double RESTORED = 0.9;
  private static final Set<Diagnosis> TREATABLE =
      EnumSet.of(
          Diagnosis.LR_TOO_HIGH,
          Diagnosis.LR_TOO_LOW,
          Diagnosis.LR_SCHEDULE_COLLAPSE,
          Diagnosis.BAD_INITIALIZATION,
          Diagnosis.DEAD_RELU,
          Diagnosis.DATA_NOT_SHUFFLED,
          Diagnosis.BATCH_TOO_SMALL,
          Diagnosis.OVER_REGULARIZATION,
          Diagnosis.OVERFITTING);

  /** Accuracies on the validation pictures with the weights a run ends with. */
  private record Row(
      double faulty, double twin, double treated, double random, double adam, double sweep) {
    boolean restores(ToDoubleFunction<Row> way) {
      return way.applyAsDouble(this) - faulty >= RESTORED * (twin - faulty);
    }
  }

  private record Way(String name, ToDoubleFunction<Row> accuracy) {}

  private static final List<Way> WAYS =
      List.of(
          new Way("treated", Row::treated),
          new Way("random remedy", Row::random),
          new Way("Adam 0.001", Row::adam),
          new Way("best of 3 rates", Row::sweep));

  private final Backend backend;
  private final List<Long> seeds;
  private final Consumer<String> progress;
  private final Map<String, Double> twins = new TreeMap<>();
  private final Map<String, List<Row>> rows = new TreeMap<>();
  private final Map<String, String> changes = new TreeMap<>();

  /**
   * Over these seeds.
   *
   * @param progress told of each run as it is there
   */
  public Treatments(Backend backend, List<Long> seeds, Consumer<String> progress) {
    this.backend = backend;
    this.seeds = List.copyOf(seeds);
    this.progress = progress;
  }

  /** Whether the doctor may treat what is wrong in it. */
  public static boolean isTreatable(Scenario scenario) {
    return TREATABLE.contains(scenario.expected()) && scenario.recipe().get().loop().isTreatable();
  }

  /**
   * Trains a faulty run in all ways.
   *
   * @param twin the healthy one it is measured against
   */
  public void measure(Scenario fault, Scenario twin) {
    changes.put(fault.id(), fault.change());
    for (long seed : seeds) {
      double healthy =
          twins.computeIfAbsent(
              twin.id() + seed, key -> run(twin.recipe().get(), seed, 1, new Untreated()));
      double faulty = run(fault.recipe().get(), seed, 1, new Untreated());
      Doctored doctored = new Doctored(seed);
      double treated = run(fault.recipe().get(), seed, 1, doctored);
      double random =
          run(
              fault.recipe().get(),
              seed,
              1,
              new ByLot(seed * 31 + fault.id().hashCode(), doctored.moment()));
      double adam = run(withAdam(fault.recipe().get()), seed, 1, new Untreated());
      double sweep = faulty;
      for (double rate : new double[] {0.1, 10}) {
        sweep = Math.max(sweep, run(fault.recipe().get(), seed, rate, new Untreated()));
      }
      Row row = new Row(faulty, healthy, treated, random, adam, sweep);
      rows.computeIfAbsent(fault.id(), id -> new ArrayList<>()).add(row);
      progress.accept(
          String.format(
              Locale.ROOT,
              "%s seed %d: %.1f, twin %.1f, treated %.1f (%s), random %.1f, Adam %.1f, sweep %.1f",
              fault.id(),
              seed,
              100 * faulty,
              100 * healthy,
              100 * treated,
              doctored.said,
              100 * random,
              100 * adam,
              100 * sweep));
    }
  }

  private static Recipe withAdam(Recipe recipe) {
    return recipe.optimizer(p -> Adam.of(p).learningRate(0.001).build());
  }

  /** Who is with a run. */
  interface Attendance extends AutoCloseable {
    /** Whoever watches it, made before it begins. */
    List<TrainingListener> join(Loop.Run run);

    @Override
    void close();
  }

  private static final class Untreated implements Attendance {
    @Override
    public List<TrainingListener> join(Loop.Run run) {
      return List.of();
    }

    @Override
    public void close() {}
  }

  /**
   * When a run was treated.
   *
   * @param given whether it was at all
   * @param epoch after which, or in which its loss was no number; 0 before the first step
   * @param fromBeginning whether it was put back to its beginning
   */
  record Moment(boolean given, int epoch, boolean fromBeginning) {}

  private static final class Doctored implements Attendance, TrainingListener {
    private Doctor doctor;
    private final long seed;
    private String said = "not treated";
    private boolean treated;
    private int treatedIn;

    Doctored(long seed) {
      this.seed = seed;
    }

    @Override
    public List<TrainingListener> join(Loop.Run run) {
      doctor = Doctor.attach(run.model(), run.loss(), run.optimizer());
      doctor.data(run.train(), run.validation()).mode(DoctorMode.TREAT).seed(seed);
      return List.of(doctor, this);
    }

    @Override
    public void onNotice(int epoch, String sentence) {
      if (sentence.startsWith("Treated")) {
        treated = true;
        treatedIn = epoch;
        said = "epoch " + epoch + ": " + sentence;
      } else if (sentence.startsWith("Undone")) {
        said += "; " + sentence;
      }
    }

    @Override
    public void onEnd(TrainingReport report) {
      if (!treated) {
        said += doctor.findings().stream().map(f -> ", " + f.sentence()).collect(joining());
      }
    }

    Moment moment() {
      return new Moment(treated, treatedIn, said.contains("from the beginning"));
    }

    @Override
    public void close() {
      doctor.close();
    }
  }

  private double run(Recipe recipe, long seed, double rate, Attendance attendance) {
    try (DataLoader train = recipe.trainLoader(seed);
        DataLoader validation = recipe.validationLoader();
        Model model = recipe.newModel(backend, train.imageShape(), seed);
        Optimizer optimizer = recipe.newOptimizer(model, null)) {
      optimizer.setLearningRate(rate * optimizer.learningRate());
      Loop.Run run =
          new Loop.Run(
              model,
              recipe.newLoss(),
              optimizer,
              train,
              validation,
              recipe.epochs(),
              recipe.newSchedule(),
              seed,
              List.of());
      try (attendance) {
        recipe.loop().train(run.watchedBy(attendance.join(run)));
      }
      return new Evaluator(model, run.loss()).evaluate(validation).accuracy();
    }
  }

  /** How many faults each way brings back, of most seeds. */
  public String summary() {
    StringBuilder text = new StringBuilder();
    for (Way way : WAYS) {
      long faults =
          rows.values().stream().filter(all -> 2 * restored(all, way) > all.size()).count();
      long runs = rows.values().stream().mapToLong(all -> restored(all, way)).sum();
      long of = rows.values().stream().mapToLong(List::size).sum();
      text.append(
          String.format(
              Locale.ROOT,
              "%s: %d of %d faults (%.0f %%), %d of %d runs%n",
              way.name(),
              faults,
              rows.size(),
              100.0 * faults / Math.max(1, rows.size()),
              runs,
              of));
    }
    return text.toString();
  }

  /** A page with the {@link #markdown} of these runs at its end, instead of an earlier one. */
  public String on(String page) {
    String earlier = sectionOf(page);
    String rest = page.substring(0, page.length() - earlier.length()).stripTrailing();
    return (rest.isEmpty() ? "" : rest + "\n\n") + markdown();
  }

  /** What a page says of treatments, at its end; empty if it says nothing. */
  public static String sectionOf(String page) {
    int start = page.indexOf(TITLE);
    return start < 0 ? "" : page.substring(start);
  }

  /** A section of a page. */
  public String markdown() {
    StringBuilder text = new StringBuilder(TITLE + "\n\n");
    text.append("Validation accuracy in per cent, mean of seeds ")
        .append(seeds.stream().map(String::valueOf).collect(joining(", ")))
        .append(", and in brackets for how many seeds at least 90 % of the gap to the healthy twin")
        .append(" were restored. Adam and the rates start anew with all the steps; the treatment")
        .append(
            " and the random remedy have what was left. Counted are all faults whose remedy is a")
        .append(
            " change of the run that goes on, by most of their seeds; also those whose twin has")
        .append(" what no such change can bring, more images or another optimizer.\n\n")
        .append("| run | change | faulty | twin");
    WAYS.forEach(way -> text.append(" | ").append(way.name()));
    text.append(" |\n").append("|---".repeat(4 + WAYS.size())).append("|\n");
    rows.forEach(
        (id, all) -> {
          text.append("| ").append(id).append(" | ").append(changes.get(id));
          text.append(" | ").append(mean(all, Row::faulty));
          text.append(" | ").append(mean(all, Row::twin));
          for (Way way : WAYS) {
            text.append(" | ").append(mean(all, way.accuracy()));
            text.append(" (").append(restored(all, way)).append('/').append(all.size()).append(')');
          }
          text.append(" |\n");
        });
    text.append('\n');
    summary().lines().forEach(line -> text.append("- ").append(line).append('\n'));
    return text.toString();
  }

  private static long restored(List<Row> all, Way way) {
    return all.stream().filter(row -> row.restores(way.accuracy())).count();
  }

  private static String mean(List<Row> all, ToDoubleFunction<Row> accuracy) {
    return String.format(
        Locale.ROOT, "%.1f", 100 * all.stream().mapToDouble(accuracy).average().orElseThrow());
  }
}
