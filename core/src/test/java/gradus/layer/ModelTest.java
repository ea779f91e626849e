package gradus.layer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gradus.GradusException;
import gradus.autograd.Pass;
import gradus.backend.Backend;
import gradus.backend.Backends;
import gradus.tensor.Shape;
import java.nio.FloatBuffer;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ModelTest {
  private Backend backend;

  @BeforeEach
  void open() {
    backend = Backends.named("reference");
  }

  @AfterEach
  void close() {
    assertEquals(0, backend.pool().lent());
    backend.close();
  }

  private static Layer lenet() {
    return new Sequential()
        .add("conv1", new Conv2d(6, 5))
        .add("relu1", new ReLU())
        .add("pool1", new MaxPool2d(2))
        .add("conv2", new Conv2d(16, 5))
        .add("relu2", new ReLU())
        .add("pool2", new MaxPool2d(2))
        .add("fc1", new Linear(120))
        .add("relu3", new ReLU())
        .add("fc2", new Linear(84))
        .add("relu4", new ReLU())
        .add("fc3", new Linear(10));
  }

  @Test
  void shapesAreInferred() {
    try (Model model = Model.build(backend, lenet(), Shape.of(1, 28, 28), 1)) {
      assertEquals(Shape.of(10), model.outputShape());
      assertEquals(Shape.of(120, 256), model.parameters().named("fc1.weight").shape());
      assertEquals(44_426, model.parameters().count()); // 156 + 2416 + 30840 + 10164 + 850
      assertEquals(44_426, model.summary().parameters());
      assertEquals(281_640, model.summary().multiplyAdds()); // 86400 + 153600 + 30720 + 10080 + 840
    }
  }

  @Test
  void theSummaryShowsEveryLayer() {
    try (Model model = Model.build(backend, lenet(), Shape.of(1, 28, 28), 1)) {
      String table = model.summary().toString();
      for (String expected :
          new String[] {"conv2", "MaxPool2d", "[N, 16, 4, 4]", "30,840", "44,426", "281,640"}) {
        assertTrue(table.contains(expected), () -> expected + " is missing in\n" + table);
      }
      LayerSummary first = model.summary().layers().get(0);
      assertEquals("conv1", first.path());
      assertEquals(model.summary().input(), first.input());
      assertEquals(156, first.parameters());
    }
  }

  @Test
  void aMisfitIsExplainedWithTheShapesSoFar() {
    Layer tooDeep =
        new Sequential()
            .add("conv1", new Conv2d(4, 3))
            .add("pool1", new MaxPool2d(2))
            .add("conv2", new Conv2d(4, 5));
    String message =
        assertThrows(
                ShapeMismatchException.class,
                () -> Model.build(backend, tooDeep, Shape.of(1, 8, 8), 1))
            .getMessage();
    assertTrue(message.contains("Conv2d \"conv2\" gets [4, 3, 3]"), message);
    assertTrue(message.contains("does not fit into the image of"), message);
    assertTrue(message.contains("pool1") && message.contains("[4, 6, 6] -> [4, 3, 3]"), message);
  }

  @Test
  void convolutionsTakeImagesOnly() {
    Layer flatFirst = new Sequential(new Flatten(), new Conv2d(4, 3));
    assertThrows(
        ShapeMismatchException.class, () -> Model.build(backend, flatFirst, Shape.of(1, 8, 8), 1));
  }

  @Test
  void residualWaysMustMeet() {
    Layer strided = new Residual(new Conv2d(4, 3).stride(2));
    String message =
        assertThrows(
                ShapeMismatchException.class,
                () -> Model.build(backend, strided, Shape.of(4, 9, 9), 1))
            .getMessage();
    assertTrue(message.contains("add a shortcut"), message);
  }

  @Test
  void theSeedDecidesTheWeights() {
    try (Model a = Model.build(backend, lenet(), Shape.of(1, 28, 28), 1);
        Model b = Model.build(backend, lenet(), Shape.of(1, 28, 28), 1);
        Model c = Model.build(backend, lenet(), Shape.of(1, 28, 28), 2)) {
      float[] first = a.parameters().named("conv1.weight").read();
      assertArrayEquals(first, b.parameters().named("conv1.weight").read());
      assertFalse(Arrays.equals(first, c.parameters().named("conv1.weight").read()));
      float bound = 1 / 5f; // 1 / sqrt(1 * 5 * 5)
      for (float value : first) {
        assertTrue(Math.abs(value) <= bound);
      }
    }
  }

  @Test
  void aLayerBelongsToOneModel() {
    Layer shared = new Linear(3);
    try (Model first = Model.build(backend, shared, Shape.of(4), 1)) {
      assertEquals(Shape.of(3), first.outputShape());
      assertThrows(IllegalStateException.class, () -> Model.build(backend, shared, Shape.of(4), 1));
    }
  }

  @Test
  void imagesOfAnotherSizeAreRefused() {
    try (Model model = Model.build(backend, lenet(), Shape.of(1, 28, 28), 1);
        Pass pass = Pass.evaluating(backend)) {
      Shape wrong = Shape.of(1, 1, 32, 32);
      var images = pass.tensor(FloatBuffer.allocate(1024), wrong);
      String message =
          assertThrows(GradusException.class, () -> model.forward(images)).getMessage();
      assertTrue(message.contains("[1, 28, 28]") && message.contains("[1, 1, 32, 32]"), message);
    }
  }

  @Test
  void weightsAreWrittenWhole() {
    try (Model model = Model.build(backend, new Linear(2), Shape.of(3), 1)) {
      Parameter weight = model.parameters().named("weight");
      weight.write(new float[] {1, 2, 3, 4, 5, 6});
      assertArrayEquals(new float[] {1, 2, 3, 4, 5, 6}, weight.read());
      assertThrows(GradusException.class, () -> weight.write(new float[5]));
      assertThrows(GradusException.class, () -> model.parameters().named("wieght"));
    }
  }

  @Test
  void whatNoArrayHoldsIsRefused() {
    Layer layer = new Sequential().add("fc", new Linear(2_000_000_000));
    String one =
        assertThrows(
                GradusException.class, () -> Model.build(backend, layer, Shape.of(3, 32, 32), 1))
            .getMessage();
    assertTrue(one.contains("fc") && one.contains("[2000000000, 3072]"), one);
    Layer wide = new Sequential().add("a", new Linear(1 << 30)).add("b", new Conv2d(1 << 20, 1));
    assertThrows(GradusException.class, () -> Model.build(backend, wide, Shape.of(1), 1));
    Sequential many = new Sequential();
    for (int i = 0; i < 3; i++) {
      many.add("fc" + i, new Linear(32_768));
    }
    String all =
        assertThrows(GradusException.class, () -> Model.build(backend, many, Shape.of(32_768), 1))
            .getMessage();
    assertTrue(all.contains("3,221,323,776"), all);
  }

  @Test
  void closingGivesAllMemoryBack() {
    long before = backend.memory().liveBytes();
    try (Model model = Model.build(backend, lenet(), Shape.of(1, 28, 28), 1)) {
      assertTrue(backend.memory().liveBytes() > before);
      assertEquals(10, model.outputShape().dim(0));
    }
    assertEquals(before, backend.memory().liveBytes());
  }
}
