package gradus.backend.cpu;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import gradus.backend.Backend;
import gradus.backend.BackendOptions;
import gradus.backend.Buffer;
import gradus.backend.Memory;
import gradus.tensor.DType;
import gradus.tensor.Placement;
import gradus.tensor.Shape;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import org.junit.jupiter.api.Test;

class CpuMemoryTest {
  private static final Shape SHAPE = Shape.of(3, 2, 2);

  @Test
  void lanesRoundTheBatchUp() {
    try (Backend backend = open(LayoutChoice.LANES)) {
      int lanes = InstructionSet.best().lanes();
      assertEquals(
          lanes * 2L * 5 * 4,
          backend.memory().bytes(Shape.of(lanes + 1, 5), DType.F32, Placement.BATCH));
      assertEquals(lanes * 5L, backend.memory().bytes(Shape.of(1, 5), DType.U8, Placement.BATCH));
    }
  }

  @Test
  void hostBuffersOfEveryKindAreRead() {
    ByteBuffer bytes = ByteBuffer.allocateDirect(52).order(ByteOrder.BIG_ENDIAN);
    float[] values = new float[12];
    for (int i = 0; i < values.length; i++) {
      values[i] = i + 0.5f;
      bytes.putFloat((i + 1) * 4, values[i]);
    }
    FloatBuffer foreignOrder = bytes.asFloatBuffer().position(1);
    FloatBuffer readOnly = FloatBuffer.wrap(values).asReadOnlyBuffer();
    try (Backend backend = open(LayoutChoice.LANES)) {
      Memory memory = backend.memory();
      Buffer buffer = memory.allocate(DType.F32, memory.bytes(SHAPE, DType.F32, Placement.BATCH));
      for (FloatBuffer source : new FloatBuffer[] {foreignOrder, readOnly}) {
        memory.zero(buffer);
        memory.copyIn(source, buffer, SHAPE, Placement.BATCH);
        float[] back = new float[12];
        memory.copyOut(buffer, SHAPE, Placement.BATCH, FloatBuffer.wrap(back));
        assertArrayEquals(values, back);
      }
      memory.free(buffer);
    }
  }

  private static Backend open(LayoutChoice layout) {
    return CpuBackendTck.open(InstructionSet.best(), layout, BackendOptions.DEFAULT);
  }
}
