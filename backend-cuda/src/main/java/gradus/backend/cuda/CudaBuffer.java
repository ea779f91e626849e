package gradus.backend.cuda;

import gradus.backend.Buffer;
import gradus.tensor.DType;

/** A range of device memory. */
final class CudaBuffer extends Buffer {
  private final DevicePointer pointer;

  CudaBuffer(DType dtype, long bytes, long address) {
    super(dtype, bytes);
    pointer = new DevicePointer(address);
  }

  /** Where a buffer of this backend lies; null for null. */
  static DevicePointer pointer(Buffer buffer) {
    return buffer == null ? null : ((CudaBuffer) buffer).pointer;
  }

  /** The address of a buffer of this backend; 0 for null. */
  static long address(Buffer buffer) {
    return buffer == null ? 0 : ((CudaBuffer) buffer).pointer.address();
  }

  /** The address of an element; 0 for null. */
  static long address(Buffer buffer, long element) {
    return buffer == null ? 0 : address(buffer) + element * buffer.dtype().bytes();
  }
}
