package gradus.backend.cuda;

import gradus.GradusException;
import gradus.backend.Backend;
import gradus.backend.BackendOptions;
import gradus.backend.Buffer;
import gradus.backend.MemoryFormat;
import gradus.backend.spec.Conv2dSpec;
import gradus.tensor.DType;
import gradus.tensor.Placement;
import gradus.tensor.Precision;
import java.util.Optional;

/** What a process over the fake CUDA does: it asks, opens, computes, and closes. */
public final class FakeProgram {
  private FakeProgram() {}

  /** Exits with 3 where the provider is not available, with 4 where it does not open. */
  public static void main(String[] arguments) {
    CudaBackendProvider provider = new CudaBackendProvider();
    Optional<String> reason = provider.unavailableReason();
    if (reason.isPresent()) {
      System.out.println(reason.get());
      System.exit(3);
    }
    int together = Integer.getInteger("together", 0);
    if (together > 0) {
      BackendOptions options = BackendOptions.DEFAULT.withGraphs(!Boolean.getBoolean("one.by.one"));
      System.out.println(new SharedWork(provider, together, options).result());
      return;
    }
    int device = Integer.getInteger("device", 0);
    try (Backend backend = provider.open(options(device))) {
      System.out.println(backend.describe());
      Precision precision = Precision.valueOf(System.getProperty("precision", "FP32"));
      backend.support(precision).require();
      backend.pool().giveBack(floats(backend, 1000));
      int channels = Integer.getInteger("channels", 3);
      int filters = channels + 1;
      Conv2dSpec spec =
          new Conv2dSpec(2, channels, 5, 5, filters, 3, 3, 1, 1, 1, 0, 0, 1, 1, 1, 1)
              .withFactors(precision);
      Buffer x = floats(backend, spec.inputShape().size());
      Buffer w = floats(backend, spec.weightShape().size());
      Buffer y = floats(backend, spec.outputShape().size());
      for (int i = 0; i < 4; i++) { // once cuDNN has answered, the second time can be a graph
        for (int calls = 0; calls < 4; calls++) {
          backend.nn().conv2d(spec, x, w, null, y);
        }
        backend.memory().synchronize();
      }
      System.out.println("graphs " + ((CudaBackend) backend).graphLaunches());
      for (float beta : new float[] {0, 1}) {
        backend.nn().conv2dBackwardData(spec, w, y, x, beta);
        backend.nn().conv2dBackwardWeights(spec, x, y, w, null, beta);
      }
      System.out.println("sums " + sum(backend, x) + " " + sum(backend, w) + " " + sum(backend, y));
      backend.pool().giveBack(x);
      backend.pool().giveBack(w);
      backend.pool().giveBack(y);
    } catch (GradusException refusal) {
      System.out.println(refusal.getMessage());
      System.exit(4);
    }
  }

  private static BackendOptions options(int device) {
    MemoryFormat format =
        Boolean.getBoolean("channels.last")
            ? MemoryFormat.CHANNELS_LAST
            : MemoryFormat.CHANNELS_FIRST;
    return BackendOptions.DEFAULT.withDevice(device).withMemoryFormat(format);
  }

  private static float sum(Backend backend, Buffer buffer) {
    Buffer sum = floats(backend, 1);
    backend.math().sumOfSquares(buffer, 0, buffer.elements(), sum);
    float value = backend.memory().readLater(sum).value();
    backend.pool().giveBack(sum);
    return value;
  }

  private static Buffer floats(Backend backend, long count) {
    long bytes =
        backend
            .memory()
            .bytes(gradus.tensor.Shape.of(Math.toIntExact(count)), DType.F32, Placement.DENSE);
    Buffer buffer = backend.pool().take(DType.F32, bytes);
    backend.math().fill(buffer, 1);
    return buffer;
  }
}
