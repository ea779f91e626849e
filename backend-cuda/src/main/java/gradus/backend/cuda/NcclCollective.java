package gradus.backend.cuda;

import static gradus.backend.cuda.CudaBuffer.pointer;
import static org.bytedeco.cuda.global.nccl.ncclBroadcast;
import static org.bytedeco.cuda.global.nccl.ncclCommAbort;
import static org.bytedeco.cuda.global.nccl.ncclCommDestroy;
import static org.bytedeco.cuda.global.nccl.ncclCommInitAll;
import static org.bytedeco.cuda.global.nccl.ncclFloat32;
import static org.bytedeco.cuda.global.nccl.ncclGetVersion;
import static org.bytedeco.cuda.global.nccl.ncclReduce;
import static org.bytedeco.cuda.global.nccl.ncclSum;

import gradus.GradusException;
import gradus.backend.Buffer;
import gradus.backend.Collective;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.cuda.global.nccl;
import org.bytedeco.cuda.nccl.ncclComm;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerPointer;

/**
 * Between GPUs of one machine, each with the stream on which its kernels run: NCCL finds the
 * shortest way, such as NVLink. This class loads only where NCCL is installed.
 */
final class NcclCollective implements Collective {
  static final String LIBRARY = "libnccl.so.2";

  private final List<CudaContext> members;
  private final List<ncclComm> communicators = new ArrayList<>();
  private boolean ended;

  /**
   * Connects them; the first one leads.
   *
   * @throws LinkageError where NCCL does not load
   */
  static NcclCollective open(List<CudaContext> members) {
    Loader.load(nccl.class);
    SymbolGuard.check(SymbolGuard.usedOf(LIBRARY));
    return new NcclCollective(members);
  }

  private NcclCollective(List<CudaContext> members) {
    this.members = List.copyOf(members);
    int[] devices = members.stream().mapToInt(CudaContext::device).toArray();
    try (PointerPointer<Pointer> created = new PointerPointer<>(devices.length)) {
      CudaStatus.nccl(ncclCommInitAll(created, devices.length, devices), "ncclCommInitAll");
      for (int i = 0; i < devices.length; i++) {
        communicators.add(new ncclComm(created.get(i)));
      }
    }
  }

  @Override
  public void broadcast(int member, Buffer buffer) {
    requireNotEnded();
    CudaContext context = members.get(member);
    context.enter();
    CudaStatus.nccl(
        ncclBroadcast(
            pointer(buffer),
            pointer(buffer),
            buffer.elements(),
            ncclFloat32,
            0,
            communicators.get(member),
            context.stream()),
        "ncclBroadcast");
  }

  @Override
  public void reduce(int member, Buffer buffer) {
    requireNotEnded();
    CudaContext context = members.get(member);
    context.enter();
    CudaStatus.nccl(
        ncclReduce(
            pointer(buffer),
            pointer(buffer), // which NCCL writes to on the leader's device alone
            buffer.elements(),
            ncclFloat32,
            ncclSum,
            0,
            communicators.get(member),
            context.stream()),
        "ncclReduce");
  }

  private synchronized void requireNotEnded() {
    if (ended) {
      throw new GradusException(
          "The work that %s shared has ended, because one of them failed.".formatted(describe()));
    }
  }

  @Override
  public synchronized void abort() {
    if (!ended) {
      ended = true;
      for (ncclComm communicator : communicators) {
        CudaStatus.nccl(ncclCommAbort(communicator), "ncclCommAbort");
      }
    }
  }

  @Override
  public String describe() {
    int[] version = new int[1];
    CudaStatus.nccl(ncclGetVersion(version), "ncclGetVersion");
    return "%d GPUs, through NCCL %d.%d.%d"
        .formatted(members.size(), version[0] / 10_000, version[0] / 100 % 100, version[0] % 100);
  }

  @Override
  public synchronized void close() {
    if (!ended) {
      ended = true;
      members.forEach(CudaContext::synchronize);
      for (ncclComm communicator : communicators) {
        CudaStatus.nccl(ncclCommDestroy(communicator), "ncclCommDestroy");
      }
    }
  }
}
