package gradus.bench.op;

import gradus.backend.Buffer;
import gradus.backend.spec.AdamSpec;
import gradus.backend.spec.SgdSpec;
import gradus.tensor.Shape;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;

/** One update of all parameters of a network. */
public class OptimizerBenchmark extends OpState {
  /** As many as LeNet (W1), ResNet-20 (W4) and ResNet-18 (W5) have. */
  @Param({"44426", "272474", "11173962"})
  public int parameters;

  private SgdSpec sgd;
  private AdamSpec adamw;
  private Ring<Arrays> ring;

  private record Arrays(Buffer values, Buffer gradients, Buffer first, Buffer second) {}

  @Override
  void prepare(Operands made) {
    sgd = new SgdSpec(1e-6f, 0.9f, 0, false, 5e-4f, false);
    adamw = new AdamSpec(1e-6f, 0.9f, 0.999f, 1e-8f, 0.01f, true, 10);
    Shape shape = Shape.of(parameters);
    ring =
        ring(
            () ->
                new Arrays(
                    made.weights(shape),
                    made.weights(shape),
                    made.weights(shape),
                    made.positive(shape)));
  }

  /** Stochastic gradient descent with momentum and weight decay. */
  @Benchmark
  public void sgd() {
    Arrays now = ring.next();
    backend.optimizers().sgd(sgd, now.values, now.gradients, now.first, 0, parameters);
  }

  /** AdamW. */
  @Benchmark
  public void adamw() {
    Arrays now = ring.next();
    backend
        .optimizers()
        .adam(adamw, now.values, now.gradients, now.first, now.second, 0, parameters);
  }
}
