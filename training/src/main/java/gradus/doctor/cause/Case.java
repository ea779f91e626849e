package gradus.doctor.cause;

import gradus.doctor.Diagnosis;
import gradus.doctor.Evidence;
import gradus.doctor.Finding;
import gradus.doctor.History;
import gradus.doctor.Remedy;
import gradus.doctor.Subject;
import gradus.doctor.Symptom;
import gradus.doctor.trial.Trial;
import gradus.doctor.trial.TrialOutcome;
import gradus.doctor.trial.Trials;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A run with its symptoms.
 *
 * @param subject what it is made of
 * @param history what is known of it
 * @param symptoms and the numbers they show in; at least one
 * @param trials what can be tried
 */
public record Case(Subject subject, History history, Map<Symptom, String> symptoms, Trials trials) {
  /** One statistic speaks for the cause. */
  public static final double SUSPECTED = 0.5;

  /** So does another, which its likes do not have. */
  public static final double LIKELY = 0.75;

  /** Changing it, and nothing else, has removed the symptom. */
  public static final double CONFIRMED = 0.9;

  private static final int HALF = 20; // steps of a trial
  private static final int FEW = 5;
  private static final double PLAIN = 0.25; // of what is to be learned, where 0.05 is asked for
  private static final double SAME = 0.98;
  private static final double DWINDLED = 0.05; // of the highest rate
  private static final double FALLEN = 0.5; // likewise

  private static final Set<Symptom> FAILURES =
      EnumSet.of(Symptom.NON_FINITE, Symptom.DIVERGING, Symptom.FLAT);

  /** Whether there is one of these symptoms. */
  public boolean shows(Symptom... some) {
    for (Symptom symptom : some) {
      if (symptoms.containsKey(symptom)) {
        return true;
      }
    }
    return false;
  }

  /** Whether the run has learned nothing, so that there is no state worth going on from. */
  public boolean hasFailed() {
    return symptoms.keySet().stream().anyMatch(FAILURES::contains);
  }

  /** Whether it learns less than it should, in whatever way. */
  public boolean learnsBadly() {
    return hasFailed() || shows(Symptom.SLOW, Symptom.STALLED, Symptom.OSCILLATING);
  }

  /**
   * Whether what was unusual before training may be why it got no further: it learns badly, or much
   * is left at the end.
   */
  public boolean leavesMuch() {
    return learnsBadly() || shows(Symptom.STILL_IMPROVING, Symptom.UNLEARNED);
  }

  /**
   * Where trials of the training itself begin. At a rate that a schedule has brought to nearly 0
   * nothing goes on, whatever is changed; nor is it what the run was made with.
   */
  public Trial.Start start() {
    return hasFailed() || hasDwindled() ? Trial.Start.BEGINNING : Trial.Start.NOW;
  }

  private boolean hasDwindled() {
    return isBelow(DWINDLED);
  }

  private boolean isBelow(double ofPeak) {
    return subject.optimizer().learningRate() < ofPeak * history.steps().peakRate();
  }

  /** The learning rate that trials from {@link #start} have where they change nothing. */
  public double rate() {
    return start() == Trial.Start.BEGINNING
        ? history.steps().peakRate()
        : subject.optimizer().learningRate();
  }

  /**
   * Does a trial from {@link #start}, and returns its outcome if it removes the symptom. It ends as
   * soon as that is plain.
   */
  public Optional<TrialOutcome> cure(Trial trial) {
    return hasFailed() ? cureFromTheBeginning(trial) : improvement(trial);
  }

  /**
   * The same without what makes training harder by its nature, and in a healthy run, too. At the
   * beginning, where every loss falls, it must fall three times as far for that to be too much, or
   * as far below guessing.
   */
  Optional<TrialOutcome> relief(Trial trial) {
    if (hasFailed() || trial.start() == Trial.Start.NOW) {
      return cure(trial);
    }
    return trials
        .control(trial.start())
        .flatMap(
            control ->
                trials
                    .run(trial)
                    .filter(o -> o.fallsMuchFurtherThan(control) || o.learnsMuchMoreThan(control)));
  }

  /** The same of another beginning: of what there is before the first step. */
  Optional<TrialOutcome> cureFromTheBeginning(Trial trial) {
    return learns(trial, skillWithout(trial)).filter(o -> isMoreThanTime(trial, o));
  }

  /**
   * Does a trial from the beginning, and returns its outcome if it learns more than is learned
   * without its change. It ends as soon as that is plain.
   */
  Optional<TrialOutcome> learns(Trial trial, double without) {
    double plain = history.facts().own().at(Math.max(0, without) + PLAIN);
    Optional<TrialOutcome> outcome =
        trials.run(
            trial.until(
                losses ->
                    !trial.isInFull() && losses.size() >= HALF && latest(losses, FEW) < plain));
    // In evaluation mode it may look otherwise, until running statistics have followed.
    if (outcome.filter(o -> endedEarly(trial, o) && !o.learnsWhere(without)).isPresent()) {
      outcome = trials.run(trial.until(losses -> false));
    }
    return outcome.filter(o -> o.learnsWhere(without));
  }

  /**
   * Of a run that was too short to judge by: a loss that begins to fall steeply is lower for
   * whatever makes it begin a little sooner.
   */
  private boolean isMoreThanTime(Trial trial, TrialOutcome outcome) {
    return !isTooShortFor(trial)
        || trials.control(Trial.Start.BEGINNING).filter(outcome::fellBefore).isPresent();
  }

