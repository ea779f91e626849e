package gradus.doctor.preflight;

import static gradus.doctor.preflight.Pictures.data;
import static gradus.doctor.preflight.Pictures.loader;
import static gradus.doctor.preflight.Pictures.names;
import static gradus.doctor.preflight.Pictures.note;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gradus.data.Dataset;
import gradus.data.Shapes;
import gradus.data.image.Image;
import gradus.doctor.Diagnosis;
import gradus.doctor.Finding;
import java.util.List;
import org.junit.jupiter.api.Test;

class InputScaleTest {
  private final InputScale check = new InputScale();

  private List<Finding> of(Dataset data) {
    return check.examine(data(loader(data), null));
  }

  private void assertNote(double confidence, Dataset data) {
    List<Finding> found = of(data);
    assertEquals(note(Diagnosis.INPUT_NOT_NORMALIZED), names(found));
    assertEquals(confidence, found.get(0).confidence());
    assertEquals("--normalize auto", found.get(0).remedy().option());
  }

  @Test
  void standardisedAndUnitPixelsAreFine() {
    Pictures pictures = Pictures.of(200, 1);
    assertEquals(List.of(), of(pictures));
    assertEquals(List.of(), of(pictures.scaled(0.25, 0.4)));
    assertEquals(List.of(), of(Shapes.of(200, 1))); // colours of 0 to 1
  }

  @Test
  void farFromOneIsFarOff() {
    Pictures pictures = Pictures.of(200, 1);
    assertNote(0.75, pictures.scaled(70, 120));
    assertNote(0.75, pictures.scaled(1 / 255.0, 0));
    assertNote(0.75, pictures.scaled(1, 11));
    List<Finding> found = of(pictures.scaled(70, 120));
    assertTrue(found.get(0).evidence().get(0).sentence().startsWith("Channel 0: "));
  }

  @Test
  void betweenTheTwoIsUnusual() {
    Pictures pictures = Pictures.of(200, 1);
    assertNote(0.5, pictures.scaled(5, 0));
    assertNote(0.5, pictures.scaled(0.08, 0));
    assertNote(0.5, pictures.scaled(1, 4));
  }

  @Test
  void channelsOfVeryDifferentScalesAreFarOff() {
    assertNote(0.75, colours(3f, 0.1f));
    assertEquals(List.of(), of(colours(1.5f, 0.2f)));
  }

  private static Dataset colours(float first, float second) {
    return Pictures.of(200, 1)
        .map(
            (image, random) -> {
              int plane = image.size();
              float[] pixels = new float[2 * plane];
              for (int i = 0; i < plane; i++) {
                pixels[i] = first * image.valueAt(i);
                pixels[plane + i] = second * image.valueAt(i);
              }
              return Image.ofFloats(2, Pictures.SIDE, Pictures.SIDE, pixels);
            });
  }
}
