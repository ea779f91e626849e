package gradus.backend.cuda;

import static gradus.backend.cuda.CudaBuffer.pointer;
import static org.bytedeco.cuda.global.nccl.ncclBroadcast;
import static org.bytedeco.cuda.global.nccl.ncclCommAbort;
import static org.bytedeco.cuda.global.nccl.ncclCommDestroy;
import static org.bytedeco.cuda.global.nccl.ncclCommInitAll;
import static org.bytedeco.cuda.global.nccl.ncclFloat32;
import static org.bytedeco.cuda.global.nccl.ncclGetVersion;
import static org.bytedeco.cuda.global.nccl.ncclGroupEnd;
import static org.bytedeco.cuda.global.nccl.ncclGroupStart;
import static org.bytedeco.cuda.global.nccl.ncclReduce;
import static org.bytedeco.cuda.global.nccl.ncclSum;

import gradus.GradusException;
import gradus.backend.Buffer;
import gradus.backend.Collective;
import gradus.backend.Meeting;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;
import java.util.function.ToIntFunction;
import org.bytedeco.cuda.cudart.CUstream_st;
import org.bytedeco.cuda.global.nccl;
import org.bytedeco.cuda.nccl.ncclComm;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerPointer;

/**
 * Between GPUs of one machine: NCCL finds the shortest way, such as NVLink. Copies are made on the
 * streams on which kernels run, sums on streams beside them.
 *
 * <p>The members meet on the host, and one of them makes the calls for all. A GPU whose part ran
 * ahead would wait on the device for the others, while one of these might wait for it in turn: to
 * allocate memory, for example, takes all GPUs that may reach each other's.
 */
final class NcclCollective implements Collective {
  static final String LIBRARY = "libnccl.so.2";

  private final List<CudaContext> members;
  private final List<ncclComm> communicators = new ArrayList<>();
  private final List<SideStream> sides = new ArrayList<>(); // where sums are made
  private final Buffer[] buffers;
  private final Meeting meeting;
  private boolean gone;

  /** One call for a member, in a group of them. */
  private interface Call {
    int of(Buffer buffer, ncclComm communicator, CUstream_st stream);
  }

  /**
   * Connects them; the first one leads.
   *
   * @throws LinkageError where NCCL does not load
   * @throws GradusException where it is too old
   */
  static NcclCollective open(List<CudaContext> members) {
    Loader.load(nccl.class);
    SymbolGuard.check(SymbolGuard.usedOf(LIBRARY));
    return new NcclCollective(members);
  }

  private NcclCollective(List<CudaContext> members) {
    this.members = List.copyOf(members);
    this.buffers = new Buffer[members.size()];
    this.meeting = new Meeting(members.size());
    int[] devices = members.stream().mapToInt(CudaContext::device).toArray();
    try (PointerPointer<Pointer> created = new PointerPointer<>(devices.length)) {
      synchronized (Recording.LOCK) { // it allocates, and waits for the devices
        CudaStatus.nccl(ncclCommInitAll(created, devices.length, devices), "ncclCommInitAll");
      }
      for (int i = 0; i < devices.length; i++) {
        communicators.add(new ncclComm(created.get(i)));
      }
      for (CudaContext member : members) {
        sides.add(new SideStream(member));
      }
    } catch (RuntimeException failure) {
      end(failure);
      throw failure;
    }
  }

  @Override
  public void broadcast(int member, Buffer buffer) {
    members.get(member).flush(); // by its own thread
    meet(
        member,
        buffer,
        who -> members.get(who).stream(),
        (own, communicator, stream) ->
            ncclBroadcast(
                pointer(own), pointer(own), own.elements(), ncclFloat32, 0, communicator, stream));
  }

  @Override
  public void beginReduce(int member, Buffer part) {
    sides.get(member).follow();
    meet(
        member,
        part,
        who -> sides.get(who).stream(),
        (own, communicator, stream) ->
            ncclReduce(
                pointer(own),
                pointer(own), // which NCCL writes to on the leader's device alone
                own.elements(),
                ncclFloat32,
                ncclSum,
                0,
                communicator,
                stream));
  }

  @Override
  public void finishReduce(int member) {
    sides.get(member).join();
  }

  private void meet(int member, Buffer buffer, IntFunction<CUstream_st> streams, Call call) {
    buffers[member] = buffer;
    meeting.meet(() -> callForAll(streams, call));
  }

  private void callForAll(IntFunction<CUstream_st> streams, Call call) {
    CudaStatus.nccl(ncclGroupStart(), "ncclGroupStart");
    int status = 0;
    for (int i = 0; i < buffers.length && status == 0; i++) {
      status = call.of(buffers[i], communicators.get(i), streams.apply(i));
    }
    int ended = ncclGroupEnd();
    CudaStatus.nccl(status != 0 ? status : ended, "a call of all GPUs together");
  }

  /** Not while the calls are being made, nor twice: what it frees they use. */
  @Override
  public void abort() {
    meeting.end(() -> giveBack("ncclCommAbort", communicator -> ncclCommAbort(communicator)));
  }

  private void giveBack(String name, ToIntFunction<ncclComm> call) {
    if (gone) {
      return;
    }
    gone = true;
    int first = 0;
    synchronized (Recording.LOCK) {
      for (ncclComm communicator : communicators) {
        int status = call.applyAsInt(communicator);
        first = first == 0 ? status : first;
      }
    }
    CudaStatus.nccl(first, name);
  }

  @Override
  public String describe() {
    int[] version = new int[1];
    CudaStatus.nccl(ncclGetVersion(version), "ncclGetVersion");
    return "%d GPUs, through NCCL %d.%d.%d"
        .formatted(members.size(), version[0] / 10_000, version[0] / 100 % 100, version[0] % 100);
  }

  @Override
  public void close() {
    try {
      members.forEach(CudaContext::synchronize);
      sides.forEach(SideStream::synchronize);
    } catch (RuntimeException broken) {
      end(broken); // a GPU that has failed does not end what the others wait for
      throw broken;
    }
    meeting.end(() -> giveBack("ncclCommDestroy", communicator -> ncclCommDestroy(communicator)));
    closeSides();
  }

  private void end(RuntimeException why) {
    try {
      abort();
      closeSides();
    } catch (RuntimeException another) {
      why.addSuppressed(another);
    }
  }

  /** Not before all threads are done with them, whatever has been aborted. */
  private void closeSides() {
    sides.forEach(SideStream::close);
    sides.clear();
  }
}
