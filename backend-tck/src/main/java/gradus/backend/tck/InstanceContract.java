package gradus.backend.tck;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import gradus.backend.Backend;
import gradus.backend.BackendOptions;
import gradus.backend.Buffer;
import gradus.tensor.DType;
import gradus.tensor.Placement;
import gradus.tensor.Shape;
import java.nio.FloatBuffer;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** A backend is an object: it says what it is, recycles its buffers and leaves others alone. */
public interface InstanceContract extends BackendUnderTest {
  /** One line for logs. */
  @Test
  default void aBackendDescribesItself() {
    try (Backend backend = open(BackendOptions.DEFAULT)) {
      assertFalse(backend.name().isBlank());
      assertFalse(backend.describe().isBlank());
      assertEquals(1, backend.describe().lines().count(), backend.describe());
    }
  }

  /** The second request of a size is answered without allocating. */
  @Test
  default void thePoolRecycles() {
    try (Backend backend = open(BackendOptions.DEFAULT)) {
      long before = backend.memory().liveBytes();
      backend.pool().giveBack(backend.pool().take(DType.F32, 4096));
      long afterFirst = backend.memory().liveBytes();
      for (int i = 0; i < 10; i++) {
        backend.pool().giveBack(backend.pool().take(DType.F32, 4096));
      }
      assertEquals(afterFirst, backend.memory().liveBytes());
      assertEquals(0, backend.pool().lent());
      backend.pool().trim();
      assertEquals(before, backend.memory().liveBytes());
    }
  }

  /** Two open backends do not see each other; closing one leaves the other working. */
  @Test
  default void twoInstancesLiveSideBySide() {
    try (Backend first = open(BackendOptions.DEFAULT.withThreads(1))) {
      Buffer mine;
      try (Backend second = open(BackendOptions.DEFAULT.withThreads(2))) {
        long before = second.memory().liveBytes();
        mine = first.memory().allocate(DType.F32, 40);
        assertEquals(before, second.memory().liveBytes());
        Buffer theirs = second.memory().allocate(DType.F32, 40);
        first.math().fill(mine, 1);
        second.math().fill(theirs, 2);
        assertArrayEquals(filled(1), read(first, mine));
        assertArrayEquals(filled(2), read(second, theirs));
        second.memory().free(theirs);
      }
      first.math().scale(3, mine);
      assertArrayEquals(filled(3), read(first, mine));
      first.memory().free(mine);
    }
  }

  private static float[] filled(float value) {
    float[] values = new float[10];
    Arrays.fill(values, value);
    return values;
  }

  private static float[] read(Backend backend, Buffer buffer) {
    float[] values = new float[10];
    backend.memory().copyOut(buffer, Shape.of(10), Placement.DENSE, FloatBuffer.wrap(values));
    return values;
  }
}
