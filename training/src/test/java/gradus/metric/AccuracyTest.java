package gradus.metric;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import gradus.GradusException;
import gradus.TestBackend;
import gradus.autograd.Pass;
import gradus.autograd.Tensor;
import gradus.backend.Backend;
import gradus.tensor.Batch;
import gradus.tensor.Shape;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import org.junit.jupiter.api.Test;

class AccuracyTest {
  private static final float[] LOGITS = {3, 1, 0, 0, 5, 1, 1, 0, 2};

  private static Tensor labels(Pass pass, int... labels) {
    int n = labels.length;
    return pass.labels(
        new Batch(Shape.of(n, 1, 1, 1), FloatBuffer.allocate(n), IntBuffer.wrap(labels)));
  }

  @Test
  void countsWhereTheLargestLogitIsAtTheLabel() {
    try (Backend backend = TestBackend.open();
        Pass pass = Pass.evaluating(backend)) {
      Tensor logits = pass.tensor(FloatBuffer.wrap(LOGITS), Shape.of(3, 3));
      assertEquals(2, Accuracy.correct(logits, labels(pass, 0, 1, 0)).item());
      assertEquals(3, Accuracy.correct(logits, labels(pass, 0, 1, 2)).item());
    }
  }

  @Test
  void labelsOfAnotherBatchAreRefused() {
    try (Backend backend = TestBackend.open();
        Pass pass = Pass.evaluating(backend);
        Pass other = Pass.evaluating(backend)) {
      Tensor logits = pass.tensor(FloatBuffer.wrap(LOGITS), Shape.of(3, 3));
      Tensor tooFew = labels(pass, 0, 1);
      Tensor elsewhere = labels(other, 0, 1, 2);
      Tensor outside = labels(pass, 0, 1, 3);
      for (Tensor wrong : new Tensor[] {tooFew, elsewhere, outside, logits}) {
        assertThrows(GradusException.class, () -> Accuracy.correct(logits, wrong));
      }
    }
  }
}
