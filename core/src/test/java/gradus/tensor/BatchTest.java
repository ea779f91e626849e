package gradus.tensor;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gradus.GradusException;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import org.junit.jupiter.api.Test;

class BatchTest {
  private static final Shape SHAPE = Shape.of(4, 2, 1, 3);

  private static Batch ofNumbers() {
    FloatBuffer images = FloatBuffer.allocate(30); // with room to spare
    for (int i = 0; i < 24; i++) {
      images.put(i, i);
    }
    images.position(7).limit(9); // which must not matter
    IntBuffer labels = IntBuffer.wrap(new int[] {3, 2, 1, 0}).position(2);
    FloatBuffer targets = FloatBuffer.wrap(new float[] {0, 1, 2, 3, 4, 5, 6, 7});
    return new Batch(SHAPE, images, labels, targets);
  }

  private static float[] all(FloatBuffer buffer) {
    float[] values = new float[buffer.capacity()];
    buffer.get(0, values);
    return values;
  }

  @Test
  void aSliceHasItsImagesLabelsAndTargets() {
    Batch slice = ofNumbers().slice(1, 2);
    assertEquals(Shape.of(2, 2, 1, 3), slice.shape());
    assertArrayEquals(
        new float[] {6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17}, all(slice.images()));
    assertEquals(2, slice.labels().get(0));
    assertEquals(1, slice.labels().get(1));
    assertArrayEquals(new float[] {2, 3, 4, 5}, all(slice.targets()));
  }

  @Test
  void aSliceIsAView() {
    Batch batch = ofNumbers();
    batch.slice(3, 1).images().put(0, -1);
    assertEquals(-1, batch.images().duplicate().clear().get(18));
  }

  @Test
  void aSliceOfBytesStaysBytes() {
    ByteBuffer bytes = ByteBuffer.allocate(24);
    for (int i = 0; i < 24; i++) {
      bytes.put(i, (byte) i);
    }
    float[] scale = {2, 3};
    Batch batch = Batch.ofBytes(SHAPE, bytes, scale, new float[] {0.5f, 1}, null);
    Batch slice = batch.slice(2, 1);
    assertTrue(slice.isOfBytes());
    assertEquals(12, slice.bytes().get(0));
    assertNull(slice.labels());
    assertArrayEquals(new float[] {24.5f, 26.5f, 28.5f, 46, 49, 52}, all(slice.images()));
    batch.images(); // from here on the numbers count
    assertArrayEquals(all(slice.images()), all(batch.slice(2, 1).images()));
  }

  /** A loader fills the same batch again and again: its labels change, the memory does not. */
  @Test
  void oneHotLabelsAreWrittenIntoTheSameMemory() {
    IntBuffer labels = IntBuffer.wrap(new int[] {1, 0});
    Batch batch = new Batch(Shape.of(2, 1, 1, 1), FloatBuffer.allocate(2), labels);
    FloatBuffer first = batch.oneHot(2);
    assertArrayEquals(new float[] {0, 1, 1, 0}, all(first));
    labels.put(0, 0);
    assertSame(first, batch.oneHot(2));
    assertArrayEquals(new float[] {1, 0, 1, 0}, all(first));
    assertArrayEquals(new float[] {1, 0, 0}, all(batch.slice(1, 1).oneHot(3)));
    GradusException refusal = assertThrows(GradusException.class, () -> batch.oneHot(0));
    assertTrue(refusal.getMessage().contains("Label 0 of the batch is 0"), refusal.getMessage());
  }

  @Test
  void onlyImagesThatAreThere() {
    Batch batch = ofNumbers();
    for (int[] wrong : new int[][] {{-1, 2}, {0, 0}, {3, 2}, {4, 1}, {1, Integer.MAX_VALUE}}) {
      GradusException refusal =
          assertThrows(GradusException.class, () -> batch.slice(wrong[0], wrong[1]));
      assertTrue(refusal.getMessage().contains("a batch of 4"), refusal.getMessage());
    }
  }
}
