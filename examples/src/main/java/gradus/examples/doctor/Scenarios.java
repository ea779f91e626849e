package gradus.examples.doctor;

import gradus.examples.doctor.Scenario.Twin;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** The public list: 24 faults, and 6 healthy runs that look odd in one way. */
public final class Scenarios {
  private Scenarios() {}

  /**
   * All of them, in order.
   *
   * @param mnist the folder of MNIST, or null for drawn pictures
   */
  public static List<Scenario> all(Path mnist) {
    Pictures grey = Pictures.grey(mnist);
    Pictures color = Pictures.color();
    return Stream.of(
            new RateFaults(grey, color).all(),
            new DataFaults(grey).all(),
            new NetworkFaults(grey).all(),
            new LearningFaults(grey, color).all(),
            new HealthyRuns(grey, color).all())
        .flatMap(List::stream)
        .sorted(Comparator.comparing(Scenario::isHealthy).thenComparing(Scenario::id))
        .toList();
  }

  /** The healthy run that faults with this twin are measured against. */
  public static Scenario twin(Twin twin, Path mnist) {
    return switch (twin) {
      case A -> {
        Pictures grey = Pictures.grey(mnist);
        yield Scenario.healthy("A", "twin A", twin, () -> Recipe.plain(grey));
      }
      case B -> {
        Pictures color = Pictures.color();
        yield Scenario.healthy("B", "twin B", twin, () -> Recipe.normalized(color));
      }
      case C -> {
        Pictures grey = Pictures.grey(mnist);
        yield Scenario.healthy("C", "twin C", twin, () -> Recipe.lenet(grey));
      }
    };
  }
}
