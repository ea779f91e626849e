package gradus.backend.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gradus.autograd.Pass;
import gradus.autograd.Tensor;
import gradus.backend.Backend;
import gradus.backend.Backends;
import gradus.backend.spec.SgdSpec;
import gradus.layer.BatchNorm2d;
import gradus.layer.Conv2d;
import gradus.layer.Linear;
import gradus.layer.MaxPool2d;
import gradus.layer.Model;
import gradus.layer.Parameter;
import gradus.layer.ParameterStore;
import gradus.layer.ReLU;
import gradus.layer.Sequential;
import gradus.loss.CrossEntropyLoss;
import gradus.tensor.Batch;
import gradus.tensor.Shape;
import org.bytedeco.cuda.global.cudart;
import org.bytedeco.javacpp.SizeTPointer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A GPU's memory over a long run. */
@Tag("gpu")
class GpuMemoryTest implements GpuTest {
  private static final int WARM_UP = 100;
  private static final int STEPS = Integer.getInteger("gradus.gpu.steps", 10_000);
  private static final long OF_THE_DRIVER = 8 << 20; // which takes memory when it likes

  private static long freeBytes() {
    try (SizeTPointer free = new SizeTPointer(1);
        SizeTPointer total = new SizeTPointer(1)) {
      CudaStatus.cuda(cudart.cudaMemGetInfo(free, total), "cudaMemGetInfo");
      return free.get();
    }
  }

  @Test
  void manyStepsHoldNoMoreThanAHundred() {
    try (Backend backend = Backends.named("cuda");
        Model model =
            Model.build(
                backend,
                new Sequential(
                    new Conv2d(8, 3).padding(1),
                    new BatchNorm2d(),
                    new ReLU(),
                    new MaxPool2d(2),
                    new Linear(10)),
                Shape.of(3, 16, 16),
                1)) {
      Batch batch = Waves.batch(Shape.of(33, 3, 16, 16), 10, 0);
      float first = step(backend, model, batch);
      for (int i = 1; i < WARM_UP; i++) {
        step(backend, model, batch);
      }
      long bytes = backend.memory().liveBytes();
      long free = freeBytes();
      float last = first;
      for (int i = 0; i < STEPS; i++) {
        last = step(backend, model, batch);
      }
      assertEquals(bytes, backend.memory().liveBytes());
      long left = freeBytes();
      assertTrue(left >= free - OF_THE_DRIVER, free + " bytes were free, then " + left);
      assertTrue(last < first, first + ", then " + last);
    }
  }

  private static float step(Backend backend, Model model, Batch batch) {
    try (Pass pass = Pass.training(backend)) {
      Tensor logits = model.forward(pass.images(batch));
      Tensor loss = new CrossEntropyLoss().apply(logits, pass.labels(batch));
      pass.backward(loss);
      ParameterStore parameters = model.parameters();
      backend
          .optimizers()
          .sgd(
              new SgdSpec(0.01f, 0, 0, false, 0, false),
              parameters.values(),
              parameters.gradients(),
              null,
              0,
              parameters.values().elements());
      parameters.forEach(Parameter::gradientUsed);
      return loss.item();
    }
  }
}
