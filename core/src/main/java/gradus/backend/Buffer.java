package gradus.backend;

import gradus.tensor.DType;

/**
 * A region of a backend's memory. Only the backend that allocated it can look inside; to everyone
 * else it is a handle with a type and a size. A buffer is owned by the pool of its backend or by
 * the store of a model, never by the garbage collector.
 */
public abstract class Buffer {
  private final DType dtype;
  private final long bytes;
  int order; // among those its pool has made

  /** A buffer of {@code bytes} bytes holding elements of {@code dtype}. */
  protected Buffer(DType dtype, long bytes) {
    this.dtype = dtype;
    this.bytes = bytes;
  }

  /** What the elements are. */
  public final DType dtype() {
    return dtype;
  }

  /** The physical size in bytes, idle vector lanes included. */
  public final long bytes() {
    return bytes;
  }

  /** The physical number of elements, idle vector lanes included. */
  public final long elements() {
    return bytes / dtype.bytes();
  }
}
