package gradus.metric;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gradus.GradusException;
import java.nio.IntBuffer;
import java.util.List;
import org.junit.jupiter.api.Test;

class ConfidentMistakesTest {
  @Test
  void keepsTheSurestInOrder() {
    ConfidentMistakes mistakes = new ConfidentMistakes(2);
    mistakes.add(new float[] {1, 0, 0, 5, 3, 0}, 2, IntBuffer.wrap(new int[] {1, 1, 1}));
    assertEquals(List.of(2, 0), mistakes.list().stream().map(Mistake::index).toList());
    mistakes.add(new float[] {0, 2}, 2, IntBuffer.wrap(new int[] {0}));
    List<Mistake> list = mistakes.list();
    assertEquals(List.of(2, 3), list.stream().map(Mistake::index).toList());
    assertEquals(1, list.get(0).label());
    assertEquals(0, list.get(0).predicted());
    assertEquals(1 / (1 + Math.exp(-3)), list.get(0).confidence(), 1e-12);
  }

  @Test
  void ofEqualsTheEarlierStays() {
    ConfidentMistakes mistakes = new ConfidentMistakes(1);
    mistakes.add(new float[] {2, 0, 2, 0}, 2, IntBuffer.wrap(new int[] {1, 1}));
    assertEquals(0, mistakes.list().get(0).index());
  }

  @Test
  void largeLogitsDoNotOverflow() {
    ConfidentMistakes mistakes = new ConfidentMistakes(1);
    mistakes.add(new float[] {3e38f, -3e38f}, 2, IntBuffer.wrap(new int[] {1}));
    assertEquals(1.0, mistakes.list().get(0).confidence());
  }

  @Test
  void noneIsNoMistakeButAZeroIs() {
    ConfidentMistakes mistakes = new ConfidentMistakes(3);
    mistakes.add(new float[] {1, 0}, 2, IntBuffer.wrap(new int[] {0}));
    assertTrue(mistakes.list().isEmpty());
    assertThrows(GradusException.class, () -> new ConfidentMistakes(0));
  }
}
