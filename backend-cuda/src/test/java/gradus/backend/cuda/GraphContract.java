package gradus.backend.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gradus.autograd.Pass;
import gradus.autograd.Tensor;
import gradus.backend.Arrival;
import gradus.backend.Backend;
import gradus.backend.BackendOptions;
import gradus.backend.Backends;
import gradus.backend.Buffer;
import gradus.backend.Reading;
import gradus.backend.spec.AdamSpec;
import gradus.layer.BatchNorm2d;
import gradus.layer.Conv2d;
import gradus.layer.Dropout;
import gradus.layer.Linear;
import gradus.layer.MaxPool2d;
import gradus.layer.Model;
import gradus.layer.Parameter;
import gradus.layer.ParameterStore;
import gradus.layer.ReLU;
import gradus.layer.Sequential;
import gradus.loss.CrossEntropyLoss;
import gradus.tensor.Batch;
import gradus.tensor.DType;
import gradus.tensor.Placement;
import gradus.tensor.Shape;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** That graphs are used, and change nothing but the number of calls. */
abstract class GraphContract {
  private static final int BATCH = 6;
  private static final int LAST_BATCH = 4;
  private static final int STEPS_PER_EPOCH = 4;

  /** A training run whose numbers differ from step to step: rates, seeds, batches. */
  private static final class Run implements AutoCloseable {
    private final CudaBackend backend;
    private final Model model;
    private final Buffer mean;
    private final Buffer variance;
    private int steps;

    private Run(boolean graphs) {
      backend = (CudaBackend) Backends.named("cuda", BackendOptions.DEFAULT.withGraphs(graphs));
      model =
          Model.build(
              backend,
              new Sequential(
                  new Conv2d(4, 3).padding(1).withoutBias(),
                  new BatchNorm2d(),
                  new ReLU(),
                  new MaxPool2d(2),
                  new Conv2d(8, 3),
                  new ReLU(),
                  new Dropout(0.3),
                  new Linear(5)),
              Shape.of(3, 8, 8),
              1);
      mean = zeros();
      variance = zeros();
    }

    private Buffer zeros() {
      Buffer buffer = backend.memory().allocate(DType.F32, model.parameters().values().bytes());
      backend.memory().zero(buffer);
      return buffer;
    }

    /** The loss, and the sum of the squares of the weights after the step. */
    private List<Float> step() {
      int size = (steps + 1) % STEPS_PER_EPOCH == 0 ? LAST_BATCH : BATCH;
      Batch batch = Waves.batch(Shape.of(size, 3, 8, 8), 5, steps);
      try (Pass pass = Pass.training(backend, steps)) {
        Tensor images = pass.images(batch);
        Tensor labels = pass.labels(batch);
        Tensor logits = model.forward(images);
        Tensor loss = new CrossEntropyLoss().apply(logits, labels);
        Reading value = loss.itemLater();
        backend.memory().flush();
        pass.backward(loss);
        ParameterStore parameters = model.parameters();
        AdamSpec spec = new AdamSpec(0.01f / (1 + steps), 0.9f, 0.99f, 1e-8f, 0.01f, true, ++steps);
        backend
            .optimizers()
            .adam(
                spec,
                parameters.values(),
                parameters.gradients(),
                mean,
                variance,
                0,
                parameters.values().elements());
        parameters.forEach(Parameter::gradientUsed);
        Buffer sum = backend.pool().take(DType.F32, Float.BYTES);
        backend.math().sumOfSquares(parameters.values(), 0, parameters.values().elements(), sum);
        Reading weights = backend.memory().readLater(sum);
        backend.pool().giveBack(sum);
        return List.of(value.value(), weights.value());
      }
    }

    private List<List<Float>> steps(int count) {
      List<List<Float>> numbers = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        numbers.add(step());
      }
      return numbers;
    }

    /** The loss and the logits of batches, each read when the device has the next one. */
    private List<Float> judgements(int count) {
      List<Float> numbers = new ArrayList<>();
      float[][] logits = new float[2][BATCH * 5];
      Reading loss = null;
      Arrival arrival = null;
      for (int i = 0; i <= count; i++) {
        Reading lossBefore = loss;
        Arrival before = arrival;
        if (i < count) {
          Batch batch = Waves.batch(Shape.of(BATCH, 3, 8, 8), 5, i);
          try (Pass pass = Pass.evaluating(backend)) {
            Tensor images = pass.images(batch);
            Tensor labels = pass.labels(batch);
            Tensor output = model.forward(images);
            loss = new CrossEntropyLoss().apply(output, labels).itemLater();
            Arrays.fill(logits[i % 2], Float.NaN);
            arrival = output.toArrayLater(logits[i % 2]);
            assertTrue(Float.isNaN(logits[i % 2][0]), "it was waited for");
          }
          backend.memory().flush();
        }
        if (i > 0) {
          numbers.add(lossBefore.value());
          before.await();
          for (float logit : logits[(i - 1) % 2]) {
            numbers.add(logit);
          }
        }
      }
      return numbers;
    }

