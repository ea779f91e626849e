package gradus.doctor;

import gradus.train.EpochReport;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** What a history shows; a pure function of it, to be asked after an epoch and at the end. */
public final class Symptoms {
  private static final int WARM_UP = 20;
  private static final int FEWEST_STEPS = 200;

  /** Of the highest rate. Schedules whose rate comes back are not as low for long. */
  private static final double FROZEN = 1e-4;

  private static final double LEARNED_NOTHING = 0.05;
  private static final double MOSTLY = 0.6;
  private static final double LEARNED_LITTLE = 0.5;
  private static final double LEARNED_MUCH = 0.7;

  /** By chance, in any of the classes. */
  private static final double UNLIKELY = 1e-3;

  private final History history;
  private final Map<Symptom, String> seen = new EnumMap<>(Symptom.class);

  private Symptoms(History history) {
    this.history = history;
  }

  /** The symptoms and the numbers they show in. */
  public static Map<Symptom, String> of(History history) {
    Symptoms symptoms = new Symptoms(history);
    symptoms.look();
    return symptoms.seen;
  }

  private void look() {
    if (history.isNonFinite()) {
      see(Symptom.NON_FINITE, "after %d steps", history.steps().steps());
    }
    if (!history.hasMoreThanOneClass()) {
      return;
    }
    diverging();
    if (history.checkups().isEmpty()) {
      return;
    }
    flat();
    frozen();
    if (!history.isRateToFall()) {
      slow();
      oscillating();
      stalled();
    }
    gap();
    rising();
    memorized();
    collapsed();
    inconsistent();
    endedTooSoon();
    reversed();
    unlearned();
    new DecayPull(history).symptom().ifPresent(numbers -> seen.put(Symptom.HELD_BACK, numbers));
  }

  private void see(Symptom symptom, String format, Object... values) {
    seen.put(symptom, String.format(Locale.ROOT, format, values));
  }

  private void diverging() {
    StepLog steps = history.steps();
    LossRange range = history.facts().own();
    double guess = range.guessing();
    double now = steps.average();
    double first = history.checkups().isEmpty() ? guess : history.checkups().get(0).train().loss();
    if (steps.steps() > WARM_UP
        && (now > 2 * Math.max(first, guess)
            || (now - range.least() > 4 * (steps.lowestAverage() - range.least())
                && history.skill() < 0.5))) {
      see(
          Symptom.DIVERGING,
          "the training loss is %.4g, its lowest average was %.4g, and guessing costs %.4g",
          now,
          steps.lowestAverage(),
          guess);
    }
  }

  private boolean enoughSteps() {
    return history.steps().steps() >= FEWEST_STEPS || history.hasEnded();
  }

  private void flat() {
    Checkup last = history.last();
    double judged = history.skill(last.train());
    if (enoughSteps()
        && last.step() > 0
        && history.skill() < LEARNED_NOTHING
        && judged < LEARNED_NOTHING) {
      see(
          Symptom.FLAT,
          "after %d steps the training loss is %.4g, and guessing costs %.4g",
          history.steps().steps(),
          history.steps().average(),
          history.facts().own().guessing());
    }
  }

  /** Half of the run is over, and it has hardly begun to learn, and is not getting faster. */
  private void slow() {
    Checkup last = history.last();
    double skill = history.skill(last.train());
    if (history.progress() < 0.5 || seen.containsKey(Symptom.FLAT) || skill >= LEARNED_LITTLE) {
      return;
    }
    see(
        Symptom.SLOW,
        "at %.0f %% of the planned steps the training loss is %.4g, and guessing costs %.4g",
        100 * history.progress(),
        last.train().loss(),
        history.facts().judged().guessing());
  }

  private void oscillating() {
    List<Checkup> all = history.checkups();
    int first = Math.max(1, all.size() - 12); // not the one before training
    int count = all.size() - first;
    if (count < 6) {
      return;
    }
    double[] losses = new double[count];
    for (int i = 0; i < count; i++) {
      losses[i] = all.get(first + i).train().loss();
    }
    double mean = Trend.mean(losses);
    int rises = 0;
    for (int i = 1; i < count; i++) {
      rises += losses[i] > 1.1 * losses[i - 1] ? 1 : 0;
    }
    Trend trend = Trend.of(losses);
    boolean getsOn = -trend.slope() * count > 0.3 * mean;
    if (rises >= 3
        && trend.residual() > 0.15 * mean
        && history.facts().judged().learned(mean) < 0.85
        && !getsOn) {
      see(
          Symptom.OSCILLATING,
          "over the last %d evaluations the training loss is %.4g +- %.2g and rose %d times by more"
              + " than a tenth",
          count,
          mean,
          trend.residual(),
          rises);
    }
  }

