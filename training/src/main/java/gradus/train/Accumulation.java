package gradus.train;

import gradus.GradusException;
import gradus.layer.Model;

/**
 * How many batches make an update, as if they were one; what is left at the end of an epoch makes
 * one too. The gradients add up to the mean over all images of the update: {@code share} of each
 * loss goes backward, and {@code toMean} mends what fewer images than usual have left too small.
 *
 * <pre>{@code
 * pass.backward(loss, accumulation.share(batch.size(), batchSize));
 * images += batch.size();
 * if (accumulation.endsUpdate(number, batches)) {
 *   accumulation.toMean(model, images, batchSize); // then the optimizer's step, and images = 0
 * }
 * }</pre>
 *
 * @param batches from 1
 */
public record Accumulation(int batches) {
  /** An update after every batch. */
  public static final Accumulation NONE = new Accumulation(1);

  /** Of that many. */
  public Accumulation {
    if (batches < 1) {
      throw new GradusException(
          "An update from " + batches + " batches is impossible: at least 1 is needed.");
    }
  }

  /** Whether there is an update after this batch of an epoch of so many, both counted from 1. */
  public boolean endsUpdate(int batch, int ofEpoch) {
    return batch % batches == 0 || batch == ofEpoch;
  }

  /** Updates of an epoch of so many batches. */
  public long updates(long ofEpoch) {
    return (ofEpoch + batches - 1) / batches;
  }

  /** The same for epochs of so many batches: an update does not reach over the end of one. */
  public Accumulation within(long ofEpoch) {
    return ofEpoch < 1 || batches <= ofEpoch ? this : new Accumulation((int) ofEpoch);
  }

  /** Images of a full update from batches of that size. */
  public long images(int batchSize) {
    return (long) batchSize * batches;
  }

  /** What the loss of a batch is multiplied by on its way back; {@code usual} images are full. */
  public float share(int images, int usual) {
    return batches == 1 ? 1 : (float) images / images(usual);
  }

  /** Makes the sum of the shares of so many images in all their mean. */
  public void toMean(Model model, int images, int usual) {
    long full = images(usual);
    if (batches > 1 && images != full) {
      float correction = (float) full / images;
      model.backend().math().scale(correction, model.parameters().gradients());
    }
  }
}
