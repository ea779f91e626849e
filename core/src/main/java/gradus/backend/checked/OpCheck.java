package gradus.backend.checked;

import gradus.GradusException;
import gradus.backend.Buffer;
import gradus.backend.Memory;
import gradus.tensor.DType;
import gradus.tensor.Placement;
import gradus.tensor.Shape;
import java.util.ArrayList;
import java.util.List;

/**
 * The check of the arguments of one call: that each lives, has the type and size the op wants, and
 * that no destination shares memory with another argument unless the op allows it.
 */
final class OpCheck {
  private record Argument(String name, CheckedBuffer buffer, boolean written) {}

  private record Pair(String first, String second) {}

  private final String op;
  private final Handles handles;
  private final Memory memory;
  private final List<Argument> arguments = new ArrayList<>();
  private final List<Pair> mayBeSame = new ArrayList<>();

  OpCheck(String op, Handles handles, Memory memory) {
    this.op = op;
    this.handles = handles;
    this.memory = memory;
  }

  /** A source of this shape; the backend's own buffer behind it. */
  Buffer read(String name, Buffer buffer, Shape shape, Placement placement) {
    return read(name, buffer, shape, DType.F32, placement);
  }

  /** A source of this type and shape. */
  Buffer read(String name, Buffer buffer, Shape shape, DType dtype, Placement placement) {
    return add(name, buffer, dtype, memory.bytes(shape, dtype, placement), false);
  }

  /** Activations of this shape, rounded as {@code like}, another argument, is, otherwise F32. */
  Buffer readActivations(String name, Buffer buffer, Shape shape, Buffer like) {
    return read(name, buffer, shape, activations(like), Placement.BATCH);
  }

  /** The same to be written. */
  Buffer writeActivations(String name, Buffer buffer, Shape shape, Buffer like) {
    return write(name, buffer, shape, activations(like), Placement.BATCH);
  }

  /** A destination like {@link #writeActivations}, or null. */
  Buffer writeOptionalActivations(String name, Buffer buffer, Shape shape, Buffer like) {
    return buffer == null ? null : writeActivations(name, buffer, shape, like);
  }

  /** What activations like these hold: the type they are rounded to, or F32. */
  static DType activations(Buffer like) {
    return isRounded(like) ? like.dtype() : DType.F32;
  }

  /** A source of this shape, or null. */
  Buffer readOptional(String name, Buffer buffer, Shape shape, Placement placement) {
    return buffer == null ? null : read(name, buffer, shape, placement);
  }

  /** A destination of this shape. */
  Buffer write(String name, Buffer buffer, Shape shape, Placement placement) {
    return write(name, buffer, shape, DType.F32, placement);
  }

  /** A destination of this type and shape. */
  Buffer write(String name, Buffer buffer, Shape shape, DType dtype, Placement placement) {
    return add(name, buffer, dtype, memory.bytes(shape, dtype, placement), true);
  }

  /** A destination of this shape, or null. */
  Buffer writeOptional(String name, Buffer buffer, Shape shape, Placement placement) {
    return buffer == null ? null : write(name, buffer, shape, placement);
  }

  /** A source of any shape that takes so many bytes. */
  Buffer readBytes(String name, Buffer buffer, long bytes) {
    return add(name, buffer, DType.F32, bytes, false);
  }

  /** A destination of any shape that takes so many bytes. */
  Buffer writeBytes(String name, Buffer buffer, long bytes) {
    return add(name, buffer, DType.F32, bytes, true);
  }

  /** Activations of any shape: as many, and of the type, as {@code like}, another argument. */
  Buffer readLike(String name, Buffer buffer, Buffer like) {
    return add(name, buffer, activations(like), like.elements() * activations(like).bytes(), false);
  }

  /** Activations of any shape: as many as {@code like}, rounded or F32. */
  Buffer readAsMany(String name, Buffer buffer, Buffer like) {
    return add(
        name, buffer, activations(buffer), like.elements() * activations(buffer).bytes(), false);
  }

