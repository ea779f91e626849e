package gradus.bench.op;

import gradus.backend.Buffer;
import gradus.backend.spec.LinearSpec;
import gradus.tensor.Shape;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;

/** Linear layers and their two gradients. */
public class LinearBenchmark extends OpState {
  /** Which. */
  @Param public FullyConnected linear;

  private LinearSpec spec;
  private Buffer w;
  private Buffer b;
  private Buffer dw;
  private Buffer db;
  private Ring<Activations> ring;

  private record Activations(Buffer input, Buffer output) {}

  @Override
  void prepare(Operands made) {
    spec = linear.spec();
    w = made.weights(spec.weightShape());
    b = made.weights(Shape.of(spec.out()));
    dw = made.weights(spec.weightShape());
    db = made.weights(Shape.of(spec.out()));
    ring =
        ring(
            () ->
                new Activations(
                    made.activations(spec.inputShape()), made.activations(spec.outputShape())));
  }

  /** y = x w^T + b. */
  @Benchmark
  public void forward() {
    Activations now = ring.next();
    backend.nn().linear(spec, now.input, w, b, now.output);
  }

  /** The gradient of the input. */
  @Benchmark
  public void backwardData() {
    Activations now = ring.next();
    backend.nn().linearBackwardData(spec, w, now.output, now.input, 0);
  }

  /** The gradients of weights and bias. */
  @Benchmark
  public void backwardWeights() {
    Activations now = ring.next();
    backend.nn().linearBackwardWeights(spec, now.input, now.output, dw, db, 0);
  }
}
