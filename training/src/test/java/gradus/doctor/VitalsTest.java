package gradus.doctor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import gradus.TestBackend;
import gradus.autograd.Pass;
import gradus.autograd.Tensor;
import gradus.backend.Backend;
import gradus.layer.Flatten;
import gradus.layer.Linear;
import gradus.layer.Model;
import gradus.layer.Parameter;
import gradus.layer.Sequential;
import gradus.loss.CrossEntropyLoss;
import gradus.optim.SGD;
import gradus.tensor.Batch;
import gradus.tensor.Shape;
import java.lang.management.ManagementFactory;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class VitalsTest {
  private static final double RATE = 0.5;
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  private Backend backend;
  private Model model;
  private SGD optimizer;
  private Vitals vitals;
  private long allocated; // by the vitals

  @BeforeEach
  void open() {
    backend = TestBackend.open();
    model =
        Model.build(backend, new Sequential(new Flatten(), new Linear(3)), Shape.of(2, 1, 1), 1);
    optimizer = SGD.of(model.parameters()).learningRate(RATE).build();
    vitals = new Vitals(model);
  }

  @AfterEach
  void close() {
    vitals.close();
    optimizer.close();
    model.close();
    backend.close();
  }

  private void step() {
    try (Pass pass = Pass.training(backend, 0)) {
      Batch batch =
          new Batch(
              Shape.of(1, 2, 1, 1),
              FloatBuffer.wrap(new float[] {1, 2}),
              IntBuffer.wrap(new int[1]));
      Tensor logits = model.forward(pass.images(batch));
      pass.backward(new CrossEntropyLoss().apply(logits, pass.labels(batch)));
    }
    long bytes = THREADS.getCurrentThreadAllocatedBytes();
    vitals.gradientsReady();
    allocated += THREADS.getCurrentThreadAllocatedBytes() - bytes;
    optimizer.step();
    bytes = THREADS.getCurrentThreadAllocatedBytes();
    vitals.stepDone();
    allocated += THREADS.getCurrentThreadAllocatedBytes() - bytes;
  }

  @Test
  void measuresWeightsGradientsAndUpdates() {
    Parameter weight = model.parameters().list().get(0);
    float[] before = weight.read();
    step();
    float[] after = weight.read();
    double changed = 0;
    double size = 0;
    for (int i = 0; i < before.length; i++) {
      changed += Math.pow(after[i] - before[i], 2);
      size += Math.pow(after[i], 2);
    }
    assertEquals(1, vitals.layers().size(), "biases do not count");
    assertEquals(1, vitals.stepOf(0));
    assertEquals(Math.sqrt(changed / size), vitals.updateRatio(0, 0), 1e-5);
    assertEquals(Math.sqrt(size / before.length), vitals.weightRms(0, 0), 1e-6);
    assertEquals(Math.sqrt(changed / before.length) / RATE, vitals.gradientRms(0, 0), 1e-5);
  }

  @Test
  void samplesTheFirstStepsAndThenEveryTenth() {
    for (int i = 0; i < 31; i++) {
      step();
    }
    assertEquals(8, vitals.samples());
    assertEquals(5, vitals.stepOf(4));
    assertEquals(11, vitals.stepOf(5));
    assertEquals(31, vitals.stepOf(7));
  }

  @Test
  void aLongRunTakesNoMoreMemoryThanAShortOne() {
    for (int i = 0; i < 6_000; i++) {
      step();
    }
    int samples = vitals.samples();
    assertTrue(samples > 256 && samples <= 512, () -> samples + " samples");
    assertTrue(vitals.stepOf(samples - 1) > 5_900, "to the end of the run");
    allocated = 0;
    for (int i = 0; i < 1_000; i++) {
      step();
    }
    assertTrue(vitals.samples() > samples, "some were sampled");
    assertTrue(allocated < 1_000, () -> "1,000 steps allocated " + allocated + " bytes");
  }
}
