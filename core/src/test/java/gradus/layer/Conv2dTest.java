package gradus.layer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gradus.GradusException;
import gradus.autograd.Pass;
import gradus.backend.Backend;
import gradus.backend.Backends;
import gradus.tensor.Shape;
import java.nio.FloatBuffer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class Conv2dTest {
  private static final Shape IMAGE = Shape.of(2, 9, 11);

  private Backend backend;

  @BeforeEach
  void open() {
    backend = Backends.named("reference");
  }

  @AfterEach
  void close() {
    backend.close();
  }

  private float[] output(Layer layer) {
    float[] pixels = new float[(int) IMAGE.size()];
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = (float) Math.sin(i);
    }
    try (Model model = Model.build(backend, layer, IMAGE, 1);
        Pass pass = Pass.evaluating(backend)) {
      return model.forward(pass.tensor(FloatBuffer.wrap(pixels), IMAGE.withBatch(1))).toArray();
    }
  }

  @ParameterizedTest(name = "kernel {0} x {1}, dilation {2}")
  @CsvSource({"1,1,1", "3,3,1", "5,3,2", "2,4,1", "4,2,3"})
  void samePaddingKeepsTheSize(int kernelH, int kernelW, int dilation) {
    Layer layer = Conv2d.rectangular(3, kernelH, kernelW).dilation(dilation).samePadding();
    try (Model model = Model.build(backend, layer, IMAGE, 1)) {
      assertEquals(Shape.of(3, 9, 11), model.outputShape());
    }
  }

  /** As PyTorch: of an odd number of zeros one more behind than before. */
  @Test
  void samePaddingHasTheOddZeroBelowAndToTheRight() {
    assertArrayEquals(
        output(Conv2d.rectangular(3, 4, 2).padding(1, 0, 2, 1)),
        output(Conv2d.rectangular(3, 4, 2).samePadding()));
    assertArrayEquals(
        output(new Conv2d(3, 3).padding(1)), output(new Conv2d(3, 3).samePadding().padding(1)));
  }

  @Test
  void samePaddingNeedsStrideOne() {
    String message =
        assertThrows(
                GradusException.class,
                () -> Model.build(backend, new Conv2d(3, 3).stride(2, 1).samePadding(), IMAGE, 1))
            .getMessage();
    assertTrue(message.contains("stride 2 x 1"), message);
  }
}