  private boolean mayStall() {
    return history.skill(history.last().train()) < MOSTLY && !seen.containsKey(Symptom.DIVERGING);
  }

  private void frozen() {
    long frozen = history.steps().latestBelow(FROZEN);
    if (mayStall() && frozen >= Math.max(WARM_UP, history.facts().stepsPerEpoch() / 5)) {
      see(
          Symptom.STALLED,
          "for %d steps the learning rate has been below a ten-thousandth of its peak, at a"
              + " training loss of %.4g",
          frozen,
          history.last().train().loss());
    }
  }

  private void stalled() {
    List<Checkup> all = history.checkups();
    if (!mayStall()
        || seen.containsKey(Symptom.STALLED)
        || all.size() < 6
        || history.progress() < 0.5
        || history.skill(history.last().train()) < LEARNED_NOTHING) {
      return;
    }
    int count = lastThird();
    double[] losses = new double[count];
    for (int i = 0; i < count; i++) {
      losses[i] = all.get(all.size() - count + i).train().loss();
    }
    Trend trend = Trend.of(losses);
    if (-trend.slope() * count < 0.05 * Trend.mean(losses)) {
      see(
          Symptom.STALLED,
          "the training loss has stayed at %.4g for %d evaluations",
          Trend.mean(losses),
          count);
    }
  }

  /**
   * How many judgements the last third of the run has. It is a third of the way as the learning
   * rates have made it, if that is longer: at the low end of a schedule every loss stays where it
   * is.
   */
  private int lastThird() {
    List<Checkup> all = history.checkups();
    double[] way = new double[all.size()];
    for (int i = 1; i < way.length; i++) {
      long steps = all.get(i).step() - all.get(i - 1).step();
      way[i] = way[i - 1] + steps * history.steps().rateAt(all.get(i).step());
    }
    int first = 0;
    while (3 * way[first] < 2 * way[way.length - 1]) {
      first++;
    }
    return Math.max(4, Math.max(all.size() / 3, all.size() - first));
  }

  private void endedTooSoon() {
    PrematureEnd end = new PrematureEnd(history);
    Optional<String> stopped =
        seen.containsKey(Symptom.GAP) ? Optional.empty() : end.stoppedTooSoon();
    stopped
        .or(end::stillImproving)
        .ifPresent(numbers -> seen.put(Symptom.STILL_IMPROVING, numbers));
  }

  private void gap() {
    Checkup last = history.last();
    if (last.validation() == null) {
      return;
    }
    double gap = last.train().accuracy() - last.validation().accuracy();
    double error = last.validation().standardError() + last.train().standardError();
    if (gap > Math.max(0.05, 3 * error)) {
      see(
          Symptom.GAP,
          "%.1f %% of the training images are right, but %.1f %% of the validation's",
          100 * last.train().accuracy(),
          100 * last.validation().accuracy());
    }
  }

  private void rising() {
    List<Checkup> all =
        history.checkups().stream().filter(c -> c.step() > 0 && c.validation() != null).toList();
    if (all.size() < 4) {
      return;
    }
    int best = 0;
    for (int i = 1; i < all.size(); i++) {
      if (all.get(i).validation().loss() < all.get(best).validation().loss()) {
        best = i;
      }
    }
    double lowest = all.get(best).validation().loss();
    int after = 0;
    for (int i = best + 1; i < all.size(); i++) {
      after += all.get(i).validation().loss() > 1.1 * lowest ? 1 : 0;
    }
    Checkup last = history.last();
    if (after >= 3
        && last.validation().loss() > 1.1 * lowest
        && last.train().loss() < all.get(best).train().loss()) {
      see(
          Symptom.RISING,
          "the validation loss was %.4g after epoch %d and is %.4g now, the training loss went from"
              + " %.4g to %.4g",
          lowest,
          all.get(best).epoch(),
          last.validation().loss(),
          all.get(best).train().loss(),
          last.train().loss());
    }
  }

