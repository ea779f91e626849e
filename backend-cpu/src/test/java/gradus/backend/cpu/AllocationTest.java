package gradus.backend.cpu;

import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import gradus.backend.Backend;
import gradus.backend.BackendOptions;
import gradus.backend.Buffer;
import gradus.backend.Memory;
import gradus.backend.spec.Conv2dSpec;
import gradus.backend.spec.PoolSpec;
import gradus.tensor.DType;
import gradus.tensor.Placement;
import gradus.tensor.Shape;
import java.lang.management.ManagementFactory;
import org.junit.jupiter.api.Test;

/** A call costs the Java heap nothing: a training loop gives the collector no work. */
class AllocationTest {
  private static final int CALLS = 1000;

  @Test
  void callsAllocateNothing() {
    try (Backend backend =
        CpuBackendTck.open(InstructionSet.best(), LayoutChoice.AUTO, BackendOptions.DEFAULT)) {
      Conv2dSpec conv = Conv2dSpec.of(16, 1, 4, 4, 2, 3, 1, 1);
      PoolSpec pool = new PoolSpec(16, 2, 4, 4, 2, 2, 2, 2, 0, 0, false);
      Buffer x = batch(backend, conv.inputShape(), DType.F32);
      Buffer w = batch(backend, conv.weightShape(), DType.F32);
      Buffer y = batch(backend, pool.outputShape(), DType.F32);
      Buffer index = batch(backend, pool.outputShape(), DType.U8);
      Runnable call =
          () -> backend.fused().conv2dReluMaxPool(conv, pool, x, w, null, y, index, null);
      backend.math().fill(x, 1);
      backend.math().fill(w, 1);
      allocatedBytes(call); // compiled, and the specs are known
      long bytes = allocatedBytes(call);
      assertTrue(bytes < CALLS, CALLS + " calls allocated " + bytes + " bytes");
    }
  }

  private static Buffer batch(Backend backend, Shape shape, DType dtype) {
    Memory memory = backend.memory();
    return memory.allocate(dtype, memory.bytes(shape, dtype, Placement.BATCH));
  }

  private static long allocatedBytes(Runnable call) {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long before = threads.getCurrentThreadAllocatedBytes();
    for (int i = 0; i < CALLS; i++) {
      call.run();
    }
    return threads.getCurrentThreadAllocatedBytes() - before;
  }
}
