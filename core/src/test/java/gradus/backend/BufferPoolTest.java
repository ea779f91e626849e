package gradus.backend;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;

import gradus.tensor.DType;
import org.junit.jupiter.api.Test;

class BufferPoolTest {
  @Test
  void givesTheSameBufferAgainForTheSameTypeAndSize() {
    try (Backend backend = Backends.named("reference")) {
      BufferPool pool = backend.pool();
      Buffer first = pool.take(DType.F32, 400);
      assertEquals(1, pool.lent());
      pool.giveBack(first);
      assertEquals(0, pool.lent());
      Buffer otherSize = pool.take(DType.F32, 404);
      Buffer otherType = pool.take(DType.I32, 400);
      assertNotSame(first, otherSize);
      assertNotSame(first, otherType);
      Buffer again = pool.take(DType.F32, 400);
      assertSame(first, again);
      pool.giveBack(again);
      pool.giveBack(otherSize);
      pool.giveBack(otherType);
    }
  }

  @Test
  void holdsManySizesAndGivesThemBackWhenTrimmed() {
    try (Backend backend = Backends.named("reference")) {
      BufferPool pool = backend.pool();
      Buffer[] taken = new Buffer[200];
      for (int round = 0; round < 3; round++) {
        for (int i = 0; i < taken.length; i++) {
          taken[i] = pool.take(DType.F32, 4L * (i + 1));
        }
        long live = backend.memory().liveBytes();
        assertEquals(4L * 200 * 201 / 2, live, "round " + round);
        for (Buffer buffer : taken) {
          pool.giveBack(buffer);
        }
      }
      pool.trim();
      assertEquals(0, backend.memory().liveBytes());
    }
  }
}
