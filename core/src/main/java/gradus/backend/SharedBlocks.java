package gradus.backend;

import gradus.tensor.DType;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Blocks of float32 memory that serve any size up to theirs, one borrower at a time: for values of
 * which few are needed at once, each of another size. There are as many blocks as borrowers at the
 * same time, not as sizes.
 */
final class SharedBlocks {
  /** A smaller borrower would keep too much from others: it gets a block of its own size. */
  private static final int LEAST_SHARE = 16;

  private static final class Block {
    final Buffer memory;
    final Map<Long, Buffer> views = new HashMap<>();
    Buffer lent; // the view that is out, or null

    Block(Buffer memory) {
      this.memory = memory;
    }

    boolean isFree() {
      return lent == null;
    }
  }

  private final Memory memory;
  private final List<Block> blocks = new ArrayList<>(); // few: searched from end to end

  SharedBlocks(Memory memory) {
    this.memory = memory;
  }

  /** So many bytes with undefined contents, in the smallest free block that holds them. */
  Buffer take(long bytes) {
    Block best = null;
    Block tooSmall = null;
    for (Block block : blocks) {
      long size = block.memory.bytes();
      if (!block.isFree() || size > bytes * LEAST_SHARE) {
        continue;
      }
      if (size < bytes) {
        tooSmall = tooSmall == null || tooSmall.memory.bytes() < size ? block : tooSmall;
      } else if (best == null || size < best.memory.bytes()) {
        best = block;
      }
    }
    if (best == null) {
      if (tooSmall != null && tooSmall.memory.bytes() * LEAST_SHARE >= bytes) {
        memory.free(tooSmall.memory); // it grows
        blocks.remove(tooSmall);
      }
      best = new Block(memory.allocate(DType.F32, bytes));
      blocks.add(best);
    }
    Buffer whole = best.memory;
    best.lent =
        whole.bytes() == bytes
            ? whole
            : best.views.computeIfAbsent(bytes, size -> memory.slice(whole, 0, size / 4));
    return best.lent;
  }

  /** Takes a buffer back, if it is from here. */
  boolean takeBack(Buffer buffer) {
    for (Block block : blocks) {
      if (block.lent == buffer) {
        block.lent = null;
        return true;
      }
    }
    return false;
  }

  /** Gives every free block back to the system. */
  void trim() {
    blocks.removeIf(
        block -> {
          if (block.isFree()) {
            memory.free(block.memory);
          }
          return block.isFree();
        });
  }
}
