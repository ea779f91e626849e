package gradus.tensor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import gradus.GradusException;
import java.nio.FloatBuffer;
import org.junit.jupiter.api.Test;

class ShapeTest {
  @Test
  void countsAndCompares() {
    Shape images = Shape.of(64, 3, 32, 32);
    assertEquals(196_608, images.size());
    assertEquals(32, images.dim(-1));
    assertEquals(Shape.of(3, 32, 32), images.withoutBatch());
    assertEquals(images, images.withoutBatch().withBatch(64));
    assertEquals("[64, 3, 32, 32]", images.toString());
    assertEquals(1, Shape.SCALAR.size());
  }

  @Test
  void refusesWhatIsNoShape() {
    assertThrows(GradusException.class, () -> Shape.of(3, 0));
    assertThrows(GradusException.class, () -> Shape.SCALAR.withoutBatch());
    assertThrows(GradusException.class, () -> Shape.of(1 << 30, 1 << 30, 1 << 30));
    // 2^62 floats: their size in bytes overflows a long.
    assertThrows(GradusException.class, () -> Shape.of(4, 1 << 30, 1 << 30));
  }

  @Test
  void aBatchHoldsWhatItsShapeSays() {
    assertThrows(
        GradusException.class,
        () -> new Batch(Shape.of(2, 1, 2, 2), FloatBuffer.allocate(7), null));
  }
}