    private long graphs() {
      return backend.graphLaunches();
    }

    @Override
    public void close() {
      backend.memory().free(mean);
      backend.memory().free(variance);
      model.close();
      backend.close();
    }
  }

  @Test
  void aRunWithGraphsHasTheBitsOfOneWithout() {
    try (Run with = new Run(true);
        Run without = new Run(false)) {
      assertEquals(without.steps(12), with.steps(12));
      assertTrue(with.graphs() > 0);
      assertEquals(0, without.graphs());
    }
  }

  @Test
  void stepsThatRepeatAreGraphsFromTheSecondOn() {
    try (Run run = new Run(true)) {
      run.steps(2 * STEPS_PER_EPOCH); // both sizes of batches came twice
      long before = run.graphs();
      run.steps(STEPS_PER_EPOCH);
      assertEquals(2 * STEPS_PER_EPOCH, run.graphs() - before, "forward; backward with the update");
    }
  }

  @Test
  void aValidationWhoseLogitsAreReadLaterIsGraphsToo() {
    try (Run with = new Run(true);
        Run without = new Run(false)) {
      assertEquals(without.judgements(9), with.judgements(9));
      long before = with.graphs();
      with.judgements(4);
      assertEquals(4, with.graphs() - before);
    }
  }

  @Test
  void buffersThatComeBackInAnotherOrderAreLentInTheSame() {
    try (Backend backend = Backends.named("cuda")) {
      Buffer first = backend.pool().take(DType.F32, 64);
      Buffer second = backend.pool().take(DType.F32, 64);
      long[] addresses = {CudaBuffer.address(first), CudaBuffer.address(second)};
      for (boolean firstComesFirst : new boolean[] {true, false}) {
        backend.pool().giveBack(firstComesFirst ? first : second);
        backend.pool().giveBack(firstComesFirst ? second : first);
        first = backend.pool().take(DType.F32, 64);
        second = backend.pool().take(DType.F32, 64);
        assertArrayEquals(
            addresses, new long[] {CudaBuffer.address(first), CudaBuffer.address(second)});
      }
      backend.pool().giveBack(first);
      backend.pool().giveBack(second);
    }
  }

  @Test
  void oneBackendMayOpenAndCloseWhileAnotherOfTheDeviceRecords() {
    inTwoThreads(backend -> {});
  }

  /** Opens backends, records graphs, does that, and closes them. */
  static void inTwoThreads(Consumer<CudaBackend> then) {
    Runnable openAndClose =
        () -> {
          for (int i = 0; i < 20; i++) {
            try (CudaBackend backend = (CudaBackend) Backends.named("cuda")) {
              Buffer buffer = backend.pool().take(DType.F32, 64);
              for (int round = 0; round < 3; round++) {
                for (int call = 0; call < 4; call++) {
                  backend.math().fill(buffer, call);
                }
                backend.memory().synchronize();
              }
              then.accept(backend);
              backend.pool().giveBack(buffer);
              assertEquals(2, backend.graphLaunches());
            }
          }
        };
    CompletableFuture.allOf(
            CompletableFuture.runAsync(openAndClose), CompletableFuture.runAsync(openAndClose))
        .join();
  }

  @Test
  void oneBackendMayReadMoreWhileAnotherOfTheDeviceRecords() {
    inTwoThreads(
        backend -> {
          Buffer buffer = backend.pool().take(DType.F32, 256);
          for (int count = 1; count <= 64; count *= 4) { // for which more and more is pinned
            FloatBuffer numbers = FloatBuffer.allocate(count);
            backend.math().fill(buffer, count);
            backend
                .memory()
                .copyOutLater(
                    backend.memory().slice(buffer, 0, count),
                    Shape.of(count),
                    Placement.DENSE,
                    numbers)
                .await();
            assertEquals(count, numbers.get(count - 1));
          }
          backend.pool().giveBack(buffer);
        });
  }
}
