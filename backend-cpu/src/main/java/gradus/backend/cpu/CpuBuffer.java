package gradus.backend.cpu;

import gradus.backend.Buffer;
import gradus.tensor.DType;

/** A range of native memory. */
final class CpuBuffer extends Buffer {
  private final long address;

  CpuBuffer(DType dtype, long bytes, long address) {
    super(dtype, bytes);
    this.address = address;
  }

  /** The address of a buffer of this backend; 0 for null. */
  static long address(Buffer buffer) {
    return buffer == null ? 0 : ((CpuBuffer) buffer).address;
  }

  /** For kernels that take either: 1 where the elements are bfloat16; 0 of null. */
  static int packed(Buffer buffer) {
    return buffer != null && buffer.dtype() == DType.BF16 ? 1 : 0;
  }

  /** The address of an element. */
  static long address(Buffer buffer, long element) {
    return address(buffer) + element * buffer.dtype().bytes();
  }
}
