package gradus.backend.cuda;

import static org.bytedeco.cuda.global.cudart.cudaEventCreateWithFlags;
import static org.bytedeco.cuda.global.cudart.cudaEventDestroy;
import static org.bytedeco.cuda.global.cudart.cudaEventDisableTiming;
import static org.bytedeco.cuda.global.cudart.cudaEventRecord;
import static org.bytedeco.cuda.global.cudart.cudaEventSynchronize;
import static org.bytedeco.cuda.global.cudart.cudaFreeHost;
import static org.bytedeco.cuda.global.cudart.cudaMallocHost;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.bytedeco.cuda.cudart.CUevent_st;
import org.bytedeco.javacpp.BytePointer;

/** Pinned memory of the host, with a mark on the stream that can be waited for. */
final class PinnedMemory implements AutoCloseable {
  private final BytePointer memory = new BytePointer();
  private final CUevent_st event = new CUevent_st(); // of the device that is current now
  private final ByteBuffer bytes;
  private boolean marked;

  PinnedMemory(int size) {
    synchronized (Recording.LOCK) { // the device may have to be idle for it, and to free it
      CudaStatus.cuda(cudaMallocHost(memory, size), "cudaMallocHost");
    }
    bytes = memory.capacity(size).asByteBuffer().order(ByteOrder.nativeOrder());
    CudaStatus.cuda(
        cudaEventCreateWithFlags(event, cudaEventDisableTiming), "cudaEventCreateWithFlags");
  }

  BytePointer pointer() {
    return memory;
  }

  ByteBuffer bytes() {
    return bytes;
  }

  /** Sets the mark behind everything asked for so far. */
  void mark(CudaContext context) {
    CudaStatus.cuda(cudaEventRecord(event, context.stream()), "cudaEventRecord");
    marked = true;
  }

  boolean isMarked() {
    return marked;
  }

  /** Waits until the device has passed the mark, if there is one, and takes it away. */
  void await() {
    if (marked) {
      CudaStatus.cuda(cudaEventSynchronize(event), "cudaEventSynchronize");
      marked = false;
    }
  }

  @Override
  public void close() {
    CudaStatus.cuda(cudaEventDestroy(event), "cudaEventDestroy");
    synchronized (Recording.LOCK) {
      CudaStatus.cuda(cudaFreeHost(memory), "cudaFreeHost");
    }
  }
}
