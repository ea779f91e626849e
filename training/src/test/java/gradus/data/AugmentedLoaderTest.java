package gradus.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import gradus.data.image.PaddingMode;
import gradus.data.transform.BatchTransform;
import gradus.data.transform.ColorJitter;
import gradus.data.transform.CutMix;
import gradus.data.transform.Cutout;
import gradus.data.transform.GaussianBlur;
import gradus.data.transform.GaussianNoise;
import gradus.data.transform.MixUp;
import gradus.data.transform.RandAugment;
import gradus.data.transform.RandomAffine;
import gradus.data.transform.RandomCrop;
import gradus.data.transform.RandomErasing;
import gradus.data.transform.RandomGrayscale;
import gradus.data.transform.RandomHorizontalFlip;
import gradus.data.transform.RandomResizedCrop;
import gradus.data.transform.Transform;
import gradus.data.transform.TrivialAugmentWide;
import gradus.tensor.Batch;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Random transforms in a loader: the same bits whatever the workers. */
class AugmentedLoaderTest {
  private static final Transform[] ALL = {
    new RandomResizedCrop(32).scale(0.5, 1),
    new RandomCrop(32, 4, PaddingMode.REFLECT),
    new RandomHorizontalFlip(),
    new RandomAffine(10).translate(0.1, 0.1).scale(0.9, 1.1).shear(5),
    new ColorJitter(0.2, 0.2, 0.2, 0.1),
    new RandomGrayscale(),
    new GaussianBlur(3),
    new GaussianNoise(),
    new RandAugment(),
    new TrivialAugmentWide(),
    new Cutout(8),
    new RandomErasing()
  };

  private static List<String> run(Sampler sampler, int workers, int epoch) {
    BatchTransform mix = BatchTransform.oneOf(new MixUp(), new CutMix());
    List<String> contents = new ArrayList<>();
    try (DataLoader loader =
        DataLoader.of(Shapes.of(50, 2))
            .batchSize(16)
            .seed(7)
            .sampler(sampler)
            .transform(ALL)
            .batchTransform(mix)
            .workers(workers)
            .build()) {
      for (Batch batch : loader.epoch(epoch)) {
        float[] images = new float[(int) batch.shape().size()];
        batch.images().get(0, images);
        float[] targets = new float[batch.targets().capacity()];
        batch.targets().get(0, targets);
        assertEquals(batch.size() * 10, targets.length);
        contents.add(Arrays.hashCode(images) + " " + Arrays.toString(targets));
      }
    }
    return contents;
  }

  @Test
  void theSameSeedGivesTheSamePicturesWhateverTheWorkers() {
    Sampler sampler = Sampler.shuffled(50, 3);
    List<String> expected = run(sampler, 0, 1);
    assertEquals(4, expected.size(), "50 images: the last batch has 2");
    for (int workers : new int[] {1, 2, 4}) {
      assertEquals(expected, run(sampler, workers, 1), workers + " workers");
    }
    assertFalse(expected.equals(run(sampler, 0, 2)), "another epoch, other pictures");
  }

  @Test
  void aPictureThatComesTwiceIsAugmentedInTwoWays() {
    try (DataLoader loader =
        DataLoader.of(Shapes.of(50, 2))
            .batchSize(4)
            .sampler(epoch -> new int[] {5, 6, 5, 5})
            .transform(new GaussianNoise())
            .build()) {
      for (Batch batch : loader.epoch(0)) {
        int size = (int) batch.shape().size() / 4;
        float[][] images = new float[4][size];
        for (int i = 0; i < 4; i++) {
          batch.images().get(i * size, images[i]);
        }
        assertFalse(Arrays.equals(images[0], images[2]));
        assertFalse(Arrays.equals(images[2], images[3]));
      }
    }
  }

  @Test
  void labelsStayWhenTargetsAreMixed() {
    try (DataLoader loader =
        DataLoader.of(Shapes.of(10, 2)).batchSize(10).batchTransform(new MixUp()).build()) {
      for (Batch batch : loader.epoch(0)) {
        int[] labels = new int[10];
        batch.labels().get(0, labels);
        assertArrayEquals(new int[] {0, 1, 2, 3, 4, 5, 6, 7, 8, 9}, labels);
      }
    }
  }
}
