package gradus.examples.doctor;

import gradus.examples.doctor.Scenario.Twin;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** Runs whose diagnosis is known: the public list, a further one, and one on natural images. */
public final class Scenarios {
  private final Path folder;
  private Pictures grey;
  private Pictures color;
  private Pictures natural;

  /**
   * On the pictures of this folder, which are read when a list needs them.
   *
   * @param folder that of CIFAR-10 for the natural list; for all else that of MNIST, or null for
   *     drawn pictures
   */
  public Scenarios(Path folder) {
    this.folder = folder;
  }

  private Pictures grey() {
    if (grey == null) {
      grey = Pictures.grey(folder);
    }
    return grey;
  }

  private Pictures color() {
    if (color == null) {
      color = Pictures.color();
    }
    return color;
  }

  private Pictures photographs() {
    if (natural == null) {
      natural = Pictures.natural(folder);
    }
    return natural;
  }

  /** The public list: 24 faults, and 6 healthy runs that look odd in one way. */
  public List<Scenario> known() {
    return inOrder(
        Stream.of(
            new RateFaults(grey(), color()).all(),
            new DataFaults(grey()).all(),
            new NetworkFaults(grey()).all(),
            new LearningFaults(grey(), color()).all(),
            new HealthyRuns(grey(), color()).all()));
  }

  /**
   * The further list: faults of kinds that the public one leaves out or has in another shape, and
   * healthy runs of the kinds people have.
   */
  public List<Scenario> further() {
    return inOrder(
        Stream.of(
            new FurtherDataFaults(grey(), color()).all(),
            new FurtherRateFaults(grey(), color()).all(),
            new FurtherNetworkFaults(grey(), color()).all(),
            new FurtherLearningFaults(grey(), color()).all(),
            new FurtherHealthyRuns(grey(), color()).all()));
  }

  /**
   * The natural list: faults and healthy runs on photographs, of which a good run of this size
   * knows little more than a half. Its answers were written before the doctor saw any of them.
   */
  public List<Scenario> natural() {
    Pictures photographs = photographs();
    return inOrder(
        Stream.of(
            new NaturalInputFaults(photographs).all(),
            new NaturalDataFaults(photographs).all(),
            new NaturalRateFaults(photographs).all(),
            new NaturalNetworkFaults(photographs).all(),
            new NaturalHealthyRuns(photographs).all()));
  }

  private static List<Scenario> inOrder(Stream<List<Scenario>> groups) {
    return groups
        .flatMap(List::stream)
        .sorted(Comparator.comparing(Scenario::isHealthy).thenComparing(Scenario::id))
        .toList();
  }

  /** The five questions, as runs that go wrong and the same ones cured. */
  public List<Demo> demos() {
    return Demo.all(grey(), color());
  }

  /** The healthy run that faults with this twin are measured against. */
  public Scenario twin(Twin twin) {
    return switch (twin) {
      case A -> Scenario.healthy("A", "twin A", twin, () -> Recipe.plain(grey()));
      case B -> Scenario.healthy("B", "twin B", twin, () -> Recipe.normalized(color()));
      case C -> Scenario.healthy("C", "twin C", twin, () -> Recipe.lenet(grey()));
      case D -> Scenario.healthy("D", "twin D", twin, () -> Recipe.photographs(photographs()));
      case E -> Scenario.healthy("E", "twin E", twin, () -> Recipe.tutorial(photographs()));
    };
  }
}
