package gradus.train;

import gradus.GradusException;
import gradus.autograd.Pass;
import gradus.autograd.Tensor;
import gradus.data.DataLoader;
import gradus.data.Epoch;
import gradus.layer.Model;
import gradus.loss.Loss;
import gradus.metric.Accuracy;
import gradus.optim.Optimizer;
import gradus.schedule.Schedule;
import gradus.tensor.Batch;
import java.util.ArrayList;
import java.util.List;

/**
 * The training loop. What else happens around a step, such as progress, metrics and checkpoints, is
 * a {@link TrainingListener}.
 *
 * <pre>{@code
 * Trainer trainer = new Trainer(model, new CrossEntropyLoss(), optimizer).seed(1).listener(progress);
 * TrainingReport report = trainer.fit(trainLoader, validationLoader, 10);
 * }</pre>
 */
public final class Trainer {
  private final Model model;
  private final Loss loss;
  private final Optimizer optimizer;
  private final Evaluator evaluator;
  private final List<TrainingListener> listeners = new ArrayList<>();
  private final double initialRate;
  private Schedule schedule = Schedule.constant();
  private long seed;
  private volatile boolean stopRequested;

  /** A loop that makes {@code loss} of {@code model} small with {@code optimizer}. */
  public Trainer(Model model, Loss loss, Optimizer optimizer) {
    this.model = model;
    this.loss = loss;
    this.optimizer = optimizer;
    this.initialRate = optimizer.learningRate();
    this.evaluator = new Evaluator(model, loss);
  }

  /** The seed of dropout; the same seed gives the same run. Default 0. */
  public Trainer seed(long value) {
    seed = value;
    return this;
  }

  /** How the learning rate of the optimizer changes over the epochs; by default it stays. */
  public Trainer schedule(Schedule value) {
    schedule = value;
    return this;
  }

  /** Adds somebody who watches. */
  public Trainer listener(TrainingListener listener) {
    listeners.add(listener);
    return this;
  }

  /** Ends the run after the current step. Safe from any thread. */
  public void stop() {
    stopRequested = true;
  }

  /**
   * Trains.
   *
   * @param validation what the model is judged on after every epoch, or null for none
   * @throws GradusException if {@code epochs} is below 1
   */
  public TrainingReport fit(DataLoader train, DataLoader validation, int epochs) {
    if (epochs < 1) {
      throw new GradusException("epochs is " + epochs + ", but must be at least 1.");
    }
    long start = System.nanoTime();
    listeners.forEach(l -> l.onStart(epochs));
    List<EpochReport> reports = new ArrayList<>();
    Totals run = new Totals();
    StopReason reason = StopReason.COMPLETED;
    for (int epoch = 1; epoch <= epochs && reason == StopReason.COMPLETED; epoch++) {
      Totals totals = new Totals();
      reason = trainEpoch(train, epoch, totals);
      run.add(totals);
      if (reason == StopReason.COMPLETED) {
        Evaluation judged = validation == null ? Evaluation.NONE : evaluator.evaluate(validation);
        EpochReport report = totals.report(epoch, judged, optimizer.learningRate());
        reports.add(report);
        listeners.forEach(l -> l.onEpoch(report));
        reason = stopRequested && epoch < epochs ? StopReason.REQUESTED : reason;
      }
    }
    TrainingReport report =
        new TrainingReport(reports, reason, run.steps, seconds(start), run.examples / run.seconds);
    listeners.forEach(l -> l.onEnd(report));
    return report;
  }

  private StopReason trainEpoch(DataLoader train, int epoch, Totals totals) {
    long start = System.nanoTime();
    StopReason reason = StopReason.COMPLETED;
    try (Epoch batches = train.epoch(epoch - 1)) {
      int steps = batches.batches();
      for (Batch batch : batches) {
        StepReport step = trainStep(batch, epoch, totals.steps + 1, steps);
        totals.add(step);
        for (int i = 0; i < listeners.size(); i++) {
          listeners.get(i).onStep(step);
        }
        if (!Float.isFinite(step.loss())) {
          reason = StopReason.NON_FINITE_LOSS;
          break;
        }
        if (stopRequested && totals.steps < steps) {
          reason = StopReason.REQUESTED;
          break;
        }
      }
    }
    totals.seconds = seconds(start);
    return reason;
  }

  private StepReport trainStep(Batch batch, int epoch, int step, int steps) {
    double time = epoch - 1 + (double) (step - 1) / steps;
    optimizer.setLearningRate(initialRate * schedule.factor(time));
    try (Pass pass = Pass.training(model.backend(), seed * 1_000_003L + optimizer.steps())) {
      Tensor logits = model.forward(pass.images(batch));
      Tensor labels = pass.labels(batch);
      Tensor target = batch.targets() == null ? labels : pass.targets(batch);
      Tensor value = loss.apply(logits, target);
      Tensor correct = Accuracy.correct(logits, labels);
      float lossValue = value.item();
      if (Float.isFinite(lossValue)) { // a loss that is no number must not reach the weights
        pass.backward(value);
        optimizer.step();
      }
      return new StepReport(
          epoch,
          step,
          steps,
          batch.size(),
          lossValue,
          (int) correct.item(),
          optimizer.learningRate());
    }
  }

  private static double seconds(long startNanos) {
    return (System.nanoTime() - startNanos) * 1e-9;
  }

  /** Sums of an epoch or of a run. */
  private static final class Totals {
    private int steps;
    private long examples;
    private long correct;
    private double lossSum;
    private double seconds;

    void add(StepReport step) {
      steps++;
      examples += step.examples();
      correct += step.correct();
      lossSum += (double) step.loss() * step.examples();
    }

    void add(Totals other) {
      steps += other.steps;
      examples += other.examples;
      correct += other.correct;
      lossSum += other.lossSum;
      seconds += other.seconds;
    }

    EpochReport report(int epoch, Evaluation validation, double learningRate) {
      return new EpochReport(
          epoch,
          lossSum / examples,
          (double) correct / examples,
          validation.loss(),
          validation.accuracy(),
          learningRate,
          seconds,
          examples / seconds);
    }
  }
}
