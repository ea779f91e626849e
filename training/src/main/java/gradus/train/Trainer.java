package gradus.train;

import gradus.GradusException;
import gradus.data.DataLoader;
import gradus.data.Epoch;
import gradus.layer.Model;
import gradus.loss.Loss;
import gradus.metric.ValidationMetric;
import gradus.optim.GradScaler;
import gradus.optim.GradientClipping;
import gradus.optim.Optimizer;
import gradus.optim.WeightAverage;
import gradus.schedule.LearningRate;
import gradus.schedule.ReduceLROnPlateau;
import gradus.schedule.Schedule;
import gradus.tensor.Batch;
import gradus.tensor.Precision;
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
  private final Optimizer optimizer;
  private final Evaluator evaluator;
  private final List<TrainingListener> listeners = new ArrayList<>();
  private final TrainingStep step;
  private final LearningRate rate;
  private final String optimizerSettings;
  private final AfterEpoch afterEpoch;
  private List<Model> copies = List.of(); // on further devices
  private Checkpoints checkpoints;
  private boolean resumes;
  private long seed;
  private String data; // name, size and labels of the training set
  private int batchesExpected; // of a resumed run; 0 if unknown
  private volatile boolean stopRequested;
  private TreatingListener doctor;
  private TreatedRun treated;

  /**
   * A loop that makes {@code loss} of {@code model} small with {@code optimizer}.
   *
   * @throws GradusException if that was made of another model's parameters
   */
  public Trainer(Model model, Loss loss, Optimizer optimizer) {
    if (optimizer.parameters() != model.parameters()) {
      throw new GradusException(
          "The optimizer updates the parameters of another model, so this one would stay as it is:"
              + " make it of model.parameters().");
    }
    this.model = model;
    this.optimizer = optimizer;
    this.rate = LearningRate.of(optimizer);
    this.step = new TrainingStep(model, loss, optimizer);
    this.step.beforeUpdate(this::tellOfGradients);
    this.optimizerSettings = optimizer.toString();
    this.evaluator = new Evaluator(model, loss);
    this.afterEpoch = new AfterEpoch(model);
  }

  /** The seed of dropout; the same seed gives the same run. Default 0. */
  public Trainer seed(long value) {
    seed = value;
    step.seed(value);
    return this;
  }

  /**
   * The number format of training steps; default float32. Weights stay float32 in any, and so does
   * validation, whose numbers are those of the weights that are saved. With float16 the loss is
   * scaled by a {@link GradScaler}, as Lightning's {@code 16-mixed} does: gradients are unscaled
   * before they are clipped and before listeners see them, and an update whose gradients overflowed
   * is left out.
   *
   * @throws GradusException if the backend cannot train in it
   */
  public Trainer precision(Precision value) {
    step.precision(value);
    return this;
  }

  /**
   * Trains on several devices at once: each works out the gradient of its share of every batch, the
   * sum of them updates the model, and the copies get its new weights. As in PyTorch's
   * DistributedDataParallel, batch norm and a loss with class weights see shares, and the running
   * statistics are those of the model's own. Validation and the optimizer are on the model's device
   * alone. The loss is asked by several threads at once, and a step must reach the same parameters
   * on every device.
   *
   * @param values what {@link Model#build} made of the same network on a backend each, which need
   *     not be of the same kind; the caller closes them
   * @throws GradusException if one is no such copy
   */
  public Trainer replicas(List<Model> values) {
    Replicas.requireCopies(model, values);
    copies = List.copyOf(values);
    return this;
  }

  /** How the learning rate of the optimizer changes over the epochs; by default it stays. */
  public Trainer schedule(Schedule value) {
    rate.schedule(value);
    return this;
  }

  /**
   * Makes the rate smaller when the validation stops getting better, on top of the {@link
   * #schedule}. It hears of the validation once per epoch.
   */
  public Trainer reduceOnPlateau(ReduceLROnPlateau value) {
    afterEpoch.reduceOnPlateau(value);
    rate.reduceOnPlateau(value);
    return this;
  }

  /** Ends the run when the validation stops getting better, and keeps the best weights. */
  public Trainer earlyStopping(EarlyStopping value) {
    afterEpoch.earlyStopping(value);
    return this;
  }

  /**
   * Measures these at every validation, for {@link EpochReport#metrics}; by default none. What
   * early stopping and the plateau watch is measured without being asked for here.
   */
  public Trainer metrics(ValidationMetric<?>... values) {
    afterEpoch.metrics(List.of(values));
    return this;
  }

  /** Shortens the gradient of an update to this norm; see {@link GradientClipping}. */
  public Trainer clipGradientNorm(double maxNorm) {
    step.clip(new GradientClipping(model.parameters(), maxNorm));
    return this;
  }

  /** Clips each element of an update's gradient; see {@link GradientClipping#byValue}. */
  public Trainer clipGradientValue(double maxValue) {
    step.clip(GradientClipping.byValue(model.parameters(), maxValue));
    return this;
  }

  /**
   * Makes one update from the mean gradient of so many batches, as if they were one; what is left
   * at the end of an epoch makes one too. Exact for losses that are plain means over the batch.
   */
  public Trainer accumulate(int batches) {
    step.accumulate(batches);
    return this;
  }

  /**
   * Updates an average of the weights after every update, validates with it, and gives it to the
   * model at the end (EMA).
   */
  public Trainer average(WeightAverage value) {
    afterEpoch.average(value, 0);
    step.average(value);
    return this;
  }

  /**
   * Updates an average of the weights after each epoch from {@code firstEpoch} on, and gives it to
   * the model at the end, with batch normalisation recalibrated (SWA). Validation is of the weights
   * being trained.
   */
  public Trainer stochasticAverage(WeightAverage value, int firstEpoch) {
    if (firstEpoch < 1) {
      throw new GradusException(
          "The first averaged epoch is " + firstEpoch + ", but epochs count from 1.");
    }
    afterEpoch.average(value, firstEpoch);
    step.average(null);
    return this;
  }

  /**
   * Writes checkpoints into a folder, which must have none of an earlier run: see {@link #resume}.
   */
  public Trainer checkpoints(Checkpoints value) {
    checkpoints = value;
    return this;
  }

  /**
   * Goes on after the newest of the {@link #checkpoints}, with the same bits as if the run had
   * never stopped, or starts anew where there is none. Model, data, optimizer and settings must be
   * those of the run that wrote it; with another number of {@link #replicas} it goes on with other
   * bits.
   */
  public Trainer resume() {
    resumes = true;
    return this;
  }

  /** Adds somebody who watches; who may change the run as well is its {@link #doctor}. */
  public Trainer listener(TrainingListener listener) {
    if (listener instanceof TreatingListener treating) {
      doctor = treating;
    }
    if (listeners.stream().noneMatch(known -> known == listener)) {
      listeners.add(listener);
    }
    return this;
  }

  /**
   * Adds somebody who watches and may change the run. A loss that is no number ends the run only if
   * the doctor cannot put it back to a good state. What it changes is part of the checkpoints; what
   * it has seen is not, so that a resumed run may be treated otherwise.
   */
  public Trainer doctor(TreatingListener value) {
    return listener(value);
  }

  /**
   * Ends the run after the current step, or a resumed one before its first. Safe from any thread.
   */
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
    afterEpoch.requireConsistent(validation);
    if (resumes && checkpoints == null) {
      throw new GradusException("There is nothing to resume: call checkpoints(...) as well.");
    }
    try (TreatedRun own = new TreatedRun(model, optimizer, step, rate, afterEpoch, train, epochs);
        Replicas devices = step.replicas(copies)) {
      treated = own;
      step.share(devices);
      return run(train, validation, epochs);
    } finally {
      stopRequested = false; // another run may follow
      afterEpoch.release();
    }
  }

  private TrainingReport run(DataLoader train, DataLoader validation, int epochs) {
    long start = System.nanoTime();
    data = DataFingerprint.of(train.dataset());
    List<EpochReport> reports = begin(epochs);
    long stepsBefore = optimizer.steps();
    long skippedBefore = step.skipped();
    Totals run = new Totals();
    StopReason reason = reasonToEndAtOnce(reports, epochs);
    for (int epoch = reports.size() + 1;
        epoch <= epochs && reason == StopReason.COMPLETED;
        epoch++) {
      Totals totals = new Totals();
      reason = trainEpoch(treated.loader(), epoch, totals);
      run.add(totals);
      if (reason == StopReason.COMPLETED) {
        reports.add(judge(validation, epoch, totals));
        reason = finishEpoch(reports, totals.batches(), epoch == epochs);
      }
    }
    int bestEpoch = afterEpoch.chooseWeights(train);
    TrainingReport report =
        new TrainingReport(
            reports,
            reason,
            optimizer.steps() - stepsBefore + treated.undoneSteps(),
            seconds(start),
            run.imagesPerSecond(),
            bestEpoch,
            step.lossScaling(skippedBefore));
    listeners.forEach(l -> l.onEnd(report));
    return report;
  }

  /** The epochs done by an earlier run that this one goes on with. */
  private List<EpochReport> begin(int epochs) {
    afterEpoch.reset();
    rate.restart();
    step.forgetGradients(); // of a run before, or of a loop by hand
    step.restartScaling();
    Checkpoints.Found found = null;
    if (checkpoints != null) {
      checkpoints.prepare();
      if (resumes) {
        found = checkpoints.newestWhole();
      } else {
        checkpoints.requireEmpty();
      }
    }
    List<EpochReport> reports = new ArrayList<>();
    if (found != null) {
      Checkpointer checkpointer = checkpointer();
      RunState state = checkpointer.stateOf(found.file(), found.checkpoint());
      treated.restore(state.adjustments()); // with momentum the optimizer has one array more
      checkpointer.restore(found.file(), found.checkpoint());
      reports.addAll(state.epochs());
      step.resumeAt(state.passes());
      batchesExpected = state.batches();
    }
    if (doctor != null) {
      doctor.treats(treated);
    }
    listeners.forEach(l -> l.onStart(epochs));
    int done = reports.size();
    step.devices().ifPresent(several -> notice(done, "each batch is shared by " + several));
    tellNotices(done);
    if (found != null) {
      listeners.forEach(l -> l.onResume(List.copyOf(reports)));
      for (String damaged : found.damaged()) {
        notice(done, damaged);
      }
      notice(done, "resumed after epoch " + done + " from " + found.file());
    }
    return reports;
  }

  /** What the doctor has to say. */
  private void tellNotices(int epoch) {
    treated.takeNotices().forEach(sentence -> notice(epoch, sentence));
  }

  private void notice(int epoch, String sentence) {
    listeners.forEach(l -> l.onNotice(epoch, sentence));
  }

  /** What a resumed run ends with before its first step: its patience, or who watches it. */
  private StopReason reasonToEndAtOnce(List<EpochReport> earlier, int epochs) {
    if (afterEpoch.patienceIsLost()) {
      return StopReason.EARLY_STOPPING;
    }
    boolean stops = stopRequested && !earlier.isEmpty() && earlier.size() < epochs;
    return stops ? StopReason.REQUESTED : StopReason.COMPLETED;
  }

  private EpochReport judge(DataLoader validation, int epoch, Totals totals) {
    return afterEpoch.judge(
        evaluator,
        validation,
        judged -> {
          EpochReport report = totals.report(epoch, judged, optimizer.learningRate());
          listeners.forEach(l -> l.onJudged(report));
          return report;
        });
  }

  private StopReason finishEpoch(List<EpochReport> reports, int batches, boolean last) {
    EpochReport report = reports.get(reports.size() - 1);
    int epoch = report.epoch();
    afterEpoch.average(epoch);
    listeners.forEach(l -> l.onEpoch(report));
    tellNotices(epoch);
    afterEpoch.tellPlateau(report).ifPresent(sentence -> notice(epoch, sentence));
    StopReason reason = StopReason.COMPLETED;
    if (afterEpoch.patienceIsLost()) {
      reason = StopReason.EARLY_STOPPING;
      notice(epoch, "stopping early: " + afterEpoch.earlyStopping().sentence());
    } else if ((stopRequested || treated.stops()) && !last) {
      reason = StopReason.REQUESTED;
    }
    boolean ends = last || reason != StopReason.COMPLETED;
    if (checkpoints != null && (ends || checkpoints.isDue(epoch))) {
      checkpoints.write(
          checkpointer().save(step.passes(), batches, treated.adjustments(), reports));
    }
    return reason;
  }

  private Checkpointer checkpointer() {
    return new Checkpointer(
        model,
        optimizer,
        optimizerSettings,
        seed,
        step.givenAccumulation().batches(),
        step.precision(),
        step.scaler(),
        data,
        afterEpoch.plateau(),
        afterEpoch.earlyStopping(),
        afterEpoch.average());
  }

  private StopReason trainEpoch(DataLoader train, int epoch, Totals totals) {
    long start = System.nanoTime();
    StopReason reason = StopReason.COMPLETED;
    try (Epoch batches = train.epoch(epoch - 1)) {
      int steps = batches.batches();
      requireBatches(train, steps);
      totals.setBatches(steps);
      for (Batch batch : batches) {
        int number = totals.steps() + 1;
        rate.beginStep(epoch, number, steps);
        StepReport report = step.run(batch, epoch, number, steps, train.batchSize());
        totals.add(report);
        for (int i = 0; i < listeners.size(); i++) {
          listeners.get(i).onStep(report);
        }
        StopReason failure = step.failure(report);
        if (failure != StopReason.COMPLETED && !isRescued(failure, epoch)) {
          reason = failure;
          break;
        }
        if (treated.endsEpoch() && number < steps) {
          rate.skipEpoch();
          break;
        }
        if (stopRequested && step.hasUpdated() && number < steps) {
          reason = StopReason.REQUESTED;
          break;
        }
      }
    }
    totals.setSeconds(seconds(start));
    return reason;
  }

  private boolean isRescued(StopReason failure, int epoch) {
    boolean rescued = doctor != null && doctor.rescue(failure);
    tellNotices(epoch);
    return rescued;
  }

  private void requireBatches(DataLoader train, int batches) {
    if (batches == 0) {
      throw new GradusException(
          "There is nothing to train on: the "
              + train.dataset().size()
              + " images of the data set make no batch of "
              + train.batchSize()
              + ". Use a smaller batch, or leave out dropLast.");
    }
    if (batchesExpected > 0 && batches != batchesExpected) {
      throw new GradusException(
          "The resumed run had "
              + batchesExpected
              + " batches per epoch, now there are "
              + batches
              + ": use the data set and batch size of then, or another folder for checkpoints.");
    }
  }

  private void tellOfGradients() {
    for (int i = 0; i < listeners.size(); i++) {
      listeners.get(i).onGradients();
    }
  }

  private static double seconds(long startNanos) {
    return (System.nanoTime() - startNanos) * 1e-9;
  }
}
