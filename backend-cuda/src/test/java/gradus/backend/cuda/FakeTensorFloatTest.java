package gradus.backend.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;

import gradus.backend.Backend;
import gradus.backend.Backends;
import gradus.backend.Buffer;
import gradus.backend.spec.Conv2dSpec;
import gradus.backend.spec.LinearSpec;
import gradus.tensor.DType;
import gradus.tensor.Placement;
import gradus.tensor.Precision;
import gradus.tensor.Shape;
import java.nio.FloatBuffer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** That factors are rounded where that was asked for, and nowhere else. */
@Tag("fake-cuda")
class FakeTensorFloatTest {
  private static final float EXACT = 1 + 0x1p-12f; // with a bit more than TensorFloat-32 has

  private Backend backend;

  @BeforeEach
  void open() {
    backend = Backends.named("cuda");
  }

  @AfterEach
  void close() {
    backend.close();
  }

  private float convolution(Precision precision) {
    Conv2dSpec spec = Conv2dSpec.of(1, 1, 1, 1, 1, 1, 1, 0).withFactors(precision);
    return product((x, w, y) -> backend.nn().conv2d(spec, x, w, null, y));
  }

  private float linear(Precision precision) {
    LinearSpec spec = new LinearSpec(1, 1, 1).withFactors(precision);
    return product((x, w, y) -> backend.nn().linear(spec, x, w, null, y));
  }

  private interface Product {
    void of(Buffer x, Buffer w, Buffer y);
  }

  private float product(Product op) {
    Buffer x = filled(EXACT);
    Buffer w = filled(1);
    Buffer y = filled(0);
    op.of(x, w, y);
    float[] result = new float[1];
    backend.memory().copyOut(y, Shape.of(1), Placement.DENSE, FloatBuffer.wrap(result));
    for (Buffer buffer : new Buffer[] {x, w, y}) {
      backend.pool().giveBack(buffer);
    }
    return result[0];
  }

  private Buffer filled(float value) {
    Buffer buffer = backend.pool().take(DType.F32, Float.BYTES);
    backend.math().fill(buffer, value);
    return buffer;
  }

  @Test
  void eachStepHasThePrecisionItAskedFor() {
    for (int i = 0; i < 2; i++) {
      assertEquals(EXACT, convolution(Precision.FP32));
      assertEquals(1, convolution(Precision.TF32));
      assertEquals(EXACT, linear(Precision.FP32));
      assertEquals(1, linear(Precision.TF32));
      assertEquals(EXACT, linear(Precision.BF16), "x is rounded beforehand, by the pass");
    }
  }
}
