package gradus.backend.cuda;

import static org.bytedeco.cuda.global.cudart.cudaEventCreateWithFlags;
import static org.bytedeco.cuda.global.cudart.cudaEventDestroy;
import static org.bytedeco.cuda.global.cudart.cudaEventDisableTiming;
import static org.bytedeco.cuda.global.cudart.cudaEventRecord;
import static org.bytedeco.cuda.global.cudart.cudaStreamCreateWithFlags;
import static org.bytedeco.cuda.global.cudart.cudaStreamDestroy;
import static org.bytedeco.cuda.global.cudart.cudaStreamNonBlocking;
import static org.bytedeco.cuda.global.cudart.cudaStreamSynchronize;
import static org.bytedeco.cuda.global.cudart.cudaStreamWaitEvent;

import org.bytedeco.cuda.cudart.CUevent_st;
import org.bytedeco.cuda.cudart.CUstream_st;

/** A second stream of a device, beside the one on which its kernels run. */
final class SideStream implements AutoCloseable {
  private final CudaContext context;
  private final CUstream_st stream = new CUstream_st();
  private final CUevent_st mark = new CUevent_st(); // one will do: who waits has seen it set

  SideStream(CudaContext context) {
    this.context = context;
    context.enter();
    CudaStatus.cuda(
        cudaStreamCreateWithFlags(stream, cudaStreamNonBlocking), "cudaStreamCreateWithFlags");
    CudaStatus.cuda(
        cudaEventCreateWithFlags(mark, cudaEventDisableTiming), "cudaEventCreateWithFlags");
  }

  CUstream_st stream() {
    return stream;
  }

  /** What is asked of it next happens after everything asked of the device's kernels so far. */
  void follow() {
    pass(context.stream(), stream);
  }

  /** What is asked of the device's kernels next happens after everything asked of it so far. */
  void join() {
    pass(stream, context.stream());
  }

  private void pass(CUstream_st first, CUstream_st then) {
    CudaStatus.cuda(cudaEventRecord(mark, first), "cudaEventRecord");
    CudaStatus.cuda(cudaStreamWaitEvent(then, mark, 0), "cudaStreamWaitEvent");
  }

  /** Waits until everything asked of it so far has happened. */
  void synchronize() {
    context.enter();
    CudaStatus.cuda(cudaStreamSynchronize(stream), "cudaStreamSynchronize");
  }

  @Override
  public void close() {
    CudaStatus.cuda(cudaEventDestroy(mark), "cudaEventDestroy");
    CudaStatus.cuda(cudaStreamDestroy(stream), "cudaStreamDestroy");
  }
}
