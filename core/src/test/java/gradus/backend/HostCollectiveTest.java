package gradus.backend;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gradus.GradusException;
import gradus.tensor.DType;
import gradus.tensor.Placement;
import gradus.tensor.Shape;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.IntConsumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class HostCollectiveTest {
  private static final int MEMBERS = 3;
  private static final int SIZE = 1000;

  private final List<Backend> backends = new ArrayList<>();
  private final List<Buffer> buffers = new ArrayList<>();
  private Collective collective;

  @BeforeEach
  void open() {
    for (int i = 0; i < MEMBERS; i++) {
      Backend backend = Backends.named("reference");
      backends.add(backend);
      Shape shape = Shape.of(SIZE);
      long bytes = backend.memory().bytes(shape, DType.F32, Placement.DENSE);
      buffers.add(backend.memory().allocate(DType.F32, bytes));
      write(i, i + 1);
    }
    collective = backends.get(0).collective(backends.subList(1, MEMBERS));
  }

  @AfterEach
  void close() {
    collective.close();
    for (int i = 0; i < MEMBERS; i++) {
      backends.get(i).memory().free(buffers.get(i));
      backends.get(i).close();
    }
  }

  private void write(int member, float value) {
    backends.get(member).math().fill(buffers.get(member), value);
  }

  private float[] read(int member) {
    float[] values = new float[SIZE];
    backends
        .get(member)
        .memory()
        .copyOut(buffers.get(member), Shape.of(SIZE), Placement.DENSE, FloatBuffer.wrap(values));
    return values;
  }

  private static float[] all(float value) {
    float[] values = new float[SIZE];
    Arrays.fill(values, value);
    return values;
  }

  private static void everywhere(IntConsumer part) {
    List<CompletableFuture<Void>> others = new ArrayList<>();
    for (int i = 0; i < MEMBERS; i++) {
      int member = i;
      others.add(
          CompletableFuture.runAsync(() -> part.accept(member), task -> new Thread(task).start()));
    }
    others.forEach(CompletableFuture::join);
  }

  @Test
  void theLeaderGetsTheSumAndTheOthersKeepTheirs() {
    everywhere(member -> collective.reduce(member, buffers.get(member)));
    assertArrayEquals(all(6), read(0));
    assertArrayEquals(all(2), read(1));
    assertArrayEquals(all(3), read(2));
  }

  @Test
  void allGetWhatTheLeaderHas() {
    everywhere(member -> collective.broadcast(member, buffers.get(member)));
    assertArrayEquals(all(1), read(1));
    assertArrayEquals(all(1), read(2));
  }

  @Test
  void oneCallFollowsTheOther() {
    everywhere(
        member -> {
          for (int i = 0; i < 100; i++) {
            collective.broadcast(member, buffers.get(member));
            collective.reduce(member, buffers.get(member));
            write(member, member == 0 ? i + 1 : -1);
          }
        });
    assertArrayEquals(all(100), read(0));
    assertArrayEquals(all(-1), read(1));
  }

  @Test
  void nobodyWaitsForOneThatHasFailed() {
    CompletionException ended =
        assertThrows(
            CompletionException.class,
            () ->
                everywhere(
                    member -> {
                      if (member == 1) {
                        collective.abort();
                      } else {
                        collective.reduce(member, buffers.get(member));
                      }
                    }));
    assertInstanceOf(GradusException.class, ended.getCause());
    assertTrue(ended.getCause().getMessage().contains("one of them has failed"));
  }
}
