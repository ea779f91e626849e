package gradus.doctor.trial;

import gradus.doctor.Checkup;
import gradus.doctor.Evidence;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * What a trial came to. Losses and accuracies are the doctor's own, in evaluation mode on a sample
 * of training images without augmentation.
 *
 * @param name what was changed
 * @param lossBefore cross-entropy before its first step
 * @param lossAfter and after its last; infinite if the loss became no number
 * @param skill how much of what guessing leaves was learned in the end: 0 nothing, 1 all
 * @param accuracy in the end
 * @param losses of the images of each step
 * @param others what it was {@linkplain Trial#judgedOn judged on} besides, in that order
 */
public record TrialOutcome(
    String name,
    double lossBefore,
    double lossAfter,
    double skill,
    double accuracy,
    List<Double> losses,
    List<Checkup.Judgement> others) {
  private static final double CLEARLY_MORE = 3;
  private static final double SKILL_GAINED = 0.05;
  private static final double SHARE_GAINED = 0.03;
  private static final double MUCH_LESS = 0.8;
  private static final double CLEARLY_LESS = 0.75;
  private static final int LAST = 5; // steps, whose mean is less of a chance than one

  /** The lists are copied. */
  public TrialOutcome {
    losses = List.copyOf(losses);
    others = List.copyOf(others);
  }

  /** How much the loss fell. */
  public double gain() {
    return lossBefore - lossAfter;
  }

  /**
   * The mean loss of the batches of the second half. Trials in the same order see the same batches,
   * so that in a run that oscillates it tells more than one moment does.
   */
  public double lateLoss() {
    return losses.subList(losses.size() / 2, losses.size()).stream()
        .mapToDouble(Double::doubleValue)
        .average()
        .orElse(Double.NaN);
  }

  /**
   * Whether the change makes a run learn that has learned nothing.
   *
   * @param unchanged the skill the run has without it
   */
  public boolean learnsWhere(double unchanged) {
    return Double.isFinite(lossAfter) && skill >= Math.max(unchanged, 0) + SKILL_GAINED;
  }

  /**
   * Whether the loss falls much further than without the change, from the same state: by three
   * times as much, or to less than four fifths.
   */
  public boolean beats(TrialOutcome control) {
    if (!Double.isFinite(lossAfter)) {
      return false;
    }
    if (!Double.isFinite(control.lossAfter)) {
      return gain() > 0;
    }
    return fallsMuchFurtherThan(control) || lossAfter < MUCH_LESS * control.lossAfter;
  }

  /** Whether the loss falls three times as far as without the change, and not only by chance. */
  public boolean fallsMuchFurtherThan(TrialOutcome control) {
    if (!Double.isFinite(lossAfter) || !Double.isFinite(control.lossAfter)) {
      return Double.isFinite(lossAfter) && gain() > 0;
    }
    return gain() >= CLEARLY_MORE * Math.max(0, control.gain())
        && control.lossAfter - lossAfter >= SHARE_GAINED * control.lossAfter;
  }

  /**
   * Whether three times as much is learned as without the change, and not only by chance: of what
   * guessing leaves, so that the way there from a bad beginning does not count.
   */
  public boolean learnsMuchMoreThan(TrialOutcome control) {
    double unchanged = Double.isFinite(control.lossAfter) ? Math.max(0, control.skill) : 0;
    return learnsWhere(unchanged) && skill >= CLEARLY_MORE * unchanged;
  }

  /**
   * Whether the losses of its last steps had fallen three times as far as those of the same steps
   * of the other, whatever became of that later.
   */
  public boolean fellBefore(TrialOutcome control) {
    int steps = losses.size();
    double without = control.losses.size() < steps ? 0 : control.fallUpTo(steps);
    return !(without > 0) || fallUpTo(steps) >= CLEARLY_MORE * without; // NaN did not fall
  }

  private double fallUpTo(int step) {
    List<Double> last = losses.subList(Math.max(0, step - LAST), step);
    return losses.get(0) - last.stream().mapToDouble(Double::doubleValue).average().orElseThrow();
  }

  /** Whether the loss falls twice as far as the other's, and by more than chance makes of it. */
  public boolean gainsTwiceAsMuchAs(TrialOutcome other) {
    return gain() > 2 * Math.max(0, other.gain())
        && other.lossAfter - lossAfter >= SHARE_GAINED * other.lossAfter;
  }

  /**
   * Whether it is worth a rate that is ten times as large as the other's: what learns a little
   * faster at first is soon too fast.
   */
  public boolean isWorthMoreThan(TrialOutcome smallerRate) {
    return lossAfter < CLEARLY_LESS * smallerRate.lossAfter;
  }

  /**
   * Whether it is worth steps that carry so many times as far as the other's. As of {@link
   * #isWorthMoreThan}, ten times must bring a quarter less loss; but over the second half, in which
   * both have seen the same batches.
   */
  public boolean outpaces(TrialOutcome other, double timesAsFar) {
    return losses.size() == other.losses.size()
        && lateLoss() < Math.pow(CLEARLY_LESS, Math.log10(timesAsFar)) * other.lateLoss();
  }

  /** Whether another trial ended with a lower loss. */
  public boolean isWorseThan(TrialOutcome other) {
    return other.lossAfter < lossAfter;
  }

  /** In words: what was changed and what came of it. */
  public Evidence evidence() {
    List<Double> x = new ArrayList<>();
    List<Double> y = new ArrayList<>();
    for (int i = 0; i < losses.size(); i++) {
      if (Double.isFinite(losses.get(i))) {
        x.add(i + 1.0);
        y.add(losses.get(i));
      }
    }
    Evidence.Chart chart =
        new Evidence.Chart(
            "Trial with " + name, "step", "loss", false, List.of(new Evidence.Line(name, x, y)));
    String fate =
        Double.isFinite(lossAfter)
            ? String.format(Locale.ROOT, "the loss went from %.4g to %.4g", lossBefore, lossAfter)
            : "the loss became no number";
    return new Evidence(
        String.format(Locale.ROOT, "%d steps with %s: %s.", losses.size(), name, fate), chart);
  }
}
