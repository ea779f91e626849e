package gradus.examples.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gradus.data.image.Image;
import gradus.data.transform.MixUp;
import gradus.data.transform.RandomAffine;
import gradus.data.transform.RandomHorizontalFlip;
import gradus.data.transform.RandomRotation;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class AugmentationTest {
  private static final Image IMAGE = Image.ofBytes(3, 16, 16, new byte[3 * 16 * 16]);

  @Test
  void isAsStrongAsAskedFor() {
    assertEquals(new RandomRotation(20), Augmentation.Chosen.parse("rotate:20").transform(IMAGE));
    assertEquals(
        new RandomAffine(0).translate(0.2, 0.2).toString(),
        Augmentation.Chosen.parse("shift:0.2").transform(IMAGE).toString());
    assertEquals(
        new RandomHorizontalFlip(0.25), Augmentation.Chosen.parse("flip:0.25").transform(IMAGE));
    assertEquals(new MixUp(1), Augmentation.Chosen.parse("mixup:1").batchTransform());
  }

  @ParameterizedTest
  @EnumSource(Augmentation.class)
  void worksWhateverTheStrength(Augmentation kind) {
    Augmentation.Chosen usual = kind.usual();
    assertEquals(usual, Augmentation.Chosen.parse(kind.toString()));
    assertEquals(kind.toString(), usual.toString());
    for (double strength : new double[] {kind.least(), kind.most(), usual.strength()}) {
      Augmentation.Chosen chosen = new Augmentation.Chosen(kind, strength);
      assertEquals(chosen, Augmentation.Chosen.parse(chosen.toString()));
      if (kind.isOfBatch()) {
        chosen.batchTransform();
      } else {
        chosen.transform(IMAGE).apply(IMAGE, new Random(1));
      }
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "rotate:400 | degrees to either side, is from 0 to 180; 15 is usual",
        "rotate:-1 | is from 0 to 180",
        "shift:NaN | is from 0 to 1",
        "flip:two | after the colon comes a number, how probable it is; 0.5 is usual",
        "flip: | after the colon comes a number",
        "trivialaugment:3 | trivialaugment is not more or less strong",
        "flop:3 | there is no \"flop\""
      })
  void refusesWhatItCannotBe(String text, String reason) {
    String message =
        assertThrows(UsageException.class, () -> Augmentation.Chosen.parse(text)).getMessage();
    assertTrue(message.contains(reason), message);
  }

  @ParameterizedTest
  @ValueSource(strings = {"ROTATE:5", "Rotate:5.0"})
  void namesAreNotCaseSensitive(String text) {
    assertEquals("rotate:5", Augmentation.Chosen.parse(text).toString());
  }
}
