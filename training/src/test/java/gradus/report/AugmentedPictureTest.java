package gradus.report;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gradus.data.DataLoader;
import gradus.data.Dataset;
import gradus.data.Shapes;
import gradus.data.image.Image;
import gradus.data.image.PaddingMode;
import gradus.data.transform.MixUp;
import gradus.data.transform.Normalize;
import gradus.data.transform.RandomCrop;
import gradus.data.transform.RandomHorizontalFlip;
import gradus.data.transform.Transform;
import gradus.tensor.Batch;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class AugmentedPictureTest {
  private static final Dataset DATA = Shapes.of(40, 1);
  private static final int[] SHOWN = {3, 11, 27};

  private static DataLoader.Builder loader() {
    return DataLoader.of(DATA).batchSize(SHOWN.length).sampler(epoch -> SHOWN).workers(0);
  }

  private static float[] values(Image image) {
    float[] values = new float[image.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = image.valueAt(i);
    }
    return values;
  }

  @Test
  void withoutATransformEveryViewIsTheOriginal() {
    try (DataLoader loader = loader().build()) {
      List<AugmentedPicture> pictures = AugmentedPicture.take(loader, 2, SHOWN);
      assertEquals(SHOWN.length, pictures.size());
      for (int i = 0; i < SHOWN.length; i++) {
        AugmentedPicture picture = pictures.get(i);
        assertEquals(DATA.describe(SHOWN[i]), picture.name());
        assertEquals(DATA.classNames().get(DATA.label(SHOWN[i])), picture.label());
        assertEquals(2, picture.views().size());
        for (AugmentedPicture.View view : picture.views()) {
          assertEquals(picture.label(), view.label());
          assertArrayEquals(values(picture.original()), values(view.image()), 1e-6f);
        }
      }
    }
  }

  /**
   * The loop of a run shuffles, has workers, and normalises; its pictures are these all the same.
   */
  @Test
  void theViewsAreThoseOfATrainingLoop() {
    Transform[] augment = {
      new RandomCrop(28, 28, 3, PaddingMode.REFLECT, 0), new RandomHorizontalFlip()
    };
    Normalize normalize = Normalize.from(DATA.images());
    try (DataLoader shown = loader().seed(5).transform(augment).build();
        DataLoader training =
            DataLoader.of(DATA)
                .batchSize(40)
                .shuffle(5)
                .workers(2)
                .transform(augment)
                .transform(normalize)
                .build()) {
      List<AugmentedPicture> pictures = AugmentedPicture.take(shown, 2, SHOWN);
      for (int epoch = 0; epoch < 2; epoch++) {
        Batch batch = training.epoch(epoch).iterator().next();
        for (AugmentedPicture picture : pictures) {
          Image image = picture.views().get(epoch).image();
          float[] expected = values(normalize.apply(image, new SplittableRandom(0)));
          assertTrue(contains(batch, expected), picture.name() + " in epoch " + epoch);
        }
      }
    }
  }

  private static boolean contains(Batch batch, float[] image) {
    float[] one = new float[image.length];
    for (int i = 0; i < batch.size(); i++) {
      batch.images().get(i * image.length, one);
      double worst = 0;
      for (int k = 0; k < one.length; k++) {
        worst = Math.max(worst, Math.abs(one[k] - image[k]));
      }
      if (worst < 1e-4) {
        return true;
      }
    }
    return false;
  }

  @Test
  void whatIsMixedSaysItsShares() {
    try (DataLoader loader = loader().batchTransform(new MixUp(1)).build()) {
      List<String> labels =
          AugmentedPicture.take(loader, 5, SHOWN).stream()
              .flatMap(picture -> picture.views().stream())
              .map(AugmentedPicture.View::label)
              .toList();
      assertTrue(
          labels.stream().anyMatch(l -> l.matches("\\d+ % \\S+.*, \\d+ % \\S+.*")),
          labels::toString);
    }
  }

  @Test
  void noViewsAreNoEpochs() {
    try (DataLoader loader = loader().build()) {
      assertTrue(AugmentedPicture.take(loader, 0, SHOWN).get(2).views().isEmpty());
    }
  }
}
