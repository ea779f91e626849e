package gradus.train;

import gradus.layer.Model;
import gradus.loss.Loss;
import gradus.optim.GradScaler;
import gradus.optim.GradientClipping;
import gradus.optim.Optimizer;
import gradus.optim.WeightAverage;
import gradus.tensor.Batch;
import gradus.tensor.Precision;
import java.util.List;
import java.util.Optional;

/** One batch through the network and back, and after enough of them an update of the weights. */
final class TrainingStep {
  private final Model model;
  private final Loss loss;
  private final Optimizer optimizer;
  private GradientClipping clipping;
  private GradientClipping clippingInstead; // of the run while it is treated, or null
  private WeightAverage average;
  private Runnable beforeUpdate = () -> {};
  private Accumulation given = Accumulation.NONE;
  private Accumulation accumulation = Accumulation.NONE; // at present
  private boolean dropping = true;
  private Precision precision = Precision.FP32;
  private GradScaler scaler; // of float16, else null
  private long seed;
  private Replicas replicas; // null on one device
  private long passes;
  private int examples; // since the last update
  private double gradientNorm; // of the last update, before clipping; 0 without clipping

  TrainingStep(Model model, Loss loss, Optimizer optimizer) {
    this.model = model;
    this.loss = loss;
    this.optimizer = optimizer;
    this.passes = optimizer.steps();
  }

  void seed(long value) {
    seed = value;
  }

  void clip(GradientClipping value) {
    clipping = value;
  }

  /** As it was set; null where gradients stay as they are. */
  GradientClipping clipping() {
    return clipping;
  }

  /** Clips in this way from now on; null in the way that was given. */
  void clipInstead(GradientClipping value) {
    clippingInstead = value;
  }

  /** The model with copies of it on further devices; null where there are none. */
  Replicas replicas(List<Model> copies) {
    return copies.isEmpty() ? null : new Replicas(model, copies, loss);
  }

  /** Shares each batch among these devices, or leaves it to that of the model. */
  void share(Replicas value) {
    replicas = value;
  }

  /** Who works out the gradients, where that is not one device alone. */
  Optional<String> devices() {
    return Optional.ofNullable(replicas).map(Replicas::describe);
  }

  /** What is updated with the weights, or null. */
  void average(WeightAverage value) {
    average = value;
  }

  /** What is called with the gradients of an update, before the weights change. */
  void beforeUpdate(Runnable value) {
    beforeUpdate = value;
  }

  void accumulate(int batches) {
    given = new Accumulation(batches);
    accumulation = given;
  }

  /** As it was set, without {@link #multiplyAccumulation}. */
  Accumulation givenAccumulation() {
    return given;
  }

  /** As it is at present. */
  Accumulation accumulation() {
    return accumulation;
  }

  /** Makes each update from so many times as many batches; 1 is as it was set. */
  void multiplyAccumulation(int factor) {
    accumulation = new Accumulation(given.batches() * factor);
  }

  void precision(Precision value) {
    model.backend().support(value).require();
    precision = value;
    scaler = value == Precision.FP16 ? new GradScaler(model.parameters()) : null;
  }

  /** Looks for the scale of the loss anew: for other weights than those it was found with. */
  void restartScaling() {
    if (scaler != null) {
      scaler.restart();
    }
  }

  Precision precision() {
    return precision;
  }

  /** What keeps the gradients of float16 in range; null in other precisions. */
  GradScaler scaler() {
    return scaler;
  }

  /** Updates so far that were left out because gradients of float16 overflowed. */
  long skipped() {
    return scaler == null ? 0 : scaler.skipped();
  }

  /** How a run's loss was scaled that began after so many skipped updates; null if it was not. */
  LossScaling lossScaling(long skippedBefore) {
    return scaler == null
        ? null
        : new LossScaling(scaler.state().scale(), skipped() - skippedBefore);
  }

  /** Whether dropout and stochastic depth drop anything. */
  void drop(boolean value) {
    dropping = value;
  }

  /** Begins a new update: the gradients that wait are no good any more. */
  void forgetGradients() {
    model.parameters().forgetGradients();
    examples = 0;
    gradientNorm = 0;
  }

  /** Batches so far: where the random stream of dropout stands. */
  long passes() {
    return passes;
  }

  void resumeAt(long pass) {
    passes = pass;
  }

  /** What is wrong with the step just done, or {@link StopReason#COMPLETED}. */
  StopReason failure(StepReport report) {
    if (!Float.isFinite(report.loss())) {
      return StopReason.NON_FINITE_LOSS;
    }
    return Double.isFinite(gradientNorm) ? StopReason.COMPLETED : StopReason.NON_FINITE_GRADIENT;
  }

  /** Whether the last batch ended with an update, so that no gradient waits for more. */
  boolean hasUpdated() {
    return examples == 0;
  }

  /**
   * Learns from a batch.
   *
   * @param step from 1 to {@code steps}, those of the epoch
   * @param usualSize of batches; the last one may be smaller
   */
  StepReport run(Batch batch, int epoch, int step, int steps, int usualSize) {
    if (step == 1 && examples > 0) { // of an epoch that was broken off
      forgetGradients();
    }
    if (!Double.isFinite(gradientNorm)) { // of an update that is over
      gradientNorm = 0;
    }
    try (ForwardPass pass = forward(batch)) {
      float share = accumulation.share(batch.size(), usualSize);
      pass.backward(scaler == null ? share : share * scaler.scale());
      float lossValue = pass.loss();
      if (Float.isFinite(lossValue)) {
        examples += batch.size();
        if (accumulation.endsUpdate(step, steps)) {
          update(usualSize);
          examples = 0;
        }
      } else { // it must not reach the weights
        forgetGradients();
      }
      model.backend().memory().flush();
      return new StepReport(
          epoch, step, steps, batch.size(), lossValue, pass.correct(), optimizer.learningRate());
    }
  }

  private ForwardPass forward(Batch batch) {
    PassSettings settings = new PassSettings(seed * 1_000_003L + passes++, precision, dropping);
    return replicas == null
        ? new DevicePass(model, loss, batch, settings)
        : replicas.forward(batch, settings);
  }

  /** Changes the weights, by the mean gradient over the examples, unless it is no number. */
  private void update(int usualSize) {
    accumulation.toMean(model, examples, usualSize);
    if (scaler != null && !unscale()) {
      return;
    }
    GradientClipping present = clippingInstead == null ? clipping : clippingInstead;
    gradientNorm = present == null ? 0 : lengthBefore(present);
    beforeUpdate.run();
    if (!Double.isFinite(gradientNorm)) {
      model.parameters().forgetGradients(); // nothing must be added to it
      return;
    }
    optimizer.step();
    if (average != null) {
      average.update();
    }
  }

  /** Clips, without asking again for the length that unscaling has found. */
  private double lengthBefore(GradientClipping present) {
    return scaler == null ? present.clip() : present.clip(scaler.norm());
  }

  /**
   * Makes gradients of float16 what they are, if they are numbers. That some are not is how the
   * scale is found, and nobody's concern; but where it was 1 the run is at fault.
   */
  private boolean unscale() {
    boolean ordinary = scaler.state().scale() > 1;
    boolean finite = scaler.unscale();
    if (!finite) {
      if (!ordinary) {
        beforeUpdate.run();
      }
      forgetGradients();
      gradientNorm = ordinary ? 0 : Double.NaN;
    }
    return finite;
  }
}
