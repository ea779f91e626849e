package gradus.doctor.preflight;

import static gradus.doctor.preflight.Pictures.data;
import static gradus.doctor.preflight.Pictures.loader;
import static gradus.doctor.preflight.Pictures.names;
import static gradus.doctor.preflight.Pictures.note;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gradus.data.Shapes;
import gradus.doctor.Diagnosis;
import java.util.List;
import org.junit.jupiter.api.Test;

class LabelNeighboursTest {
  private final LabelNeighbours check = new LabelNeighbours();

  @Test
  void labelsThatDoNotBelongToTheirPicturesAgreeByChance() {
    Pictures shuffled = Pictures.of(1200, 1).labelled(i -> Pictures.anyClass(i));
    assertEquals(note(Diagnosis.LABEL_NOISE), names(check.examine(data(loader(shuffled), null))));
  }

  @Test
  void halfOfThemWrongStillAgreeMoreOften() {
    Pictures half = Pictures.of(1200, 1).labelled(i -> i % 8 < 4 ? i % 4 : Pictures.anyClass(i));
    assertEquals(List.of(), check.examine(data(loader(half), null)));
    assertEquals(List.of(), check.examine(data(loader(Pictures.of(1200, 1)), null)));
    assertEquals(List.of(), check.examine(data(loader(Shapes.train()), null)));
  }

  @Test
  void neighboursAreNearestByPixels() {
    LabelNeighbours.Agreement agreement = LabelNeighbours.agreement(loader(Pictures.of(400, 1)));
    assertEquals(0.25, agreement.chance(), 1e-9);
    assertTrue(agreement.share() > 0.99, "share " + agreement.share());
  }
}
