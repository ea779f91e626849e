package gradus.backend.cuda;

import static org.bytedeco.cuda.global.cudart.cudaMemcpyAsync;
import static org.bytedeco.cuda.global.cudart.cudaMemcpyDeviceToDevice;
import static org.bytedeco.cuda.global.cudart.cudaMemcpyDeviceToHost;
import static org.bytedeco.cuda.global.cudart.cudaMemsetAsync;

import gradus.backend.Buffer;
import gradus.backend.cuda.Command.Routine;

/** Copies and zeros, in order with the kernels. */
final class Copies {
  private final CudaContext context;
  private final DevicePointer to = new DevicePointer(0);
  private final DevicePointer from = new DevicePointer(0);
  private final Routine copy = this::issueCopy;
  private final Routine zero = this::issueZero;

  Copies(CudaContext context) {
    this.context = context;
  }

  /** Every byte of {@code buffer} becomes 0. */
  void zero(Buffer buffer) {
    Command call = context.queue().next(zero, null);
    context.queue().add(call.with(CudaBuffer.address(buffer)).with(buffer.bytes()));
  }

  /** From buffer to buffer. */
  void copy(Buffer source, Buffer destination) {
    add(CudaBuffer.address(destination), source, cudaMemcpyDeviceToDevice);
  }

  /** To pinned memory of the host, at that address. */
  void copyOut(Buffer source, long destination) {
    add(destination, source, cudaMemcpyDeviceToHost);
  }

  private void add(long destination, Buffer source, int kind) {
    Command call = context.queue().next(copy, null);
    call.with(destination).with(CudaBuffer.address(source)).with(source.bytes()).with(kind);
    context.queue().add(call);
  }

  private void issueZero(Command call) {
    CudaStatus.cuda(
        cudaMemsetAsync(to.at(call.number(0)), 0, call.number(1), context.stream()),
        "cudaMemsetAsync");
  }

  private void issueCopy(Command call) {
    CudaStatus.cuda(
        cudaMemcpyAsync(
            to.at(call.number(0)),
            from.at(call.number(1)),
            call.number(2),
            call.integer(3),
            context.stream()),
        "cudaMemcpyAsync from the device");
  }
}
