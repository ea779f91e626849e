package gradus.bench.op;

import gradus.backend.Buffer;
import gradus.backend.spec.Conv2dSpec;
import gradus.tensor.Shape;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;

/** Convolutions and their two gradients. */
public class ConvolutionBenchmark extends OpState {
  /** Which. */
  @Param public Convolution convolution;

  private Conv2dSpec spec;
  private Buffer w;
  private Buffer b;
  private Buffer dw;
  private Buffer db;
  private Ring<Activations> ring;

  private record Activations(Buffer input, Buffer output) {}

  @Override
  void prepare(Operands made) {
    spec = convolution.spec();
    w = made.weights(spec.weightShape());
    b = made.weights(Shape.of(spec.k()));
    dw = made.weights(spec.weightShape());
    db = made.weights(Shape.of(spec.k()));
    ring =
        ring(
            () ->
                new Activations(
                    made.activations(spec.inputShape()), made.activations(spec.outputShape())));
  }

  /** y = conv(x, w) + b. */
  @Benchmark
  public void forward() {
    Activations now = ring.next();
    backend.nn().conv2d(spec, now.input, w, b, now.output);
  }

  /** The gradient of the input. */
  @Benchmark
  public void backwardData() {
    Activations now = ring.next();
    backend.nn().conv2dBackwardData(spec, w, now.output, now.input, 0);
  }

  /** The gradients of weights and bias. */
  @Benchmark
  public void backwardWeights() {
    Activations now = ring.next();
    backend.nn().conv2dBackwardWeights(spec, now.input, now.output, dw, db, 0);
  }
}
