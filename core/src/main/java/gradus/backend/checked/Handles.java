package gradus.backend.checked;

import gradus.GradusException;
import gradus.backend.Backend;
import gradus.backend.Buffer;
import gradus.backend.BufferPool;
import gradus.tensor.DType;
import java.nio.IntBuffer;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.stream.Collectors;

/** All living handles of one checked backend: it makes them, ends them, and knows the leaks. */
final class Handles implements BufferPool.Lending {
  private static final StackWalker WALKER = StackWalker.getInstance();
  private static final Set<String> OURS =
      Set.of(Handles.class.getName(), CheckedMemory.class.getName(), BufferPool.class.getName());
  private static final int FRAMES = 4; // enough to get from a tensor to the layer that wanted it

  private final Backend inner;
  private final Set<CheckedBuffer> living = new LinkedHashSet<>();

  Handles(Backend inner) {
    this.inner = inner;
  }

  /** A living handle on memory with undefined contents, which are made NaN. */
  CheckedBuffer open(Buffer buffer) {
    poison(buffer);
    CheckedBuffer handle = new CheckedBuffer(buffer, callSite());
    living.add(handle);
    return handle;
  }

  /** Ends a handle; what is read through it from now on is an error, and NaN to others. */
  Buffer close(Buffer buffer, String how) {
    CheckedBuffer handle = living(how, "buffer", buffer);
    if (handle.isSlice()) {
      throw new GradusException(how + ": " + handle + " does not own its memory; end its owner.");
    }
    handle.end(how + " at " + callSite());
    living.remove(handle);
    poison(handle.inner());
    return handle.inner();
  }

  @Override
  public Buffer lend(Buffer pooled) {
    return open(pooled);
  }

  @Override
  public Buffer takeBack(Buffer lent) {
    return close(lent, "pool.giveBack");
  }

  /**
   * The handle, if it is one of ours and alive.
   *
   * @throws GradusException that names the op, the argument, and where it was ended
   */
  CheckedBuffer living(String op, String argument, Buffer buffer) {
    if (!(buffer instanceof CheckedBuffer handle)) {
      throw new GradusException(
          op
              + ": argument "
              + argument
              + (buffer == null ? " is missing." : " belongs to another backend."));
    }
    if (handle.end() != null) {
      throw new GradusException(
          op
              + ": argument "
              + argument
              + " is used after its end. It is a "
              + handle
              + ", ended by "
              + handle.end()
              + ".");
    }
    return handle;
  }

  /** What is alive, one line each; empty when nothing leaked. */
  String leaks() {
    return living.stream().map(handle -> "\n  " + handle).collect(Collectors.joining());
  }

  /** Signalling contents for every type that has some; bytes have none and keep theirs. */
  private void poison(Buffer buffer) {
    if (buffer.dtype() == DType.F32) {
      inner.math().fill(buffer, Float.NaN);
    } else if (buffer.dtype() == DType.I32) {
      int count = Math.toIntExact(buffer.elements());
      IntBuffer values = IntBuffer.allocate(count);
      for (int i = 0; i < count; i++) {
        values.put(i, Integer.MIN_VALUE);
      }
      inner.memory().copyIn(values, buffer, count);
    }
  }

  /** The callers outside the checks and the pool, innermost first. */
  private static String callSite() {
    return WALKER.walk(
        frames ->
            frames
                .filter(frame -> !OURS.contains(frame.getClassName()))
                .limit(FRAMES)
                .map(Object::toString)
                .collect(Collectors.joining(" < ")));
  }
}
