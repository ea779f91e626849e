package gradus.doctor.trial;

import gradus.autograd.Pass;
import gradus.autograd.Tensor;
import gradus.data.DataLoader;
import gradus.data.Epoch;
import gradus.doctor.Subject;
import gradus.layer.Parameter;
import gradus.optim.GradScaler;
import gradus.optim.GradientClipping;
import gradus.optim.Optimizer;
import gradus.tensor.Batch;
import gradus.tensor.Precision;
import gradus.train.Accumulation;
import java.util.ArrayList;
import java.util.List;

/** The steps of a trial. Each is an update, of as many batches as in the run. */
final class TrialLoop {
  private final Subject subject;
  private final Trial trial;
  private final Optimizer optimizer;
  private final GradientClipping clipping; // null where gradients stay as they are
  private final Precision precision;
  private final GradScaler scaler; // of float16, else null
  private final Accumulation accumulation;
  private final List<Double> losses = new ArrayList<>();
  private long passes;
  private int images; // since the last update
  private double lossSum; // of these images

  TrialLoop(
      Subject subject,
      Trial trial,
      Optimizer optimizer,
      GradientClipping clipping,
      Precision precision) {
    this.subject = subject;
    this.trial = trial;
    this.optimizer = optimizer;
    this.clipping = clipping;
    this.precision = precision;
    this.scaler = precision == Precision.FP16 ? new GradScaler(subject.model().parameters()) : null;
    this.accumulation = trial.accumulationOf(subject.accumulation());
  }

  /** The mean loss of each update's images. */
  List<Double> losses() {
    return losses;
  }

  /** Goes from epoch to epoch until the trial ends; whether losses and gradients were numbers. */
  boolean run(DataLoader loader, int firstEpoch) {
    int number = firstEpoch;
    while (true) {
      try (Epoch epoch = loader.epoch(number++)) {
        int batches = epoch.batches();
        if (batches == 0) {
          return true; // nothing to learn from, as in the run itself
        }
        int done = 0;
        for (Batch batch : epoch) {
          boolean updates = accumulation.endsUpdate(++done, batches);
          if (!learn(batch, loader.batchSize(), updates)) {
            return false;
          }
          if (updates && trial.endsAfter(losses)) {
            return true;
          }
        }
      }
    }
  }

  /**
   * Has the running statistics of batch norms follow the weights, which stay as they are: behind
   * those of a trial's few steps they lag so far that evaluation tells nothing of what was learned.
   */
  void settleStatistics(DataLoader loader, int firstEpoch) {
    if (subject.model().state().stream().noneMatch(p -> p.kind() == Parameter.Kind.STATISTIC)) {
      return;
    }
    int number = firstEpoch;
    int batches = 0;
    while (batches < Trials.SETTLING_BATCHES) {
      int before = batches;
      try (Epoch epoch = loader.epoch(number++)) {
        for (Batch batch : epoch) {
          try (Pass pass = trainingPass()) {
            subject.model().forward(pass.images(batch));
          }
          if (++batches == Trials.SETTLING_BATCHES) {
            break;
          }
        }
      }
      if (batches == before) {
        return; // nothing to follow
      }
    }
  }

  private Pass trainingPass() {
    Pass pass =
        Pass.training(subject.model().backend(), Trials.SEED + passes++).withPrecision(precision);
    return trial.drops() ? pass : pass.withoutDropout();
  }

  /** Whether it could: not from what is no number, which would end the run. */
  private boolean learn(Batch batch, int usualSize, boolean updates) {
    try (Pass pass = trainingPass()) {
      Tensor target = subject.loss().target(pass, batch, subject.model().outputShape().dim(0));
      Tensor logits = subject.model().forward(pass.images(batch));
      Tensor value = subject.loss().apply(logits, target);
      float loss = value.item();
      if (!Float.isFinite(loss)) {
        losses.add((double) loss);
        return false;
      }
      float share = accumulation.share(batch.size(), usualSize);
      pass.backward(value, scaler == null ? share : share * scaler.scale());
      images += batch.size();
      lossSum += (double) loss * batch.size();
      return !updates || update(usualSize);
    }
  }

  private boolean update(int usualSize) {
    accumulation.toMean(subject.model(), images, usualSize);
    boolean finite = step();
    losses.add(finite ? lossSum / images : Double.NaN);
    images = 0;
    lossSum = 0;
    return finite;
  }

  private boolean step() {
    if (scaler != null) { // it leaves updates out that overflow, and finds another scale
      if (scaler.unscale() && clipping != null) {
        clipping.clip(scaler.norm());
      }
      scaler.step(optimizer);
      return true;
    }
    if (clipping != null && !Double.isFinite(clipping.clip())) {
      return false;
    }
    optimizer.step();
    return true;
  }
}
