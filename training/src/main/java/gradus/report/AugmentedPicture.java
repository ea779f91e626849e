package gradus.report;

import gradus.data.DataLoader;
import gradus.data.Dataset;
import gradus.data.image.Image;
import gradus.tensor.Batch;
import gradus.tensor.Shape;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * A training picture as it is, and as the training loop sees it.
 *
 * @param name what the data set calls it
 * @param label the name of its class
 * @param original as the data set has it
 * @param views of it, one of each epoch
 */
public record AugmentedPicture(String name, String label, Image original, List<View> views) {
  /**
   * What came of a picture in one epoch.
   *
   * @param image {@code [C,H,W]}, values from 0 to 1
   * @param label what is to be learned of it: a class, or the shares of those that were mixed
   */
  public record View(Image image, String label) {}

  private static final double SMALLEST_SHARE = 0.005;

  /** Copies the list. */
  public AugmentedPicture {
    views = List.copyOf(views);
  }

  /**
   * Takes pictures from the first epochs of a loader.
   *
   * @param loader augments, does not normalise, and has the samples as its one batch of an epoch
   * @param epochs how many views there are; with 0 the pictures are left as they are
   * @param samples numbers in the data set of the loader, in its order
   * @throws gradus.GradusException if a picture cannot be read
   */
  public static List<AugmentedPicture> take(DataLoader loader, int epochs, int... samples) {
    List<List<View>> views = new ArrayList<>();
    for (int i = 0; i < samples.length; i++) {
      views.add(new ArrayList<>());
    }
    for (int epoch = 0; epoch < epochs; epoch++) {
      for (Batch batch : loader.epoch(epoch)) {
        for (int i = 0; i < batch.size(); i++) {
          views.get(i).add(view(loader, batch, i));
        }
      }
    }
    Dataset data = loader.dataset();
    List<AugmentedPicture> pictures = new ArrayList<>();
    for (int i = 0; i < samples.length; i++) {
      pictures.add(
          new AugmentedPicture(
              data.describe(samples[i]),
              data.classNames().get(data.label(samples[i])),
              data.get(samples[i]).image(),
              views.get(i)));
    }
    return pictures;
  }

  private static View view(DataLoader loader, Batch batch, int i) {
    Shape shape = loader.imageShape();
    float[] values = new float[Math.toIntExact(shape.size())]; // of its own: batches are recycled
    batch.images().get(i * values.length, values);
    Image image = Image.ofFloats(shape.dim(0), shape.dim(1), shape.dim(2), values);
    List<String> classes = loader.dataset().classNames();
    FloatBuffer targets = batch.targets();
    return new View(
        image, targets == null ? classes.get(batch.labels().get(i)) : shares(targets, i, classes));
  }

  private static String shares(FloatBuffer targets, int i, List<String> classes) {
    List<String> shares = new ArrayList<>();
    for (int c = 0; c < classes.size(); c++) {
      float share = targets.get(i * classes.size() + c);
      if (share > 1 - SMALLEST_SHARE) {
        return classes.get(c);
      }
      if (share >= SMALLEST_SHARE) {
        shares.add(String.format(Locale.ROOT, "%.0f %% %s", 100 * share, classes.get(c)));
      }
    }
    return String.join(", ", shares);
  }
}
