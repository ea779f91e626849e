package gradus.doctor.trial;

import gradus.data.DataLoader;
import gradus.doctor.Checkup;
import gradus.doctor.Examiner;
import gradus.doctor.LossRange;
import gradus.doctor.Subject;
import gradus.layer.Model;
import gradus.layer.Parameter;
import gradus.optim.GradientClipping;
import gradus.optim.Optimizer;
import gradus.tensor.Precision;
import gradus.train.Accumulation;
import gradus.train.TrainingSnapshot;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Does trials, as far as the budget goes, and puts model and optimizer back to the bit after each.
 * Loaders are its own, and its random streams too, so nothing of the run moves.
 */
public final class Trials {
  /**
   * Batches for which running statistics follow the weights before a trial is judged: a twentieth
   * is left of what they were, at the usual momentum.
   */
  public static final int SETTLING_BATCHES = 30;

  private static final double BUDGET = 0.05; // of the run
  private static final int LEAST_BUDGET = 400; // steps: seconds, even where 5 % would be none
  private static final int MOST_BATCHES = 3200; // for that, where steps are of many
  private static final int FOUR_TRIALS = 160; // steps, without which no cause is found
  private static final int JUDGED = 256;
  static final long SEED = 0x9D0C7042L;

  private final Subject subject;
  private final Examiner examiner;
  private final TrainingSnapshot beginning;
  private final LossRange judged;
  private final long budget;
  private final Map<String, TrialOutcome> fromBeginning = new HashMap<>();
  private GradientClipping clipping;
  private Precision precision = Precision.FP32;
  private TrialOutcome controlNow;
  private Trial latest;
  private final List<TrialOutcome> outcomes = new ArrayList<>();
  private int epoch;
  private double peakRate;
  private long steps;

  /**
   * Trials of a run.
   *
   * @param beginning its state before the first step, or null where trials are not allowed
   * @param judged the range of the cross-entropy that the examiner judges by
   * @param budget updates of the run's size in all
   */
  public Trials(
      Subject subject,
      Examiner examiner,
      TrainingSnapshot beginning,
      LossRange judged,
      long budget) {
    this.subject = subject;
    this.examiner = examiner;
    this.beginning = beginning;
    this.judged = judged;
    this.budget = budget;
  }

  /** How many steps of a run's may be spent on trials, fewer where each takes many batches. */
  public static long budget(long plannedSteps, Accumulation accumulation) {
    long affordable = Math.max(FOUR_TRIALS, MOST_BATCHES / accumulation.batches());
    return Math.max(Math.min(LEAST_BUDGET, affordable), Math.round(BUDGET * plannedSteps));
  }

  /** How the run shortens gradients, so that trials do, too; null if it does not. */
  public void clipping(GradientClipping value) {
    clipping = value;
  }

  /** The number format of the run, which trials have, too: what fails in it may not in another. */
  public void precision(Precision value) {
    precision = value;
  }

  /**
   * Where the run stands; controls from then on are new.
   *
   * @param highestRate the highest learning rate so far: what trials from the beginning have for
   *     the run's, whose schedule may have kept it far below the optimizer's first
   */
  public void at(int epochsDone, double highestRate) {
    epoch = epochsDone;
    if (highestRate != peakRate) {
      fromBeginning.clear(); // those had another learning rate
    }
    peakRate = highestRate;
    controlNow = null;
  }

  /** Updates done so far, in units of the run's, which cost as much as the images they see. */
  public long steps() {
    return steps;
  }

  /** All that was tried, whether it helped or not. */
  public List<TrialOutcome> outcomes() {
    return Collections.unmodifiableList(outcomes);
  }

  /** Whether they are allowed at all. */
  public boolean areAllowed() {
    return beginning != null;
  }

  /** Whether the budget is enough for a trial and the control it is compared with. */
  public boolean canAfford(Trial trial) {
    long control = cost(Trial.from(trial.start(), ""), trial.steps());
    return areAllowed() && steps + control + cost(trial, trial.steps()) <= budget;
  }

  /** The run itself, unchanged, from that state. Empty when the budget is used up. */
  public Optional<TrialOutcome> control(Trial.Start start) {
    if (start == Trial.Start.NOW && controlNow != null) {
      return Optional.of(controlNow);
    }
    Optional<TrialOutcome> outcome = carriedOut(Trial.from(start, "nothing changed"));
    if (start == Trial.Start.NOW) {
      controlNow = outcome.orElse(null);
    }
    return outcome;
  }

  /**
   * Does a trial; empty when the budget does not allow it. One from the beginning comes to the same
   * at the same rate, so that it is done once, unless it ended before it has answered what is
   * asked.
   */
  public Optional<TrialOutcome> run(Trial trial) {
    latest = trial;
    return carriedOut(trial);
  }

