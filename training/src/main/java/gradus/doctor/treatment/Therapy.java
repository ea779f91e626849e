package gradus.doctor.treatment;

import gradus.doctor.Checkup;
import gradus.doctor.Diagnosis;
import gradus.doctor.Evidence;
import gradus.doctor.Finding;
import gradus.doctor.Subject;
import gradus.doctor.trial.Trial;
import gradus.doctor.trial.TrialOutcome;
import gradus.doctor.trial.Trials;
import gradus.train.TrainingSnapshot;
import gradus.train.Treatable;
import gradus.weights.WeightSnapshot;
import java.util.Locale;
import java.util.Optional;

/**
 * Treats a run, once: applies what has removed the symptom in a trial, if it is something that can
 * be changed in the run itself, and looks what comes of it. What does not help is undone.
 */
public final class Therapy implements AutoCloseable {
  private static final double CONFIRMED = 0.9;
  private static final int USUAL_BATCH = 64;
  private static final double FALLEN = 0.5; // of the highest rate

  private final Treatable run;
  private final Subject subject;
  private final TrainingSnapshot beginning;
  private WeightSnapshot best;
  private double lowest = Double.POSITIVE_INFINITY;
  private int bestEpoch;
  private Treatment given;
  private Checkup before;
  private Treatable.Mark mark; // of the run before the treatment, until it is known to help
  private boolean undone;

  /**
   * Of a run that begins.
   *
   * @param beginning its state before the first step
   */
  public Therapy(Treatable run, Subject subject, TrainingSnapshot beginning) {
    this.run = run;
    this.subject = subject;
    this.beginning = beginning;
  }

  /** Whether the run has been treated. */
  public boolean isGiven() {
    return given != null;
  }

  /**
   * Treats before the first step what is wrong with certainty, where nothing is lost by it and a
   * trial does better than the run as it is.
   *
   * @return the finding, with what was done if something was
   */
  public Finding treatAtStart(Finding finding, Trials trials, Checkup now) {
    if (finding.diagnosis() != Diagnosis.DEAD_RELU) {
      return finding;
    }
    Trial cure =
        Trial.from(Trial.Start.BEGINNING, "biases that begin at 0").prepare(Treatment::clearBiases);
    Optional<TrialOutcome> cured = trials.run(cure);
    Optional<TrialOutcome> control = trials.control(Trial.Start.BEGINNING);
    if (cured.isEmpty() || control.filter(c -> c.isWorseThan(cured.get())).isEmpty()) {
      return finding;
    }
    return treat(
        finding.confirmed(finding.confidence(), control.get().evidence(), cured.get().evidence()),
        cure,
        0,
        now);
  }

  /** An epoch has ended so: its weights are kept if they are the best. */
  public void epochDone(Checkup checkup) {
    if (given == null && checkup.validation() != null && checkup.validation().loss() < lowest) {
      lowest = checkup.validation().loss();
      bestEpoch = checkup.epoch();
      if (best == null) {
        best = new WeightSnapshot(subject.model());
      } else {
        best.capture();
      }
    }
  }

  /**
   * Treats the run for a finding, if it can be treated.
   *
   * @param cure the trial that has confirmed it, or null
   * @param peakRate the highest learning rate so far
   * @param now how the run stands
   * @return the finding, with what was done if something was
   */
  public Finding treat(Finding finding, Trial cure, double peakRate, Checkup now) {
    Treatment treatment =
        given != null || finding.confidence() < CONFIRMED ? null : choose(finding, cure, peakRate);
    if (treatment == null) {
      return finding;
    }
    given = treatment;
    before = now;
    mark = run.mark();
    treatment.apply(run);
    String done =
        "Treated for " + finding.diagnosis().label() + ": goes on with " + treatment.sentence();
    run.tell(done);
    return finding.confirmed(finding.confidence(), Evidence.of(done + "."));
  }

