package gradus.doctor;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * How hard the weight decay pulls the weights back: {@code decay * |weights| / |gradient|}, or
 * where the decay is decoupled from the gradient, {@code rate * decay * |weights| / |change|}. An
 * L1 penalty adds {@code l1 / |gradient|}. Where steps and decay are in balance it is about {@code
 * sqrt(rate * decay / 2)}, 0.01 for usual ones.
 */
public final class DecayPull {
  /** A fifth: twenty times what is usual. */
  private static final double STRONG = 0.2;

  private static final int FEWEST_STEPS = 100; // in the first ones everything else is larger
  private static final double MUCH = 0.15; // of what is to be learned

  private final History history;

  /** Of a run. */
  public DecayPull(History history) {
    this.history = history;
  }

  /** The median over samples and layers; 0 where nothing pulls or nothing was sampled. */
  public double median() {
    Vitals vitals = history.vitals();
    int samples = vitals == null ? 0 : vitals.samples();
    if (samples == 0 || vitals.layers().isEmpty() || !history.facts().penalises()) {
      return 0;
    }
    double[] pulls =
        IntStream.range(0, samples)
            .filter(sample -> history.stepOfSample(sample) > 0)
            .mapToDouble(this::ofSample)
            .toArray();
    return pulls.length == 0 ? 0 : median(pulls);
  }

  private double ofSample(int sample) {
    Vitals vitals = history.vitals();
    double decay = history.facts().decay();
    boolean decoupled = history.facts().optimizer().equals("AdamW");
    double rate = decoupled ? history.steps().rateAt(history.stepOfSample(sample)) : 0;
    double[] pulls = new double[vitals.layers().size()];
    for (int i = 0; i < pulls.length; i++) {
      double gradient = Math.max(vitals.gradientRms(sample, i), 1e-30);
      double byDecay =
          decoupled
              ? decay * rate / Math.max(vitals.updateRatio(sample, i), 1e-30)
              : decay * vitals.weightRms(sample, i) / gradient;
      pulls[i] = byDecay + history.facts().l1() / gradient;
    }
    return median(pulls);
  }

  private static double median(double[] values) {
    Arrays.sort(values);
    return values[values.length / 2];
  }

  /** Whether it may be what keeps the run from learning. */
  public boolean isStrong() {
    return median() > STRONG;
  }

  /** What the symptom shows in, where much is unlearned. */
  Optional<String> symptom() {
    double loss = history.steps().average();
    boolean leavesMuch = history.hasMoreThanOneClass() && history.skill() < 1 - MUCH;
    if (history.steps().steps() < FEWEST_STEPS || !leavesMuch || !isStrong()) {
      return Optional.empty();
    }
    return Optional.of(
        String.format(
            Locale.ROOT,
            "it pulls %.2g times as hard as the data, where 0.01 is usual, at a training loss of"
                + " %.4g",
            median(),
            loss));
  }
}
