package gradus.backend;

import gradus.tensor.DType;
import java.util.Arrays;

/**
 * Free lists of buffers by exact type and size. The shapes of a training loop repeat, so from its
 * second step on every request is answered from here: no allocation, no page fault. Where the
 * memory {@linkplain Memory#keepsAddresses wants that}, such steps also get the same addresses in
 * the same order. Not thread-safe: one backend is driven by one thread.
 */
public final class BufferPool implements AutoCloseable {
  private static final int INITIAL_SLOTS = 64;

  private final Memory memory;
  private final Lending lending;
  private final SharedBlocks shared;
  private final boolean oldestFirst;
  private long[] keys = new long[INITIAL_SLOTS];
  private Buffer[][] free = new Buffer[INITIAL_SLOTS][];
  private int[] counts = new int[INITIAL_SLOTS];
  private int sizes;
  private int lent;
  private int made;
  private Thread user; // of the buffers lent

  /**
   * What happens to a buffer on its way out of the pool and back: a seam for checks, which lend a
   * handle of their own each time so as to notice who uses an old one.
   */
  public interface Lending {
    /** Buffers leave and come back as they are. */
    Lending PLAIN =
        new Lending() {
          @Override
          public Buffer lend(Buffer pooled) {
            return pooled;
          }

          @Override
          public Buffer takeBack(Buffer lent) {
            return lent;
          }
        };

    /** The buffer to hand out in place of the pool's own. */
    Buffer lend(Buffer pooled);

    /** The pool's own buffer behind one handed out by {@link #lend}. */
    Buffer takeBack(Buffer lent);
  }

  /** An empty pool that allocates from {@code memory}. */
  public BufferPool(Memory memory) {
    this(memory, Lending.PLAIN);
  }

  /** An empty pool that allocates from {@code memory} and lends as told. */
  public BufferPool(Memory memory, Lending lending) {
    this.memory = memory;
    this.lending = lending;
    this.shared = new SharedBlocks(memory);
    this.oldestFirst = memory.keepsAddresses();
  }

  /**
   * A buffer with undefined contents. When the backend is full, the free lists are given back to
   * the system and the allocation is tried once more.
   *
   * @throws IllegalStateException if another thread has buffers of this pool
   */
  public Buffer take(DType dtype, long bytes) {
    requireOneThread();
    return lending.lend(takeOwn(dtype, bytes));
  }

  /**
   * A float32 buffer, as {@link #take} gives one, from memory that serves other sizes at other
   * times: for what is needed for an op or two. The free lists hold a buffer of every size that
   * ever was; here there are as many as were out at once.
   */
  public Buffer takeShared(long bytes) {
    requireOneThread();
    Buffer buffer;
    try {
      buffer = shared.take(bytes);
    } catch (OutOfBackendMemoryException full) {
      trim();
      buffer = shared.take(bytes);
    }
    lent++;
    return lending.lend(buffer);
  }

  private void requireOneThread() {
    Thread current = Thread.currentThread();
    if (user == current) {
      return;
    }
    if (lent > 0) {
      throw new IllegalStateException(
          "The thread \""
              + current.getName()
              + "\" uses a backend while \""
              + user.getName()
              + "\" is in the middle of a pass on it: open a backend for each of them.");
    }
    user = current;
  }

  private Buffer takeOwn(DType dtype, long bytes) {
    int slot = find(key(dtype, bytes));
    lent++;
    if (slot >= 0 && counts[slot] > 0) {
      Buffer buffer = free[slot][--counts[slot]];
      free[slot][counts[slot]] = null;
      return buffer;
    }
    try {
      return make(dtype, bytes);
    } catch (OutOfBackendMemoryException full) {
      trim();
      try {
        return make(dtype, bytes);
      } catch (OutOfBackendMemoryException stillFull) {
        lent--;
        throw stillFull;
      }
    }
  }

  private Buffer make(DType dtype, long bytes) {
    Buffer buffer = memory.allocate(dtype, bytes);
    buffer.order = made++;
    return buffer;
  }

  /** Takes a buffer back; its next user finds undefined contents in it. */
  public void giveBack(Buffer lentBuffer) {
    Buffer buffer = lending.takeBack(lentBuffer);
    if (shared.takeBack(buffer)) {
      lent--;
      return;
    }
    long key = key(buffer.dtype(), buffer.bytes());
    int slot = find(key);
    if (slot < 0) {
      slot = insert(key);
    }
    Buffer[] list = free[slot];
    if (counts[slot] == list.length) {
      list = Arrays.copyOf(list, list.length * 2);
      free[slot] = list;
    }
    int at = counts[slot]++;
    if (oldestFirst) { // the next one lent is at the end
      for (; at > 0 && list[at - 1].order < buffer.order; at--) {
        list[at] = list[at - 1];
      }
    }
    list[at] = buffer;
    lent--;
  }

  /** Buffers taken and not yet given back. */
  public int lent() {
    return lent;
  }

  /** Gives every idle buffer back to the system. */
  public void trim() {
    shared.trim();
    for (int slot = 0; slot < keys.length; slot++) {
      for (int i = 0; i < counts[slot]; i++) {
        memory.free(free[slot][i]);
        free[slot][i] = null;
      }
      counts[slot] = 0;
    }
  }

  @Override
  public void close() {
    trim();
  }

  private static long key(DType dtype, long bytes) {
    return (bytes << 3 | dtype.code()) + 1; // 0 marks an empty slot
  }

  private int find(long key) {
    int mask = keys.length - 1;
    for (int i = hash(key) & mask; keys[i] != 0; i = (i + 1) & mask) {
      if (keys[i] == key) {
        return i;
      }
    }
    return -1;
  }

  private int insert(long key) {
    if (sizes * 2 >= keys.length) {
      grow();
    }
    sizes++;
    int slot = emptySlot(key);
    keys[slot] = key;
    free[slot] = new Buffer[4];
    return slot;
  }

  private int emptySlot(long key) {
    int mask = keys.length - 1;
    int i = hash(key) & mask;
    while (keys[i] != 0) {
      i = (i + 1) & mask;
    }
    return i;
  }

  private void grow() {
    long[] oldKeys = keys;
    Buffer[][] oldFree = free;
    int[] oldCounts = counts;
    keys = new long[oldKeys.length * 2];
    free = new Buffer[oldKeys.length * 2][];
    counts = new int[oldKeys.length * 2];
    for (int i = 0; i < oldKeys.length; i++) {
      if (oldKeys[i] != 0) {
        int slot = emptySlot(oldKeys[i]);
        keys[slot] = oldKeys[i];
        free[slot] = oldFree[i];
        counts[slot] = oldCounts[i];
      }
    }
  }

  private static int hash(long key) {
    long mixed = key * 0x9E3779B97F4A7C15L;
    return (int) (mixed >>> 40);
  }
}