  /** One that stayed flat for fewer steps than a trial has may just have needed more. */
  private boolean isTooShortFor(Trial trial) {
    return shows(Symptom.FLAT) && isShorterThan(trial);
  }

  /** Under a schedule that lowers the rate, steps count half. */
  private boolean isShorterThan(Trial trial) {
    return stepsDone() < (isBelow(FALLEN) ? 2L : 1L) * trial.steps();
  }

  private static boolean endedEarly(Trial trial, TrialOutcome outcome) {
    return outcome.losses().size() < trial.steps() && Double.isFinite(outcome.lossAfter());
  }

  /**
   * Does a trial, and returns its outcome if the loss falls much further than without it. From
   * where the run stands it ends halfway if its losses are those of the run unchanged.
   */
  public Optional<TrialOutcome> improvement(Trial trial) {
    Optional<TrialOutcome> control = trials.control(trial.start());
    if (control.isEmpty()) {
      return Optional.empty();
    }
    List<Double> unchanged = control.get().losses();
    return trials
        .run(
            trial.until(
                losses ->
                    trial.start() == Trial.Start.NOW
                        && losses.size() == HALF
                        && unchanged.size() >= HALF
                        && latest(losses, HALF / 2)
                            > SAME * latest(unchanged.subList(0, HALF), HALF / 2)))
        .filter(outcome -> outcome.losses().size() == trial.steps())
        .filter(outcome -> outcome.beats(control.get()));
  }

  /**
   * Does the first steps of the run again, and returns what came of them if they learn more than
   * the run has learned by now. They end halfway if their loss stays.
   */
  public Optional<TrialOutcome> again() {
    return trials
        .run(
            Trial.from(Trial.Start.BEGINNING, "nothing changed at all")
                .withoutClipping()
                .until(
                    losses ->
                        losses.size() == HALF
                            && latest(losses, HALF / 2)
                                > SAME * latest(losses.subList(0, HALF / 2), HALF / 2)))
        .filter(outcome -> outcome.learnsWhere(history.skill(history.last().train())));
  }

  /**
   * Of a run that has ended with little learned, in fewer steps than a trial has: does a trial's,
   * and returns what came of them if they learn more.
   */
  Optional<TrialOutcome> goneOn() {
    Trial unchanged = Trial.from(Trial.Start.BEGINNING, "nothing changed");
    if (!history.hasEnded() || !shows(Symptom.FLAT, Symptom.SLOW) || !isShorterThan(unchanged)) {
      return Optional.empty();
    }
    double learned = history.skill(history.last().train());
    return trials.control(unchanged.start()).filter(outcome -> outcome.learnsWhere(learned));
  }

  /** Updates of the run, those before it was resumed included. */
  long stepsDone() {
    return history.stepsBefore() + history.steps().steps();
  }

  /** The mean of the last so many. */
  private static double latest(List<Double> losses, int count) {
    return losses.subList(losses.size() - count, losses.size()).stream()
        .mapToDouble(Double::doubleValue)
        .average()
        .orElseThrow();
  }

  /**
   * What the run itself had learned after as many steps as a trial has; where it has failed or
   * learns well enough, after all of its steps.
   */
  private double skillWithout(Trial trial) {
    double skill =
        learnsBadly() && (!hasFailed() || isTooShortFor(trial))
            ? trials.control(Trial.Start.BEGINNING).map(TrialOutcome::skill).orElse(1.0)
            : history.skill(history.last().train());
    return Double.isFinite(skill) ? skill : 0; // a loss that is no number has taught nothing
  }

  /** What an update of a run that accumulates is made of. */
  String updateInWords() {
    History.Facts facts = history.facts();
    return String.format(
        Locale.ROOT,
        "%,d images (%,d accumulated batches of %,d)",
        facts.imagesPerUpdate(),
        facts.accumulation().batches(),
        facts.batchSize());
  }

  /** The call for a schedule that ends with the run. */
  String cosine() {
    return "trainer.schedule(Schedule.cosine(" + history.facts().epochs() + "))";
  }

  /** The calls for such a schedule from another learning rate. */
  String cosineFrom(String rate) {
    return "optimizer.setLearningRate(" + rate + "); " + cosine();
  }

  /** The cause of all this. */
  public Finding primary(
      Diagnosis diagnosis, double confidence, String cause, Remedy remedy, Evidence... facts) {
    Symptom symptom = symptoms.keySet().iterator().next();
    List<Evidence> evidence = new ArrayList<>();
    for (Map.Entry<Symptom, String> seen : symptoms.entrySet()) {
      evidence.add(
          Evidence.of("Symptom: " + seen.getKey().sentence() + " (" + seen.getValue() + ")."));
    }
    if (history.facts().accumulates()) {
      evidence.add(Evidence.of("A step is an update from " + updateInWords() + "."));
    }
    evidence.addAll(List.of(facts));
    return new Finding(
        diagnosis,
        Finding.Role.PRIMARY,
        confidence,
        symptom,
        cause,
        evidence,
        remedy,
        history.last().epoch(),
        history.steps().steps());
  }

  /** What a note from before training becomes now that there is a symptom. */
  public Finding primary(Finding note, double confidence, Evidence... facts) {
    List<Evidence> all = new ArrayList<>(note.evidence());
    all.addAll(List.of(facts));
    return primary(
        note.diagnosis(), confidence, note.cause(), note.remedy(), all.toArray(new Evidence[0]));
  }
}
