package gradus.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gradus.TestBackend;
import gradus.autograd.Op;
import gradus.autograd.Pass;
import gradus.autograd.Tensor;
import gradus.backend.Backend;
import gradus.backend.Buffer;
import gradus.layer.Conv2d;
import gradus.layer.Flatten;
import gradus.layer.Initializer;
import gradus.layer.Layer;
import gradus.layer.Linear;
import gradus.layer.Model;
import gradus.layer.Parameter;
import gradus.layer.ReLU;
import gradus.layer.Scope;
import gradus.layer.Sequential;
import gradus.loss.CrossEntropyLoss;
import gradus.tensor.Batch;
import gradus.tensor.Placement;
import gradus.tensor.Precision;
import gradus.tensor.Shape;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class GradientPartsTest {
  private static final Shape IMAGE = Shape.of(1, 8, 8);
  private static final long EACH_WEIGHT = 1;
  private static final long ALL = 1 << 20;

  private final Backend backend = TestBackend.open();

  @AfterEach
  void close() {
    assertEquals(0, backend.pool().lent());
    backend.close();
  }

  /** A model, and what it had come to whenever a part of its gradients was final. */
  private final class Steps implements AutoCloseable {
    final Model model;
    final GradientParts parts;
    final List<Buffer> given = new ArrayList<>();
    final List<float[]> valuesThen = new ArrayList<>();
    final List<List<String>> unreachedThen = new ArrayList<>();

    Steps(long enoughBytes, Layer... layers) {
      model = Model.build(backend, new Sequential(layers), IMAGE, 1);
      parts = new GradientParts(model.parameters(), enoughBytes, this::take);
    }

    void take(Buffer part) {
      given.add(part);
      valuesThen.add(values(part));
      unreachedThen.add(
          model.parameters().list().stream()
              .filter(p -> !p.hasGradient())
              .map(Parameter::name)
              .toList());
    }

    float[] values(Buffer part) {
      float[] values = new float[(int) part.elements()];
      Shape shape = Shape.of(values.length);
      backend.memory().copyOut(part, shape, Placement.DENSE, FloatBuffer.wrap(values));
      return values;
    }

    /** As the first one, or as after an update. */
    Steps step() {
      model.parameters().forgetGradients();
      given.clear();
      valuesThen.clear();
      unreachedThen.clear();
      float[] pixels = new float[4 * 64];
      for (int i = 0; i < pixels.length; i++) {
        pixels[i] = (float) Math.sin(i * 12.9898);
      }
      Batch batch =
          new Batch(
              IMAGE.withBatch(4), FloatBuffer.wrap(pixels), IntBuffer.wrap(new int[] {0, 1, 2, 0}));
      PassSettings settings = new PassSettings(1, Precision.FP32, true);
      try (DevicePass pass =
          new DevicePass(model, new CrossEntropyLoss(), batch, settings, parts::follow)) {
        parts.begin();
        pass.backward(1);
        parts.finish();
      }
      return this;
    }

    void assertFinal() {
      for (int i = 0; i < given.size(); i++) {
        assertArrayEquals(values(given.get(i)), valuesThen.get(i), "part " + i);
      }
    }

    List<Long> sizes() {
      return given.stream().map(Buffer::elements).toList();
    }

    @Override
    public void close() {
      parts.close();
      model.close();
    }
  }

  @Test
  void theLastLayersAreGivenWhileTheFirstAreStillComing() {
    try (Steps steps =
        new Steps(
                EACH_WEIGHT,
                new Conv2d(4, 3),
                new ReLU(),
                new Conv2d(8, 3),
                new ReLU(),
                new Linear(3))
            .step()) {
      assertEquals(List.of(3 * 128L, 8 * 4 * 9L, 48L, 48L), steps.sizes(), "in steps of 16");
      assertEquals(List.of("0.weight", "2.weight", "0.bias", "2.bias"), steps.unreachedThen.get(0));
      assertEquals(List.of("0.weight", "0.bias"), steps.unreachedThen.get(1));
      assertEquals(List.of(), steps.unreachedThen.get(2));
      steps.assertFinal();
      float[] weight = steps.model.parameters().named("4.weight").readGradient();
      assertArrayEquals(weight, steps.valuesThen.get(0), "there is a gradient, and it is this one");
      List<List<String>> unreached = List.copyOf(steps.unreachedThen);
      assertEquals(unreached, steps.step().unreachedThen, "in each pass anew");
    }
  }

  @Test
  void aSmallModelIsOnePart() {
    try (Steps steps = new Steps(ALL, new Conv2d(4, 3), new ReLU(), new Linear(3)).step()) {
      assertEquals(
          List.of(steps.model.parameters().gradients().elements()),
          steps.sizes(),
          "so that it is one call");
      steps.assertFinal();
    }
  }

  @Test
  void aPartHoldsWeightsUntilTheyAreEnough() {
    long two = Float.BYTES * (8 * 4 * 9 + 3 * 128L);
    try (Steps steps = new Steps(two, new Conv2d(4, 3), new Conv2d(8, 3), new Linear(3)).step()) {
      assertEquals(List.of(two / Float.BYTES, 48L, 48L), steps.sizes());
      assertEquals(List.of("0.weight", "0.bias"), steps.unreachedThen.get(0));
      steps.assertFinal();
    }
  }

  /** The second child, the first one, and the second one again. */
  private static final class Twice extends Layer {
    private final Linear first = new Linear(64);
    private final Linear second = new Linear(64);

    @Override
    protected Shape build(Scope scope, Shape input) {
      return scope.child("second", second, scope.child("first", first, input));
    }

    @Override
    public Tensor forward(Tensor x) {
      return second.forward(first.forward(second.forward(x)));
    }
  }

  @Test
  void aWeightThatIsUsedTwiceIsFinalWhereItWasUsedFirst() {
    try (Steps steps =
        new Steps(EACH_WEIGHT, new Flatten(), new Twice(), new ReLU(), new Linear(3)).step()) {
      assertEquals(List.of(192L, 4096L, 4096L, 144L), steps.sizes());
      assertTrue(steps.unreachedThen.get(0).contains("1.second.weight"));
      assertEquals(List.of(), steps.unreachedThen.get(1), "it has waited for the whole way back");
      steps.assertFinal();
    }
  }

  /** Adds what a linear layer says, or leaves it. */
  private static final class Sometimes extends Layer {
    private final Linear inner = new Linear(64);
    private boolean takesPart = true;

    @Override
    protected Shape build(Scope scope, Shape input) {
      return scope.child("inner", inner, input);
    }

    @Override
    public Tensor forward(Tensor x) {
      return takesPart ? inner.forward(x) : x;
    }
  }

  @Test
  void whatThePassDidNotReachIsZero() {
    Sometimes sometimes = new Sometimes();
    try (Steps steps = new Steps(EACH_WEIGHT, new Flatten(), sometimes, new Linear(3)).step()) {
      assertFalse(isZero(steps.valuesThen.get(1)));
      sometimes.takesPart = false;
      steps.step();
      assertTrue(isZero(steps.valuesThen.get(1)), "1.inner.weight");
      assertTrue(steps.unreachedThen.get(2).contains("1.inner.weight"));
      steps.assertFinal();
    }
  }

  private static boolean isZero(float[] values) {
    for (float value : values) {
      if (value != 0) {
        return false;
      }
    }
    return true;
  }

  /** Learns without ever having asked for what it learns. */
  private static final class Secretive extends Layer {
    private Parameter weight;

    @Override
    protected Shape build(Scope scope, Shape input) {
      weight =
          scope.parameter("weight", Shape.of(3, 5), Parameter.Kind.WEIGHT, Initializer.constant(1));
      return input;
    }

    @Override
    public Tensor forward(Tensor x) {
      Pass pass = x.pass();
      Tensor y = pass.allocate(x.shape());
      pass.backend().math().copy(x.buffer(), y.buffer());
      pass.record(
          new Op() {
            @Override
            protected void backward(Pass same, Tensor output) {
              same.backend().math().fill(weight.gradient(), 1);
              weight.gradientBeta();
            }
          },
          y);
      return y;
    }
  }

  @Test
  void anOpThatHidesWhatItUsesIsToldSo() {
    try (Steps steps = new Steps(EACH_WEIGHT, new Conv2d(4, 3), new Secretive(), new Linear(3))) {
      IllegalStateException told = assertThrows(IllegalStateException.class, steps::step);
      assertTrue(told.getMessage().contains("1.weight[3, 5]"), told.getMessage());
    }
  }
}
