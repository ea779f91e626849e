package gradus.examples.doctor;

import gradus.doctor.Diagnosis;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/** How well the doctor did over runs of scenarios. */
public final class Score {
  private final List<Outcome> outcomes;

  /** Over these runs. */
  public Score(List<Outcome> outcomes) {
    this.outcomes = List.copyOf(outcomes);
  }

  /** Runs or scenarios of a kind, and how many there are. */
  public record Share(long count, long of) {
    @Override
    public String toString() {
      return count + "/" + of;
    }

    /** Counted, and as a percentage where there is something to count. */
    public String withPercent() {
      return of == 0
          ? toString()
          : String.format(Locale.ROOT, "%s (%.1f %%)", this, 100.0 * count / of);
    }
  }

  /** The runs by scenario, in the order they came. */
  public Map<Scenario, List<Outcome>> byScenario() {
    return outcomes.stream()
        .collect(Collectors.groupingBy(Outcome::scenario, LinkedHashMap::new, Collectors.toList()));
  }

  /** The seeds, in order. */
  public List<Long> seeds() {
    return List.copyOf(new TreeSet<>(outcomes.stream().map(Outcome::seed).toList()));
  }

  /** The runs of one seed. */
  public Score ofSeed(long seed) {
    return new Score(outcomes.stream().filter(o -> o.seed() == seed).toList());
  }

  /** Faults whose very cause most of their runs were told. */
  public Share strict() {
    return scenarios(false, Outcome::isStrict);
  }

  /** Faults for which most runs were told an accepted cause. */
  public Share lenient() {
    return scenarios(false, Outcome::isLenient);
  }

  /** Faults of which most runs were told that something is wrong. */
  public Share detected() {
    return scenarios(false, Outcome::isFlagged);
  }

  /** Healthy scenarios with most runs told that something is wrong. */
  public Share healthyFlagged() {
    return scenarios(true, Outcome::isFlagged);
  }

  /** Healthy runs that were told that something is wrong. */
  public Share healthyRunsFlagged() {
    List<Outcome> healthy = outcomes.stream().filter(o -> o.scenario().isHealthy()).toList();
    return new Share(healthy.stream().filter(Outcome::isFlagged).count(), healthy.size());
  }

  /** Diagnoses, secondary ones included, that name an accepted cause of their run. */
  public Share precision() {
    return new Share(
        outcomes.stream().mapToLong(Outcome::rightFindings).sum(),
        outcomes.stream().mapToLong(o -> o.findings().size()).sum());
  }

  /**
   * The middle of the steps after which a rightly diagnosed fault was first told of; NaN if none.
   */
  public double medianStepsToDiagnosis() {
    long[] steps =
        outcomes.stream()
            .filter(o -> !o.scenario().isHealthy() && o.isLenient() && o.diagnosedAt() >= 0)
            .mapToLong(Outcome::diagnosedAt)
            .sorted()
            .toArray();
    return steps.length == 0
        ? Double.NaN
        : (steps[(steps.length - 1) / 2] + steps[steps.length / 2]) / 2.0;
  }

  /** Steps spent on trials, of all that were planned, for faulty or healthy runs. */
  public Share trialSteps(boolean healthy) {
    List<Outcome> runs =
        outcomes.stream().filter(o -> o.scenario().isHealthy() == healthy).toList();
    return new Share(
        runs.stream().mapToLong(Outcome::trialSteps).sum(),
        runs.stream().mapToLong(Outcome::plannedSteps).sum());
  }

  /** How often each cause was told, for each expected one; null stands for nothing. */
  public Map<Diagnosis, Map<Diagnosis, Long>> confusion() {
    Map<Diagnosis, Map<Diagnosis, Long>> rows = new LinkedHashMap<>();
    for (Outcome outcome : outcomes) {
      rows.computeIfAbsent(outcome.scenario().expected(), e -> new LinkedHashMap<>())
          .merge(outcome.primary(), 1L, Long::sum);
    }
    return rows;
  }

  /** The cause most runs of a scenario were told, the first of several; null stands for nothing. */
  public static Diagnosis usual(List<Outcome> runs) {
    Diagnosis usual = null;
    long most = 0;
    for (Outcome run : runs) {
      long same = runs.stream().filter(r -> Objects.equals(r.primary(), run.primary())).count();
      if (same > most) {
        most = same;
        usual = run.primary();
      }
    }
    return usual;
  }

  private Share scenarios(boolean healthy, Predicate<Outcome> holds) {
    List<List<Outcome>> asked =
        byScenario().entrySet().stream()
            .filter(entry -> entry.getKey().isHealthy() == healthy)
            .map(Map.Entry::getValue)
            .toList();
    long count =
        asked.stream()
            .filter(runs -> 2 * runs.stream().filter(holds).count() > runs.size())
            .count();
    return new Share(count, asked.size());
  }
}