  /** Of several trials that help, this one is the best; null if none is what the run needs. */
  public void settleOn(Trial best) {
    latest = best;
  }

  /** The trial that was settled on or asked for last, controls apart; null if there is none. */
  public Trial latest() {
    return latest;
  }

  private Optional<TrialOutcome> carriedOut(Trial trial) {
    boolean repeatable = trial.start() == Trial.Start.BEGINNING;
    TrialOutcome known = repeatable ? fromBeginning.get(trial.name()) : null;
    if (known != null && trial.isAnsweredBy(known)) {
      return Optional.of(known);
    }
    if (beginning == null || steps + cost(trial, trial.steps()) > budget) {
      return Optional.empty();
    }
    TrialOutcome outcome = onCopyOfState(trial);
    steps += cost(trial, outcome.losses().size());
    outcomes.add(outcome);
    if (repeatable) {
      fromBeginning.put(trial.name(), outcome);
    }
    return Optional.of(outcome);
  }

  private TrialOutcome onCopyOfState(Trial trial) {
    double penalties = subject.optimizer().penaltyFactor();
    Double momentum = subject.optimizer().settings().get("momentum");
    List<Parameter> thawed = trial.thaws() ? frozen(subject.model()) : List.of();
    try (TrainingSnapshot now = new TrainingSnapshot(subject.model(), subject.optimizer())) {
      // What waits is the run's; where it is no number, no step of a trial would be taken.
      subject.model().parameters().forgetGradients();
      try {
        if (trial.start() == Trial.Start.BEGINNING) {
          beginning.restore();
        }
        thawed.forEach(parameter -> parameter.setFrozen(false));
        return carryOut(trial);
      } finally {
        thawed.forEach(parameter -> parameter.setFrozen(true));
        subject.optimizer().setPenaltyFactor(penalties);
        if (trial.momentum().isPresent()) {
          subject.optimizer().setMomentum(momentum);
        }
        now.restore();
        subject.model().parameters().forgetGradients();
      }
    }
  }

  private static List<Parameter> frozen(Model model) {
    return model.parameters().list().stream()
        .filter(p -> p.kind() != Parameter.Kind.STATISTIC && !p.isTrainable())
        .toList();
  }

  /** Of so many of its steps, in steps of the run. */
  private long cost(Trial trial, int done) {
    long usual = Math.max(1, subject.imagesPerUpdate());
    return Math.max(1, done * trial.imagesPerUpdate(subject) / usual);
  }

  private TrialOutcome carryOut(Trial trial) {
    trial.prepare(subject.model());
    DataLoader.Builder settings = trial.settings(subject.train()).workers(0);
    if (trial.optimizer() != null) {
      try (Optimizer other = trial.optimizer().apply(subject.model().parameters())) {
        return carryOut(trial, settings, other);
      }
    }
    if (trial.start() == Trial.Start.BEGINNING && peakRate > 0) {
      subject.optimizer().setLearningRate(peakRate);
    }
    return carryOut(trial, settings, subject.optimizer());
  }

  private TrialOutcome carryOut(Trial trial, DataLoader.Builder settings, Optimizer optimizer) {
    optimizer.setLearningRate(trial.rateFor(optimizer.learningRate()));
    trial.momentum().ifPresent(optimizer::setMomentum);
    if (!trial.penalises()) {
      optimizer.setPenaltyFactor(0);
    }
    TrialLoop loop = new TrialLoop(subject, trial, optimizer, clippingOf(trial), precision);
    try (DataLoader loader = settings.build();
        DataLoader sample =
            Examiner.sample(
                trial.settings(subject.train()), loader.dataset().size(), JUDGED, SEED)) {
      boolean anew = trial.start() == Trial.Start.BEGINNING;
      int firstEpoch = anew ? 0 : epoch;
      if (anew) {
        loop.settleStatistics(loader, firstEpoch);
      }
      Checkup.Judgement before = examiner.judge(sample);
      boolean finite = loop.run(loader, firstEpoch);
      if (finite) {
        loop.settleStatistics(loader, firstEpoch);
      }
      Checkup.Judgement after = examiner.judge(sample);
      double loss = finite ? after.loss() : Double.POSITIVE_INFINITY;
      return new TrialOutcome(
          trial.name(),
          before.loss(),
          loss,
          judged.learned(loss),
          after.accuracy(),
          loop.losses(),
          trial.others().stream().map(examiner::judge).toList());
    }
  }

  private GradientClipping clippingOf(Trial trial) {
    if (trial.clipNorm().isPresent()) {
      return new GradientClipping(subject.model().parameters(), trial.clipNorm().getAsDouble());
    }
    return trial.clips() ? clipping : null;
  }
}
