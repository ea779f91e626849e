package gradus.doctor.preflight;

import static gradus.doctor.preflight.Pictures.certain;
import static gradus.doctor.preflight.Pictures.data;
import static gradus.doctor.preflight.Pictures.loader;
import static gradus.doctor.preflight.Pictures.names;
import static gradus.doctor.preflight.Pictures.note;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gradus.data.DataLoader;
import gradus.doctor.Diagnosis;
import gradus.doctor.Finding;
import java.util.List;
import org.junit.jupiter.api.Test;

class EnoughDataTest {
  private final EnoughData check = new EnoughData();

  @Test
  void imagesOfOneClassAreNothingToTellApart() {
    List<Finding> found = check.examine(data(loader(Pictures.of(300, 1).labelled(i -> 2)), null));
    assertEquals(certain(Diagnosis.CLASS_IMBALANCE), names(found));
    assertTrue(
        found.get(0).cause().startsWith("All 300 training images are of the class \"third\""),
        found.get(0).cause());
    Finding single = check.examine(data(loader(Pictures.of(1, 1)), null)).get(0);
    assertTrue(single.cause().startsWith("The only training image is of the class \"first\""));
    assertEquals(
        List.of(), check.examine(data(loader(Pictures.of(300, 1).labelled(i -> i / 299)), null)));
  }

  @Test
  void aHandfulOfImagesIsNoted() {
    assertEquals(
        note(Diagnosis.INSUFFICIENT_DATA),
        names(check.examine(data(loader(Pictures.of(19, 1)), null))));
    assertEquals(List.of(), check.examine(data(loader(Pictures.of(20, 1)), null)));
  }

  /** However often a sampler brings them. */
  @Test
  void whatComesAgainCountsOnce() {
    DataLoader again =
        DataLoader.of(Pictures.of(300, 1)).workers(0).sampler(epoch -> repeated()).build();
    List<Finding> found = check.examine(data(again, null));
    assertEquals(note(Diagnosis.INSUFFICIENT_DATA), names(found));
    assertTrue(found.get(0).cause().contains("only 8 training images for 4 classes"));
  }

  private static int[] repeated() {
    int[] order = new int[800];
    for (int i = 0; i < order.length; i++) {
      order[i] = i % 8;
    }
    return order;
  }
}
