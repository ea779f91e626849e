package gradus.bench.op;

import gradus.backend.Buffer;
import gradus.backend.spec.GroupNormSpec;
import gradus.tensor.Shape;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;

/** Group norm of what the workloads normalise by batches. */
public class GroupNormBenchmark extends OpState {
  /** Which. */
  @Param public Normalization normalization;

  private GroupNormSpec spec;
  private Buffer gamma;
  private Buffer beta;
  private Buffer mean;
  private Buffer invStd;
  private Buffer dgamma;
  private Buffer dbeta;
  private Ring<Activations> ring;

  private record Activations(Buffer x, Buffer y, Buffer dy, Buffer dx) {}

  @Override
  void prepare(Operands made) {
    spec = normalization.ofGroups(OpRuns.GROUPS);
    Shape channels = Shape.of(spec.c());
    gamma = made.weights(channels);
    beta = made.weights(channels);
    mean = made.activations(spec.statistics());
    invStd = made.activations(spec.statistics());
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
                    made.activations(shape)));
  }

  /** y = groupNorm(x). */
  @Benchmark
  public void forward() {
    Activations now = ring.next();
    backend.nn().groupNorm(spec, now.x, gamma, beta, now.y, mean, invStd);
  }

  /** The gradients of {@link #forward}. */
  @Benchmark
  public void backward() {
    Activations now = ring.next();
    backend
        .nn()
        .groupNormBackward(spec, now.x, gamma, mean, invStd, now.dy, now.dx, 0, dgamma, dbeta, 0);
  }
}