  /** What fits the finding, or null. */
  private Treatment choose(Finding finding, Trial cure, double peakRate) {
    if (finding.diagnosis() == Diagnosis.OVERFITTING) {
      return best == null ? null : Treatment.stopWithBest(best, bestEpoch);
    }
    if (cure == null) {
      return null;
    }
    return switch (finding.diagnosis()) {
      case LR_TOO_HIGH, LR_TOO_LOW -> startedLike(cure, pace(cure, peakRate));
      case EXPLODING_GRADIENTS ->
          cure.clipNorm().isEmpty()
              ? null // what was tried last is no cure
              : startedLike(cure, Treatment.clipNorm(cure.clipNorm().getAsDouble()), peakRate);
      case LR_SCHEDULE_COLLAPSE -> Treatment.freshCosine(cure.rateFor(peakRate));
      case BAD_INITIALIZATION, DEAD_RELU ->
          Treatment.newWeights(cure.name(), beginning, subject.model(), cure::prepare);
      case DATA_NOT_SHUFFLED -> startedLike(cure, Treatment.shuffle(subject.seed()), peakRate);
      case BATCH_TOO_SMALL -> largerUpdates(cure, peakRate);
      case OVER_REGULARIZATION ->
          startedLike(cure, Treatment.weakerRegularization().settling(rate(cure, peakRate)));
      default -> null; // the network, the data or the code is to be changed by its owner
    };
  }

  /** Or null where the batch itself has to be larger: what it is to batch norms stays the same. */
  private Treatment largerUpdates(Trial cure, double peakRate) {
    int before = subject.imagesPerUpdate();
    long cured = cure.imagesPerUpdate(subject);
    if (cured <= before) {
      return null;
    }
    int factor = (int) (Math.max(cured, USUAL_BATCH) / before);
    return startedLike(cure, Treatment.accumulate(factor, subject.accumulation()), peakRate);
  }

  /** The rate of the trial at first: few steps are left, and in them the weights are to settle. */
  private Treatment pace(Trial cure, double peakRate) {
    Treatment settling = Treatment.freshCosine(rate(cure, peakRate));
    return cure.momentum().isEmpty()
        ? settling
        : settling.withMomentum(cure.momentum().getAsDouble());
  }

  private double rate(Trial cure, double peakRate) {
    return cure.rateFor(
        cure.start() == Trial.Start.BEGINNING ? peakRate : subject.optimizer().learningRate());
  }

  private Treatment startedLike(Trial cure, Treatment treatment) {
    return cure.start() == Trial.Start.BEGINNING ? treatment.from(beginning) : treatment;
  }

  /** Of a treatment without a rate of its own: what the schedule has left may move nothing. */
  private Treatment startedLike(Trial cure, Treatment treatment, double peakRate) {
    boolean hasFallen = subject.optimizer().learningRate() < FALLEN * peakRate;
    return cure.start() == Trial.Start.BEGINNING && hasFallen
        ? startedLike(cure, treatment.settling(peakRate))
        : startedLike(cure, treatment);
  }

  /**
   * An epoch has ended so, after the treatment: the first tells whether it helps, and if it does
   * not the run is put back to what it was.
   *
   * @return whether it was put back
   */
  public boolean follow(Checkup now) {
    if (mark == null) {
      return false;
    }
    String sentence = comparison(now);
    if (hasHelped(now)) {
      run.tell(sentence);
    } else {
      undone = true;
      mark.goBack();
      run.tell("Undone: " + sentence + " The run goes on as it was before.");
    }
    mark.close();
    mark = null;
    return undone;
  }

  /** What has come of the treatment, in words. */
  public Evidence result(Checkup now) {
    return Evidence.of(
        undone ? "It has not helped in the epoch that followed, and was undone." : comparison(now));
  }

  private boolean hasHelped(Checkup now) {
    return judgement(now).loss() < judgement(before).loss();
  }

  private String comparison(Checkup now) {
    Checkup.Judgement then = judgement(before);
    Checkup.Judgement since = judgement(now);
    return String.format(
        Locale.ROOT,
        "Before the treatment in epoch %d the loss on %s images was %.4g (%.1f %% right), now"
            + " it is %.4g (%.1f %% right): %s.",
        before.epoch(),
        before.validation() == null ? "training" : "validation",
        then.loss(),
        100 * then.accuracy(),
        since.loss(),
        100 * since.accuracy(),
        hasHelped(now) ? "it has helped" : "it has not helped");
  }

  private static Checkup.Judgement judgement(Checkup checkup) {
    return checkup.validation() == null ? checkup.train() : checkup.validation();
  }

  @Override
  public void close() {
    if (best != null) {
      best.close();
      best = null;
    }
    if (mark != null) {
      mark.close();
      mark = null;
    }
  }
}
