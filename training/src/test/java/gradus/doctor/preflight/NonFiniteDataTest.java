package gradus.doctor.preflight;

import static gradus.doctor.preflight.Pictures.certain;
import static gradus.doctor.preflight.Pictures.data;
import static gradus.doctor.preflight.Pictures.loader;
import static gradus.doctor.preflight.Pictures.names;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gradus.data.DataLoader;
import gradus.data.Dataset;
import gradus.data.image.Image;
import gradus.data.transform.Transform;
import gradus.doctor.Diagnosis;
import gradus.doctor.Finding;
import java.util.List;
import org.junit.jupiter.api.Test;

class NonFiniteDataTest {
  private final NonFiniteData check = new NonFiniteData();

  /** The pictures with one pixel of some of them replaced. */
  private static Dataset damaged(int size, float value, int every) {
    Pictures pictures = Pictures.of(size, 1);
    return pictures.map(
        (image, random) -> {
          float[] pixels = new float[image.size()];
          image.writeTo(pixels, 0);
          boolean chosen = every > 0 && (int) (pixels[5] * 1e4) % every == 0;
          pixels[3] = chosen ? value : pixels[3];
          return Image.ofFloats(1, Pictures.SIDE, Pictures.SIDE, pixels);
        });
  }

  @Test
  void imagesWithNaNOrInfinityAreNamed() {
    for (float value : new float[] {Float.NaN, Float.POSITIVE_INFINITY}) {
      Dataset data = damaged(2500, value, 400);
      List<Finding> found = check.examine(data(loader(data), null));
      assertEquals(certain(Diagnosis.NON_FINITE_DATA), names(found));
      int first = 0;
      while (Float.isFinite(data.get(first).image().valueAt(3))) {
        first++;
      }
      assertTrue(found.get(0).evidence().get(0).sentence().contains(" " + first));
      assertTrue(found.get(0).evidence().get(1).sentence().contains(data.describe(first)));
    }
  }

  @Test
  void theValidationIsLookedAtToo() {
    DataLoader sound = loader(Pictures.of(100, 1));
    DataLoader damaged = loader(damaged(100, Float.NaN, 3));
    assertEquals(certain(Diagnosis.NON_FINITE_DATA), names(check.examine(data(sound, damaged))));
    assertEquals(List.of(), check.examine(data(sound, sound)));
  }

  @Test
  void soAreTransforms() {
    Transform logarithm =
        (image, random) -> {
          float[] pixels = new float[image.size()];
          image.writeTo(pixels, 0);
          for (int i = 0; i < pixels.length; i++) {
            pixels[i] = (float) Math.log(pixels[i]); // of a negative number
          }
          return Image.ofFloats(1, Pictures.SIDE, Pictures.SIDE, pixels);
        };
    DataLoader loader = DataLoader.of(Pictures.of(80, 1)).transform(logarithm).workers(0).build();
    List<Finding> found = check.examine(data(loader, null));
    assertEquals(certain(Diagnosis.NON_FINITE_DATA), names(found));
    assertTrue(found.get(0).cause().contains("transforms"));
  }
}
