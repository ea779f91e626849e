package gradus.backend.tck;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import gradus.backend.Backend;
import gradus.backend.BackendOptions;
import gradus.backend.Buffer;
import gradus.backend.Collective;
import gradus.backend.reference.ReferenceBackend;
import gradus.tensor.DType;
import gradus.tensor.Placement;
import gradus.tensor.Shape;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.Test;

/** A backend works together with others, of its own kind or not, and alone. */
public interface CollectiveContract extends BackendUnderTest {
  /** How many numbers are moved: of no round size. */
  int COUNT = 1013;

  /** Leading another one that it knows nothing of. */
  @Test
  default void twoBackendsShareTheirNumbers() {
    try (Backend leader = open(BackendOptions.DEFAULT);
        Backend other = new ReferenceBackend();
        Collective collective = leader.collective(List.of(other))) {
      Buffer[] buffers = {filled(leader, 1.5f), filled(other, 2)};
      Backend[] backends = {leader, other};
      run(buffers, collective::reduce);
      assertArrayEquals(all(3.5f), read(leader, buffers[0]));
      assertArrayEquals(all(2), read(other, buffers[1]));
      run(buffers, collective::broadcast);
      assertArrayEquals(all(3.5f), read(other, buffers[1]));
      for (int i = 0; i < 2; i++) {
        backends[i].memory().free(buffers[i]);
      }
    }
  }

  /** What is final travels while the rest is worked out. */
  @Test
  default void partsAreAddedUpBesideTheRest() {
    try (Backend leader = open(BackendOptions.DEFAULT);
        Backend other = new ReferenceBackend();
        Collective collective = leader.collective(List.of(other))) {
      Backend[] backends = {leader, other};
      Buffer[] buffers = {filled(leader, 1.5f), filled(other, 2)};
      run(
          buffers,
          (member, buffer) -> {
            Backend backend = backends[member];
            Buffer rest = backend.memory().slice(buffer, 0, 512);
            collective.beginReduce(member, backend.memory().slice(buffer, 512, COUNT - 512));
            backend.math().fill(rest, 10 * (member + 1));
            collective.beginReduce(member, rest);
            collective.finishReduce(member);
            backend.math().fill(backend.memory().slice(buffer, 0, 16), member);
          });
      float[] expected = all(3.5f);
      Arrays.fill(expected, 0, 16, 0);
      Arrays.fill(expected, 16, 512, 30);
      assertArrayEquals(expected, read(leader, buffers[0]));
      Arrays.fill(expected, 0, 16, 1);
      Arrays.fill(expected, 16, 512, 20);
      Arrays.fill(expected, 512, COUNT, 2);
      assertArrayEquals(expected, read(other, buffers[1]));
      for (int i = 0; i < 2; i++) {
        backends[i].memory().free(buffers[i]);
      }
    }
  }

  /** One device is the simplest of several. */
  @Test
  default void aBackendAloneKeepsItsNumbers() {
    try (Backend backend = open(BackendOptions.DEFAULT);
        Collective collective = backend.collective(List.of())) {
      Buffer buffer = filled(backend, 2.5f);
      collective.broadcast(0, buffer);
      collective.reduce(0, buffer);
      assertArrayEquals(all(2.5f), read(backend, buffer));
      backend.memory().free(buffer);
    }
  }

  private static void run(Buffer[] buffers, BiConsumer<Integer, Buffer> part) {
    CompletableFuture<Void> other =
        CompletableFuture.runAsync(
            () -> part.accept(1, buffers[1]), work -> new Thread(work).start());
    part.accept(0, buffers[0]);
    other.join();
  }

  private static Buffer filled(Backend backend, float value) {
    long bytes = backend.memory().bytes(Shape.of(COUNT), DType.F32, Placement.DENSE);
    Buffer buffer = backend.memory().allocate(DType.F32, bytes);
    backend.math().fill(buffer, value);
    return buffer;
  }

  private static float[] all(float value) {
    float[] values = new float[COUNT];
    Arrays.fill(values, value);
    return values;
  }

  private static float[] read(Backend backend, Buffer buffer) {
    float[] values = new float[COUNT];
    backend.memory().copyOut(buffer, Shape.of(COUNT), Placement.DENSE, FloatBuffer.wrap(values));
    return values;
  }
}
