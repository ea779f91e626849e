package gradus.examples.doctor;

import gradus.examples.progress.TextTable;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/**
 * Shows that faults do harm and healthy runs none, without a doctor. A fault bites if its runs end
 * 10 points below those of its twin in the mean, or with a loss that is no number for most seeds; a
 * healthy run is within 1.5 points of the best of other learning rates, on photographs within 3: of
 * a thousand pictures of which it knows a half, a run is 1.4 points off by chance alone, where one
 * that knows nearly all is 0.5 off.
 */
public final class Effects {
  private static final double HARM = 0.10;
  private static final double SLACK = 0.015;
  private static final double SLACK_ON_PHOTOGRAPHS = 0.03;
  private static final double[] RATES = {0.3, 1, 3};

  private final ScenarioRunner runner;
  private final List<Long> seeds;
  private final Consumer<String> progress;
  private final Map<Scenario.Twin, List<Outcome>> twins = new EnumMap<>(Scenario.Twin.class);
  private final TextTable faults =
      new TextTable(List.of("fault", "bites", "accuracy", "of the twin", "each seed"));
  private final TextTable healthy =
      new TextTable(List.of("healthy", "is it", "rate x0.3", "x1", "x3", "each seed"));

  /**
   * Over these seeds.
   *
   * @param progress told of each line as it is there
   */
  public Effects(ScenarioRunner runner, List<Long> seeds, Consumer<String> progress) {
    this.runner = runner;
    this.seeds = List.copyOf(seeds);
    this.progress = progress;
  }

  /**
   * Trains a scenario, and what it is measured against; whether it is what it is said to be.
   *
   * @param twin the scenario's
   */
  public boolean measure(Scenario scenario, Scenario twin) {
    return scenario.isHealthy() ? sweep(scenario) : harm(scenario, twin);
  }

  private boolean harm(Scenario scenario, Scenario twin) {
    List<Outcome> runs = runs(scenario, 1);
    List<Outcome> sound = twins.computeIfAbsent(scenario.twin(), t -> runs(twin, 1));
    long broken = runs.stream().filter(Outcome::nonFinite).count();
    boolean bites = mean(sound) - mean(runs) >= HARM || broken * 5 >= runs.size() * 4L;
    faults.row(
        List.of(
            scenario.id(),
            bites ? "yes" : "NO",
            percent(mean(runs)),
            percent(mean(sound)),
            each(runs)));
    progress.accept(scenario.id() + (bites ? " bites: " : " DOES NOT BITE: ") + each(runs));
    return bites;
  }

  private boolean sweep(Scenario scenario) {
    List<Double> means = new ArrayList<>();
    String own = "";
    double best = 0;
    double asIs = 0;
    for (double rate : RATES) {
      List<Outcome> runs = runs(scenario, rate);
      means.add(mean(runs));
      best = Math.max(best, mean(runs));
      if (rate == 1) {
        own = each(runs);
        asIs = mean(runs);
      }
    }
    boolean fine = asIs >= best - slack(scenario.twin());
    List<String> cells = new ArrayList<>(List.of(scenario.id(), fine ? "yes" : "NO"));
    means.forEach(mean -> cells.add(percent(mean)));
    cells.add(own);
    healthy.row(cells);
    progress.accept(
        scenario.id()
            + (fine ? " is healthy: " : " IS NOT HEALTHY: ")
            + percent(asIs)
            + ", best "
            + percent(best));
    return fine;
  }

  private static double slack(Scenario.Twin twin) {
    return switch (twin) {
      case A, B, C -> SLACK;
      case D, E -> SLACK_ON_PHOTOGRAPHS;
    };
  }

  private List<Outcome> runs(Scenario scenario, double rate) {
    return seeds.stream().map(seed -> runner.withRate(scenario, seed, rate)).toList();
  }

  private static double mean(List<Outcome> runs) {
    return runs.stream().mapToDouble(Outcome::accuracy).average().orElseThrow();
  }

  private static String percent(double share) {
    return String.format(Locale.ROOT, "%.1f", 100 * share);
  }

  private static String each(List<Outcome> runs) {
    return runs.stream()
        .map(run -> percent(run.accuracy()) + (run.nonFinite() ? "!" : ""))
        .collect(Collectors.joining(" "));
  }

  /** Both tables; {@code !} stands for a loss that was no number. */
  @Override
  public String toString() {
    return (faults.isEmpty() ? "" : faults + System.lineSeparator())
        + (healthy.isEmpty() ? "" : healthy);
  }
}