  /** Nearly all training images are right, far fewer others, and that has not changed for long. */
  private void memorized() {
    List<Checkup> all = history.checkups();
    Checkup last = history.last();
    if (all.size() < 8
        || last.validation() == null
        || last.train().accuracy() < 0.95
        || last.train().accuracy() - last.validation().accuracy() < 0.15) {
      return;
    }
    double before = all.get(all.size() - 6).validation().loss();
    if (history.hasEnded()) {
      see(
          Symptom.MEMORIZED,
          "at the end %.1f %% of the training images are right and %.1f %% of the validation's",
          100 * last.train().accuracy(),
          100 * last.validation().accuracy());
    } else if (last.train().accuracy() - last.validation().accuracy() >= 0.2
        && last.validation().loss() > 0.97 * before) {
      see(
          Symptom.MEMORIZED,
          "%.1f %% of the training images are right and %.1f %% of the validation's, whose loss has"
              + " not fallen for 5 evaluations",
          100 * last.train().accuracy(),
          100 * last.validation().accuracy());
    }
  }

  private void collapsed() {
    Checkup last = history.last();
    Checkup.Judgement judged = last.validation() == null ? last.train() : last.validation();
    if (!enoughSteps() && history.progress() < 0.5) {
      return;
    }
    if (judged.largestPredictedShare() > 0.9 && judged.largestShare() < 0.6) {
      see(
          Symptom.COLLAPSED,
          "one class gets %.0f %% of the predictions and has %.0f %% of the images",
          100 * judged.largestPredictedShare(),
          100 * judged.largestShare());
      return;
    }
    double macro = judged.macroRecall();
    for (int c = 0; c < judged.supports().size(); c++) {
      int support = judged.supports().get(c);
      int hits = judged.hits().get(c);
      if (support >= 10
          && hits < 0.3 * macro * support
          && chanceOfSoFew(hits, support, macro) * judged.supports().size() < UNLIKELY) {
        see(
            Symptom.COLLAPSED,
            "of the class %s only %d of %d images are found, of all classes %.0f %%",
            history.facts().nameOf(c),
            hits,
            support,
            100 * macro);
        return;
      }
    }
  }

  /** That at most so many of {@code images} are found where each is with {@code probability}. */
  private static double chanceOfSoFew(int hits, int images, double probability) {
    double chance = Math.pow(1 - probability, images);
    double sum = chance;
    for (int i = 0; i < hits; i++) {
      chance *= (double) (images - i) / (i + 1) * probability / (1 - probability);
      sum += chance;
    }
    return sum;
  }

  /**
   * Training and validation images are judged alike, without augmentation. Only wrong labels in
   * training make the former look harder.
   */
  private void reversed() {
    for (Checkup checkup : history.checkups()) {
      if (checkup.step() == 0 || checkup.validation() == null) {
        continue;
      }
      // the classes may be mixed otherwise in validation: of each class, then, too
      double lead =
          Math.min(
              checkup.validation().accuracy() - checkup.train().accuracy(),
              checkup.validation().macroRecall() - checkup.train().macroRecall());
      double error =
          Math.hypot(checkup.validation().standardError(), checkup.train().standardError());
      double much = Math.min(0.1, 0.15 * checkup.validation().accuracy());
      if (lead > Math.max(much, 4 * error)) {
        see(
            Symptom.REVERSED,
            "%.1f %% of the validation images were right and %.1f %% of the training's after step"
                + " %d",
            100 * checkup.validation().accuracy(),
            100 * checkup.train().accuracy(),
            checkup.step());
        return;
      }
    }
  }

  private void unlearned() {
    double skill = history.skill(history.last().train());
    if (history.hasEnded() && seen.isEmpty() && skill < LEARNED_MUCH) {
      see(
          Symptom.UNLEARNED,
          "the training loss is %.4g, and guessing costs %.4g",
          history.last().train().loss(),
          history.facts().judged().guessing());
    }
  }

  /** The run says something else of the same images than the doctor does. */
  private void inconsistent() {
    Checkup last = history.last();
    if (last.validation() == null) {
      return;
    }
    history
        .underratedValidation()
        .ifPresent(
            report ->
                see(
                    Symptom.INCONSISTENT,
                    "the run reports %.1f %% on the validation images, in evaluation mode it is"
                        + " %.1f %%",
                    100 * report.validationAccuracy(),
                    100 * last.validation().accuracy()));
    double afterwards = last.train().accuracy();
    double training = history.reportOfLast().map(EpochReport::trainAccuracy).orElse(afterwards);
    if (training - afterwards > 0.15 && history.skill() > 0.3) {
      see(
          Symptom.INCONSISTENT,
          "the batches are right to %.1f %% while it trains on them, but the training images"
              + " afterwards to %.1f %%",
          100 * training,
          100 * afterwards);
    }
  }
}
