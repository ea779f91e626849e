package gradus.layer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import gradus.autograd.Pass;
import gradus.autograd.Tensor;
import gradus.backend.Backend;
import gradus.backend.Backends;
import gradus.loss.MSELoss;
import gradus.tensor.Shape;
import java.nio.FloatBuffer;
import org.junit.jupiter.api.Test;

class BatchNorm2dTest {
  @Test
  void theShiftLearnsWhenTheScaleIsFrozen() {
    try (Backend backend = Backends.named("reference");
        Model model = Model.build(backend, new BatchNorm2d(), Shape.of(2), 1)) {
      Parameter scale = model.parameters().list().get(0);
      Parameter shift = model.parameters().list().get(1);
      scale.setFrozen(true);
      try (Pass pass = Pass.training(backend)) {
        Shape shape = Shape.of(2, 2);
        Tensor x = pass.tensor(FloatBuffer.wrap(new float[] {1, 2, 3, 4}), shape);
        Tensor target = pass.tensor(FloatBuffer.wrap(new float[] {1, 2, 1, 2}), shape);
        pass.backward(new MSELoss().apply(model.forward(x), target));
      }
      // The normalised values are -1 and 1 (nearly) in both channels: d/db mean((y - t)^2) over
      // four elements is the sum over two rows of 2 (y - t) / 4.
      assertEquals(-1, shift.readGradient()[0], 1e-4);
      assertEquals(-2, shift.readGradient()[1], 1e-4);
      assertFalse(scale.isTrainable());
    }
  }
}
