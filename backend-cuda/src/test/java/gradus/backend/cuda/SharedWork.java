package gradus.backend.cuda;

import gradus.GradusException;
import gradus.backend.Backend;
import gradus.backend.BackendOptions;
import gradus.backend.Buffer;
import gradus.backend.Collective;
import gradus.backend.spec.LinearSpec;
import gradus.tensor.DType;
import gradus.tensor.Placement;
import gradus.tensor.Precision;
import gradus.tensor.Shape;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/**
 * Several GPUs, each driven by a thread of its own, that copy and sum, at once and beside their
 * kernels: member m begins with m + 1 everywhere.
 */
final class SharedWork {
  /** What two GPUs come to. */
  static final String RIGHT =
      "sum 3.0, second 2.0, copied 3.0, in parts 30.0 and 6.0, then: one of them has failed";

  private static final String ENDED = "one of them has failed";
  private static final int SIZE = 10_000;
  private static final int ROUNDS = 20;
  private static final long PART = SIZE / 2;

  private final List<Member> members = new ArrayList<>();
  private final String result;

  private record Member(int number, Backend backend, Buffer buffer) {
    private Buffer part(int number) {
      return backend.memory().slice(buffer, number * PART, PART);
    }

    private float value() {
      return value(buffer);
    }

    private float value(Buffer of) {
      float[] values = new float[(int) of.elements()];
      Shape shape = Shape.of(values.length);
      backend.memory().copyOut(of, shape, Placement.DENSE, FloatBuffer.wrap(values));
      for (float value : values) {
        if (value != values[0]) {
          throw new IllegalStateException(Arrays.toString(values));
        }
      }
      return values[0];
    }
  }

  SharedWork(CudaBackendProvider provider, int devices) {
    this(provider, devices, BackendOptions.DEFAULT);
  }

  SharedWork(CudaBackendProvider provider, int devices, BackendOptions options) {
    for (int i = 0; i < devices; i++) {
      Backend backend = provider.open(options.withDevice(i));
      Buffer buffer = backend.memory().allocate(DType.F32, (long) SIZE * Float.BYTES);
      backend.math().fill(buffer, i + 1);
      members.add(new Member(i, backend, buffer));
    }
    List<Backend> others = members.stream().skip(1).map(Member::backend).toList();
    try (Collective collective = members.get(0).backend.collective(others)) {
      result = collective.describe() + ": " + run(collective);
    } finally {
      for (Member member : members) {
        member.backend.memory().free(member.buffer);
        member.backend.close();
      }
    }
  }

  private String run(Collective collective) {
    everywhere(member -> collective.reduce(member.number, member.buffer));
    String sums = "sum " + value(0) + ", second " + value(devices() - 1);
    everywhere(member -> copyAndMultiply(collective, member));
    String copied = ", copied " + value(devices() - 1);
    everywhere(member -> besideKernels(collective, member));
    Member leader = members.get(0);
    String parts = leader.value(leader.part(0)) + " and " + leader.value(leader.part(1));
    return sums + copied + ", in parts " + parts + ", then: " + afterFailure(collective);
  }

  /** One of them makes the calls of all, again and again: each must still compute on its own. */
  private static void copyAndMultiply(Collective collective, Member member) {
    LinearSpec product = new LinearSpec(2, 3, 4, Precision.FP32);
    Buffer result = member.backend.memory().allocate(DType.F32, 8 * Float.BYTES);
    for (int i = 0; i < ROUNDS; i++) {
      collective.broadcast(member.number, member.buffer);
      member.backend.nn().linear(product, member.buffer, member.buffer, null, result);
    }
    member.backend.memory().free(result);
  }

  /** The second part travels as it is, 3 times as much with two GPUs, while the first is made. */
  private static void besideKernels(Collective collective, Member member) {
    collective.beginReduce(member.number, member.part(1));
    member.backend.math().fill(member.part(0), 10 * (member.number + 1));
    collective.beginReduce(member.number, member.part(0));
    collective.finishReduce(member.number);
  }

  private int devices() {
    return members.size();
  }

  private float value(int member) {
    return members.get(member).value();
  }

  /** What the last one is told that waits for another, and of a call after that. */
  private String afterFailure(Collective collective) {
    Member last = members.get(devices() - 1);
    Thread[] waiting = new Thread[1];
    CompletableFuture<String> told =
        CompletableFuture.supplyAsync(
            () -> {
              waiting[0] = Thread.currentThread();
              return devices() == 1 ? ENDED : reduced(collective, last);
            },
            work -> new Thread(work).start());
    while (!told.isDone()
        && (waiting[0] == null || waiting[0].getState() != Thread.State.WAITING)) {
      Thread.onSpinWait();
    }
    collective.abort();
    String afterwards = reduced(collective, members.get(0));
    return told.join().equals(afterwards) ? afterwards : told.join() + ", and " + afterwards;
  }

  private static String reduced(Collective collective, Member member) {
    try {
      collective.reduce(member.number, member.buffer);
      return "nothing";
    } catch (GradusException ended) {
      return ended.getMessage().contains(ENDED) ? ENDED : ended.getMessage();
    }
  }

  private void everywhere(Consumer<Member> part) {
    CompletableFuture.allOf(
            members.stream()
                .map(
                    member ->
                        CompletableFuture.runAsync(
                            () -> part.accept(member), work -> new Thread(work).start()))
                .toArray(CompletableFuture<?>[]::new))
        .join();
  }

  String result() {
    return result;
  }
}
