package gradus.backend;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;

import gradus.tensor.DType;
import gradus.tensor.Placement;
import gradus.tensor.Shape;
import java.nio.FloatBuffer;
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

  @Test
  void sharedMemoryServesOneSizeAfterTheOther() {
    try (Backend backend = Backends.named("reference")) {
      BufferPool pool = backend.pool();
      Buffer large = pool.takeShared(4000);
      Buffer small = pool.takeShared(1000);
      pool.giveBack(large);
      pool.giveBack(small);
      assertEquals(5000, backend.memory().liveBytes());
      Buffer[] taken = {pool.takeShared(2000), pool.takeShared(800)};
      assertEquals(2000, taken[0].bytes());
      assertEquals(800, taken[1].bytes());
      backend.math().fill(taken[0], 1);
      backend.math().fill(taken[1], 2);
      float[] first = new float[500];
      backend.memory().copyOut(taken[0], Shape.of(500), Placement.DENSE, FloatBuffer.wrap(first));
      assertEquals(1, first[0], "two at once share nothing");
      assertEquals(5000, backend.memory().liveBytes());
      pool.giveBack(taken[0]);
      pool.giveBack(taken[1]);
      assertSame(taken[0], pool.takeShared(2000));
      pool.giveBack(taken[0]);
      assertEquals(0, pool.lent());
    }
  }

  @Test
  void sharedMemoryGrowsAndKeepsLargeBlocksForLargeSizes() {
    try (Backend backend = Backends.named("reference")) {
      BufferPool pool = backend.pool();
      pool.giveBack(pool.takeShared(400));
      Buffer grown = pool.takeShared(4000);
      assertEquals(4000, backend.memory().liveBytes(), "the block of 400 has grown");
      pool.giveBack(grown);
      Buffer tiny = pool.takeShared(40);
      assertEquals(4040, backend.memory().liveBytes(), "less than a sixteenth is on its own");
      assertSame(grown, pool.takeShared(4000));
      pool.giveBack(tiny);
      pool.giveBack(grown);
      pool.trim();
      assertEquals(0, backend.memory().liveBytes());
    }
  }
}
