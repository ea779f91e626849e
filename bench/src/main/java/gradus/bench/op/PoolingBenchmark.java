package gradus.bench.op;

import gradus.backend.Buffer;
import gradus.backend.spec.AdaptivePoolSpec;
import gradus.backend.spec.PoolSpec;
import gradus.tensor.Shape;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;

/** Pooling by maximum or by average, and its gradient. */
public class PoolingBenchmark extends OpState {
  /** Which. */
  @Param public Pooling pooling;

  private PoolSpec max;
  private AdaptivePoolSpec average;
  private Ring<Activations> ring;

  private record Activations(Buffer input, Buffer output, Buffer index) {}

  @Override
  void prepare(Operands made) {
    Shape input;
    Shape output;
    if (pooling.spec() instanceof PoolSpec spec) {
      max = spec;
      input = spec.inputShape();
      output = spec.outputShape();
    } else {
      average = (AdaptivePoolSpec) pooling.spec();
      input = average.inputShape();
      output = average.outputShape();
    }
    ring =
        ring(
            () -> {
              Activations set =
                  new Activations(
                      made.activations(input), made.activations(output), made.places(output));
              if (max != null) { // the gradient needs true places
                backend.nn().maxPool(max, set.input, set.output, set.index);
              }
              return set;
            });
  }

  /** y = pool(x). */
  @Benchmark
  public void forward() {
    Activations now = ring.next();
    if (max != null) {
      backend.nn().maxPool(max, now.input, now.output, now.index);
    } else {
      backend.nn().adaptiveAvgPool(average, now.input, now.output);
    }
  }

  /** The gradient of the input. */
  @Benchmark
  public void backward() {
    Activations now = ring.next();
    if (max != null) {
      backend.nn().maxPoolBackward(max, now.output, now.index, now.input, 0);
    } else {
      backend.nn().adaptiveAvgPoolBackward(average, now.output, now.input, 0);
    }
  }
}
