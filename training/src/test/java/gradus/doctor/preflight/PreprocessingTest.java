package gradus.doctor.preflight;

import static gradus.doctor.preflight.Pictures.data;
import static gradus.doctor.preflight.Pictures.loader;
import static gradus.doctor.preflight.Pictures.names;
import static gradus.doctor.preflight.Pictures.note;
import static org.junit.jupiter.api.Assertions.assertEquals;

import gradus.data.DataLoader;
import gradus.data.transform.RandomErasing;
import gradus.doctor.Diagnosis;
import gradus.doctor.Finding;
import java.util.List;
import org.junit.jupiter.api.Test;

class PreprocessingTest {
  private final Preprocessing check = new Preprocessing();

  private List<String> compared(Pictures train, Pictures validation) {
    List<Finding> found = check.examine(data(loader(train), loader(validation)));
    return names(found);
  }

  @Test
  void aMissingScaleOrShiftShows() {
    Pictures train = Pictures.of(300, 1);
    Pictures other = Pictures.of(200, 2);
    assertEquals(note(Diagnosis.PREPROCESSING_MISMATCH), compared(train, other.scaled(255, 0)));
    assertEquals(note(Diagnosis.PREPROCESSING_MISMATCH), compared(train, other.scaled(0.4, 0)));
    assertEquals(note(Diagnosis.PREPROCESSING_MISMATCH), compared(train, other.scaled(1, 0.7)));
  }

  @Test
  void smallDifferencesDoNot() {
    Pictures train = Pictures.of(300, 1);
    Pictures other = Pictures.of(200, 2);
    assertEquals(List.of(), compared(train, other));
    assertEquals(List.of(), compared(train, other.scaled(1.3, 0.2)));
    assertEquals(List.of(), compared(train, Pictures.of(20, 2).scaled(255, 0))); // too few to say
    assertEquals(List.of(), check.examine(data(loader(train), null)));
  }

  @Test
  void augmentationIsLeftOut() {
    DataLoader train =
        DataLoader.of(Pictures.of(200, 1))
            .workers(0)
            .transform(new RandomErasing(1, 0.9, 1, 0.9, 1.1, 5))
            .build();
    assertEquals(List.of(), check.examine(data(train, loader(Pictures.of(200, 2)))));
  }
}
