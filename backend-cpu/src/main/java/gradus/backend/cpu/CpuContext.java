package gradus.backend.cpu;

import gradus.GradusException;
import gradus.kernels.Kernels;

/** The native side of one opened backend: its threads, its kernels, and what they were told. */
final class CpuContext implements AutoCloseable {
  private final InstructionSet instructions;
  private final LayoutChoice layout;
  private final ConvolutionChoice convolutions;
  private final Bfloat16Products products;
  private final int threads;
  private final int lanes;
  private final int lanesFrom;
  private long handle;
  private final SpecCache specs = new SpecCache();
  private boolean blasReady;

  CpuContext(
      InstructionSet instructions,
      LayoutChoice layout,
      ConvolutionChoice convolutions,
      Bfloat16Products products,
      int threads) {
    this.instructions = instructions;
    this.layout = layout;
    this.convolutions = convolutions;
    this.products = products;
    this.threads = threads;
    this.lanes = instructions.lanes();
    this.lanesFrom = layout.lanesFrom(lanes);
    this.handle =
        Kernels.contextCreate(
            threads, instructions.tier(), lanesFrom, convolutions.code(), products.code());
    if (handle == 0) {
      throw new GradusException(
          "The cpu backend could not start %d threads: ask for fewer (--threads)."
              .formatted(threads));
    }
  }

  /** The native side; a kernel must not be called without it. */
  long handle() {
    if (handle == 0) {
      throw new IllegalStateException(
          "This cpu backend has been closed: keep it open as long as its tensors are used.");
    }
    return handle;
  }

  /** How many examples lie side by side in a batch of n: a vector's lanes, or 1. */
  int width(int n) {
    return n >= lanesFrom ? lanes : 1;
  }

  /** Whether convolutions in bf16 have products faster than those of floats. */
  boolean multipliesBfloat16() {
    return products != Bfloat16Products.FLOAT;
  }

  /** Whether they are tiles. */
  boolean multipliesByTiles() {
    return products == Bfloat16Products.TILES;
  }

  /** The native copy of a spec. */
  long spec(Record spec) {
    return specs.address(spec);
  }

  /** The native copy of a spec that is used together with another. */
  long specBeside(Record spec, Record other) {
    return specs.addressBeside(spec, other);
  }

  /** Before a matrix product of a batch of n: loads OpenBLAS if the plain layout needs it. */
  void prepareProducts(int n) {
    if (!blasReady && width(n) == 1) {
      OpenBlas.handTo(handle());
      blasReady = true;
    }
  }

  /** Memory is about to be freed: weights arranged from it are no longer theirs. */
  void forget(long address, long bytes) {
    if (handle != 0) {
      Kernels.forget(handle, address, bytes);
    }
  }

  /** Turns the answer of a kernel into an exception where it failed. */
  void check(int status) {
    if (status != 0) {
      throw new GradusException(
          "The cpu backend has no memory left to work in: use a smaller batch (--batch), smaller"
              + " images, or fewer threads (--threads).");
    }
  }

  String describe() {
    String stored =
        switch (layout) {
          case PLAIN -> "plain layout";
          case LANES -> "%d examples to a vector".formatted(lanes);
          case AUTO -> "%d examples to a vector from batch %d on".formatted(lanes, lanesFrom);
        };
    String computed =
        switch (convolutions) {
          case AUTO -> "";
          case DIRECT -> ", direct convolutions";
          case WINOGRAD -> ", Winograd convolutions";
        };
    String multiplied = products == Bfloat16Products.TILES ? ", " + products.title() : "";
    return "%s, %s%s, %s%s, %d %s, OpenBLAS %s"
        .formatted(
            Processor.model(),
            instructions.title(),
            multiplied,
            stored,
            computed,
            threads,
            threads == 1 ? "thread" : "threads",
            OpenBlas.version());
  }

  @Override
  public void close() {
    specs.clear();
    Kernels.contextDestroy(handle);
    handle = 0;
  }
}
