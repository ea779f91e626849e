package gradus.backend.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gradus.GradusException;
import gradus.autograd.Pass;
import gradus.autograd.Tensor;
import gradus.backend.Backend;
import gradus.backend.Backends;
import gradus.backend.Buffer;
import gradus.layer.Conv2d;
import gradus.layer.Layer;
import gradus.layer.Linear;
import gradus.layer.MaxPool2d;
import gradus.layer.Model;
import gradus.layer.Parameter;
import gradus.layer.ParameterStore;
import gradus.layer.Scope;
import gradus.layer.Sequential;
import gradus.loss.CrossEntropyLoss;
import gradus.tensor.Batch;
import gradus.tensor.DType;
import gradus.tensor.Placement;
import gradus.tensor.Shape;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What would end the JVM, or read and write foreign memory, if it reached a kernel. */
class MisuseTest {
  private static final int N = 20;

  private Backend backend;

  @BeforeEach
  void open() {
    backend = Backends.named("cpu");
  }

  @AfterEach
  void close() {
    backend.close();
  }

  /** Says another shape when it is built than it gives later. */
  private static final class Liar extends Layer {
    @Override
    protected Shape build(Scope scope, Shape input) {
      return Shape.of(64, 100, 100);
    }

    @Override
    public Tensor forward(Tensor x) {
      return x;
    }
  }

  private static FloatBuffer direct(int values) {
    return ByteBuffer.allocateDirect(values * Float.BYTES)
        .order(ByteOrder.nativeOrder())
        .asFloatBuffer();
  }

  private static Batch batch() {
    return new Batch(Shape.of(N, 1, 8, 8), direct(N * 64), IntBuffer.allocate(N));
  }

  private Model model(Layer... layers) {
    return Model.build(backend, new Sequential(layers), Shape.of(1, 8, 8), 1);
  }

  @Test
  void aClosedBackendRefusesKernels() {
    Buffer buffer = backend.memory().allocate(DType.F32, 1 << 20);
    backend.close();
    assertTrue(
        assertThrows(IllegalStateException.class, () -> backend.math().fill(buffer, 1))
            .getMessage()
            .contains("closed"));
    assertThrows(IllegalStateException.class, () -> backend.memory().zero(buffer));
    backend.memory().free(buffer);
    assertEquals(0, backend.memory().liveBytes());
  }

  @Test
  void aClosedModelHasNoWeights() {
    Model model = model(new Linear(3));
    ParameterStore parameters = model.parameters();
    Parameter weight = parameters.named("0.weight");
    model.close();
    model.close();
    try (Pass pass = Pass.evaluating(backend)) {
      Tensor images = pass.images(batch());
      assertThrows(IllegalStateException.class, () -> model.forward(images));
    }
    assertThrows(IllegalStateException.class, weight::read);
    assertThrows(IllegalStateException.class, () -> weight.write(new float[192]));
    assertThrows(IllegalStateException.class, parameters::values);
    assertThrows(IllegalStateException.class, parameters::gradients);
  }

  @Test
  void imagesOfAnotherBackendAreRefused() {
    try (Model model = model(new Linear(3));
        Backend other = Backends.named("reference");
        Pass pass = Pass.evaluating(other)) {
      Tensor images = pass.images(batch());
      String message =
          assertThrows(GradusException.class, () -> model.forward(images)).getMessage();
      assertTrue(message.contains("cpu") && message.contains("reference"), message);
    }
  }

  @Test
  void aLabelCannotSlipPastTheCheckInAnotherShape() {
    try (Model model = model(new Linear(3));
        Pass pass = Pass.training(backend)) {
      Batch batch = batch();
      batch.labels().put(0, 1_000_000_000);
      Tensor logits = model.forward(pass.images(batch));
      Tensor labels = pass.labels(batch).reshape(Shape.of(N));
      CrossEntropyLoss loss = new CrossEntropyLoss();
      assertThrows(GradusException.class, () -> loss.apply(logits, labels));
    }
  }

  @Test
  void integersThatAreNoLabelsAreRefused() {
    try (Model model = model(new Linear(3));
        Pass pass = Pass.training(backend)) {
      Tensor logits = model.forward(pass.images(batch()));
      Tensor numbers = pass.allocate(Shape.of(N), DType.I32, Placement.DENSE);
      backend.memory().copyIn(IntBuffer.allocate(N).put(0, 1_000_000_000), numbers.buffer(), N);
      CrossEntropyLoss loss = new CrossEntropyLoss();
      assertThrows(GradusException.class, () -> loss.apply(logits, numbers));
    }
  }

  @Test
  void layersRefuseImagesTheyWereNotBuiltFor() {
    for (Layer layer : new Layer[] {new Conv2d(8, 3), new MaxPool2d(5), new Linear(5)}) {
      try (Model model = model(new Liar(), layer);
          Pass pass = Pass.training(backend)) {
        Tensor images = pass.images(new Batch(Shape.of(1, 1, 8, 8), direct(64), null));
        assertThrows(RuntimeException.class, () -> model.forward(images), layer.kind());
      }
    }
  }

  @Test
  void hostBuffersAreReadFromTheBeginningAndNeverPastTheEnd() {
    FloatBuffer filled = direct(N * 64);
    for (int i = 0; i < N * 64; i++) {
      filled.put(i * 0.5f);
    }
    try (Pass pass = Pass.evaluating(backend)) {
      Batch batch = new Batch(Shape.of(N, 1, 8, 8), filled, null);
      assertEquals(31.5f, pass.images(batch).toArray()[63]);
      assertThrows(GradusException.class, () -> pass.tensor(direct(3), Shape.of(N, 1_000_000)));
    }
  }
}