  /** A destination of as many activations, rounded or F32, as it has. */
  Buffer writeActivations(String name, Buffer buffer) {
    return add(name, buffer, activations(buffer), buffer.bytes(), true);
  }

  /** A destination of any size and type. */
  Buffer writeAny(String name, Buffer buffer) {
    CheckedBuffer handle = handles.living(op, name, buffer);
    arguments.add(new Argument(name, handle, true));
    return handle.inner();
  }

  /** A source of any size and type. */
  Buffer readAny(String name, Buffer buffer) {
    CheckedBuffer handle = handles.living(op, name, buffer);
    arguments.add(new Argument(name, handle, false));
    return handle.inner();
  }

  /** Declares that these two may be the very same buffer. */
  OpCheck allowSame(String first, String second) {
    mayBeSame.add(new Pair(first, second));
    return this;
  }

  /** That beta is 0 or 1. */
  float beta(String name, float beta) {
    require(beta == 0 || beta == 1, name + " is " + beta + ", but must be 0 or 1");
    return beta;
  }

  /** A rule of the op that the types do not express. */
  void require(boolean holds, String complaint) {
    if (!holds) {
      throw new GradusException(op + ": " + complaint + ".");
    }
  }

  /**
   * Of the gradients of a batch norm or activation: those that are written are all rounded or none,
   * only those of rounded activations are, and dy only where they are.
   */
  void requireRoundedTogether(Buffer x, Buffer dy, Buffer dx, Buffer dResidual) {
    boolean some = isRounded(dy) || isRounded(dx) || isRounded(dResidual);
    boolean allWritten =
        (dx == null || isRounded(dx)) && (dResidual == null || isRounded(dResidual));
    require(
        !some || (isRounded(x) && allWritten),
        "gradients may be rounded where x and all that are written are, but x is a %s, dy a %s, dx a %s and dResidual a %s"
            .formatted(x, dy, dx, dResidual));
  }

  private static boolean isRounded(Buffer buffer) {
    return buffer != null && buffer.dtype().isReducedFloat();
  }

  /** Call it last: no destination may share memory with another argument. */
  void noAliasing() {
    for (int i = 0; i < arguments.size(); i++) {
      for (int j = 0; j < i; j++) {
        Argument first = arguments.get(i);
        Argument second = arguments.get(j);
        if (first.written) {
          requireApart(first, second);
        } else if (second.written) {
          requireApart(second, first);
        }
      }
    }
  }

  private void requireApart(Argument destination, Argument other) {
    boolean allowed =
        isAllowed(destination, other) && destination.buffer.isSameRegion(other.buffer);
    require(
        allowed || !destination.buffer.overlaps(other.buffer),
        "destination "
            + destination.name
            + " shares memory with argument "
            + other.name
            + ". It is "
            + destination.buffer
            + ". Give the op a destination of its own");
  }

  private boolean isAllowed(Argument a, Argument b) {
    return mayBeSame.contains(new Pair(a.name, b.name))
        || mayBeSame.contains(new Pair(b.name, a.name));
  }

  private void requireOneRounding(String name, DType dtype) {
    for (Argument other : arguments) {
      DType type = other.buffer.dtype();
      require(
          !dtype.isReducedFloat() || !type.isReducedFloat() || type == dtype,
          "argument %s holds %s, but %s holds %s: a step rounds to one of them"
              .formatted(name, dtype, other.name, type));
    }
  }

  private Buffer add(String name, Buffer buffer, DType dtype, long bytes, boolean written) {
    CheckedBuffer handle = handles.living(op, name, buffer);
    requireOneRounding(name, handle.dtype());
    require(
        handle.dtype() == dtype,
        "argument " + name + " holds " + handle.dtype() + ", but must hold " + dtype);
    require(
        handle.bytes() == bytes,
        "argument " + name + " has " + handle.bytes() + " bytes, but must have " + bytes);
    arguments.add(new Argument(name, handle, written));
    return handle.inner();
  }
}
