package gradus.bench.op;

import gradus.backend.Buffer;
import gradus.backend.spec.BatchNormSpec;
import gradus.tensor.Shape;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;

/** Batch norm with the ReLU behind it, and with the sum of a residual block. */
public class BatchNormBenchmark extends OpState {
  /** Which. */
  @Param public Normalization normalization;

  private BatchNormSpec spec;
  private Buffer gamma;
  private Buffer beta;
  private Buffer runningMean;
  private Buffer runningVar;
  private Buffer savedMean;
  private Buffer savedInvStd;
  private Buffer dgamma;
  private Buffer dbeta;
  private Ring<Activations> ring;

  private record Activations(
      Buffer x, Buffer y, Buffer residual, Buffer dy, Buffer dx, Buffer dResidual) {}

  @Override
  void prepare(Operands made) {
    spec = normalization.spec();
    Shape channels = Shape.of(spec.c());
    gamma = made.positive(channels);
    beta = made.weights(channels);
    runningMean = made.weights(channels);
    runningVar = made.positive(channels);
    savedMean = made.weights(channels);
    savedInvStd = made.positive(channels);
    dgamma = made.weights(channels);
    dbeta = made.weights(channels);
    Shape shape = spec.shape();
    ring =
        ring(
            () ->
                new Activations(
                    made.activations(shape),
                    made.activations(shape),
                    made.activations(shape),
                    made.activations(shape),
                    made.activations(shape),
                    made.activations(shape)));
  }

  /** y = relu(batchNorm(x)), with the batch's statistics. */
  @Benchmark
  public void training() {
    forward(ring.next(), false);
  }

  /** y = relu(batchNorm(x) + residual), with the batch's statistics. */
  @Benchmark
  public void trainingResidual() {
    forward(ring.next(), true);
  }

  private void forward(Activations now, boolean addsResidual) {
    backend
        .fused()
        .batchNormTrainingRelu(
            spec,
            now.x,
            gamma,
            beta,
            runningMean,
            runningVar,
            addsResidual ? now.residual : null,
            now.y,
            savedMean,
            savedInvStd);
  }

  /** y = relu(batchNorm(x)), with the running statistics. */
  @Benchmark
  public void inference() {
    Activations now = ring.next();
    backend
        .fused()
        .batchNormInferenceRelu(spec, now.x, gamma, beta, runningMean, runningVar, null, now.y);
  }

  /** The gradients of {@link #training}. */
  @Benchmark
  public void backward() {
    backward(ring.next(), false);
  }

  /** The gradients of {@link #trainingResidual}. */
  @Benchmark
  public void backwardResidual() {
    backward(ring.next(), true);
  }

  private void backward(Activations now, boolean addsResidual) {
    backend
        .fused()
        .batchNormReluBackward(
            spec,
            now.x,
            now.y,
            gamma,
            addsResidual ? null : beta,
            savedMean,
            savedInvStd,
            now.dy,
            now.dx,
            0,
            addsResidual ? now.dResidual : null,
            0,
            dgamma,
            dbeta,
            0);
  }
}
