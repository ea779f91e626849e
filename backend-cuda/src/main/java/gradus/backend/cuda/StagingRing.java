package gradus.backend.cuda;

import static org.bytedeco.cuda.global.cudart.cudaMemcpyAsync;
import static org.bytedeco.cuda.global.cudart.cudaMemcpyDeviceToHost;
import static org.bytedeco.cuda.global.cudart.cudaMemcpyHostToDevice;

import java.nio.ByteBuffer;

/**
 * Pinned host memory through which data travels. A copy in returns once the data has left the
 * caller's buffer; only when every slot is still on its way does it wait for the oldest.
 */
final class StagingRing implements AutoCloseable {
  /** Large enough to reach full transfer speed, small beside the memory of a host. */
  static final int SLOT_BYTES = 4 << 20;

  private static final int SLOTS = 4;

  private final CudaContext context;
  private final DevicePointer device = new DevicePointer(0);
  private final PinnedMemory[] slots = new PinnedMemory[SLOTS];
  private int next;

  /** Moves {@code count} bytes between a slot and the caller's buffer, from byte {@code first}. */
  interface Chunk {
    void move(ByteBuffer slot, long first, int count);
  }

  StagingRing(CudaContext context) {
    this.context = context;
  }

  /** Copies bytes to the device; {@code filler} puts them into each slot. */
  void copyIn(long address, long bytes, Chunk filler) {
    context.enter();
    for (long first = 0; first < bytes; first += SLOT_BYTES) {
      int count = (int) Math.min(SLOT_BYTES, bytes - first);
      PinnedMemory slot = freeSlot();
      filler.move(slot.bytes(), first, count);
      CudaStatus.cuda(
          cudaMemcpyAsync(
              device.at(address + first),
              slot.pointer(),
              count,
              cudaMemcpyHostToDevice,
              context.stream()),
          "cudaMemcpyAsync to the device");
      slot.mark(context);
    }
  }

  /** Copies bytes from the device, and waits for them; {@code taker} takes them from each slot. */
  void copyOut(long address, long bytes, Chunk taker) {
    context.enter();
    for (long first = 0; first < bytes; first += SLOT_BYTES) {
      int count = (int) Math.min(SLOT_BYTES, bytes - first);
      PinnedMemory slot = freeSlot();
      CudaStatus.cuda(
          cudaMemcpyAsync(
              slot.pointer(),
              device.at(address + first),
              count,
              cudaMemcpyDeviceToHost,
              context.stream()),
          "cudaMemcpyAsync from the device");
      context.synchronize();
      taker.move(slot.bytes(), first, count);
    }
  }

  private PinnedMemory freeSlot() {
    int at = next;
    next = (next + 1) % SLOTS;
    if (slots[at] == null) {
      slots[at] = new PinnedMemory(SLOT_BYTES);
    }
    slots[at].await();
    return slots[at];
  }

  @Override
  public void close() {
    for (int i = 0; i < SLOTS; i++) {
      if (slots[i] != null) {
        slots[i].close();
        slots[i] = null;
      }
    }
  }
}
