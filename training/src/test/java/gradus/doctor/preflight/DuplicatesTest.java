package gradus.doctor.preflight;

import static gradus.doctor.preflight.Pictures.certain;
import static gradus.doctor.preflight.Pictures.data;
import static gradus.doctor.preflight.Pictures.loader;
import static gradus.doctor.preflight.Pictures.names;
import static gradus.doctor.preflight.Pictures.note;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gradus.data.Dataset;
import gradus.data.Shapes;
import gradus.data.image.Image;
import gradus.data.transform.Transform;
import gradus.doctor.Diagnosis;
import gradus.doctor.Finding;
import java.util.List;
import org.junit.jupiter.api.Test;

class DuplicatesTest {
  private final Duplicates check = new Duplicates();
  private final Dataset train = Shapes.of(600, 1);

  private List<Finding> compared(Dataset validation) {
    return check.examine(data(loader(train), loader(validation)));
  }

  @Test
  void picturesOfBothPartsAreCertain() {
    List<Finding> found = compared(Shapes.of(400, 2).concat(train.take(5)));
    assertEquals(certain(Diagnosis.DATA_LEAKAGE), names(found));
    assertTrue(found.get(0).cause().startsWith("5 of 405 "), found.get(0).cause());
    String pairs = found.get(0).evidence().get(1).sentence();
    assertTrue(pairs.contains(train.describe(0)), pairs);
  }

  @Test
  void oneInAThousandIsAnAccident() {
    assertEquals(List.of(), compared(Shapes.of(400, 2)));
    assertEquals(List.of(), compared(Shapes.of(400, 2).concat(train.take(2))));
    assertEquals(List.of(), compared(Shapes.of(900, 2).concat(train.take(4))));
    assertEquals(List.of(), check.examine(data(loader(train), null)));
  }

  @Test
  void plainPicturesAreNotLeaked() {
    Transform blank = (image, random) -> Image.ofBytes(3, 32, 32, new byte[3 * 32 * 32]);
    assertEquals(
        List.of(),
        check.examine(data(loader(train.map(blank)), loader(Shapes.of(400, 2).map(blank)))));
  }

  @Test
  void nearlyTheSamePicturesAreNoted() {
    Transform brighter =
        (image, random) -> {
          byte[] levels = new byte[image.size()];
          image.writeLevels(levels, 0);
          for (int i = 0; i < levels.length; i++) {
            levels[i] = (byte) Math.min(255, (levels[i] & 0xff) + 2);
          }
          return Image.ofBytes(3, image.height(), image.width(), levels);
        };
    List<Finding> found = compared(Shapes.of(200, 2).concat(train.take(100).map(brighter)));
    assertEquals(note(Diagnosis.DATA_LEAKAGE), names(found));
    List<Finding> few = compared(Shapes.of(295, 2).concat(train.take(5).map(brighter)));
    assertEquals(List.of(), few);
  }
}
