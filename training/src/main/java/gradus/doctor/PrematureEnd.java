package gradus.doctor;

import gradus.train.EpochReport;
import gradus.train.StopReason;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Whether a run that is over should have gone on.
 *
 * @param history of the run
 */
record PrematureEnd(History history) {
  private static final int FEW_EPOCHS = 5;
  private static final int LITTLE_PATIENCE = 2;
  private static final double NEARLY_DONE = 0.2;

  /**
   * Early stopping ended it in the first half, two evaluations or fewer after its best, while the
   * training loss fell.
   */
  Optional<String> stoppedTooSoon() {
    List<Checkup> all = history.checkups();
    if (history.end() != StopReason.EARLY_STOPPING
        || history.progress() >= 0.5
        || all.size() < 3
        || history.epochs().isEmpty()
        || history.last().validation() == null) {
      return Optional.empty();
    }
    List<EpochReport> epochs = history.epochs();
    int best = 0;
    for (int i = 1; i < epochs.size(); i++) {
      best = epochs.get(i).validationLoss() < epochs.get(best).validationLoss() ? i : best;
    }
    double first = epochs.get(Math.max(0, epochs.size() - 3)).trainLoss();
    double last = epochs.get(epochs.size() - 1).trainLoss();
    boolean learns = epochs.size() < 3 || last < 0.95 * first;
    if (epochs.size() - 1 - best <= LITTLE_PATIENCE
        && learns
        && history.skill(history.last().validation()) < 1 - NEARLY_DONE / 2) {
      return told(
          "it was stopped after %d of %d epochs, the best of which was number %d, while the training"
              + " loss still fell, to %.4g",
          epochs.size(), history.facts().epochs(), best + 1, last);
    }
    return Optional.empty();
  }

  /**
   * The run is over, and half as many steps again would still have brought clearly more: the last
   * quarter of the run brought something, and not much less than the one before.
   */
  Optional<String> stillImproving() {
    if (!history.hasEnded()
        || history.end() == StopReason.REQUESTED // somebody knows
        || history.last().validation() == null) {
      return Optional.empty();
    }
    double[] skill = new double[4];
    int[] count = new int[4];
    long steps = history.last().step();
    for (Checkup checkup : history.checkups()) {
      if (checkup.step() > 0) {
        int quarter = (int) Math.min(3, 4 * (checkup.step() - 1) / steps);
        skill[quarter] += history.skill(checkup.validation());
        count[quarter]++;
      }
    }
    double before = skill[2] / count[2] - skill[1] / count[1];
    double latest = skill[3] / count[3] - skill[2] / count[2];
    // The images are the same every time, so that two judgements differ by less than this.
    double noise = Math.sqrt(2.0 / count[3]) * history.last().validation().standardError();
    double kept = before > 0 ? Math.min(1, latest / before) : 1;
    double left = 1 - history.skill(history.last().validation());
    double gain = Math.min(latest * (kept + kept * kept), left / 2);
    // Whoever plans many epochs, and uses them, has chosen the cost: then only a large gain is
    // worth a word.
    boolean isCheap =
        history.facts().epochs() <= FEW_EPOCHS || history.end() == StopReason.EARLY_STOPPING;
    double worth = isCheap ? 0.03 : 0.1;
    if (gain > worth
        && latest > noise
        && left > NEARLY_DONE) { // neither is true of NaN, where a quarter is empty
      LossRange judged = history.facts().judged();
      return told(
          "the validation loss, %.4g, would fall by about %.2g in half as many steps again",
          history.last().validation().loss(), gain * (judged.guessing() - judged.least()));
    }
    return Optional.empty();
  }

  private static Optional<String> told(String format, Object... values) {
    return Optional.of(String.format(Locale.ROOT, format, values));
  }
}
