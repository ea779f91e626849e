package gradus.data.transform;

import gradus.GradusException;
import gradus.tensor.Batch;
import java.util.random.RandomGenerator;

/**
 * A change of a whole batch, in place: of its images and of its targets {@code [N,classes]}. The
 * labels stay, so that accuracy is still counted by them. Keeps no state: workers share it.
 *
 * <p>All chance comes from {@code random}, which depends on the run's seed, the epoch and the
 * batch's number alone.
 */
@FunctionalInterface
public interface BatchTransform {
  /** Changes the batch, which has targets. */
  void apply(Batch batch, RandomGenerator random);

  /** One of several for each batch, each with the same chance; {@code RandomChoice} in PyTorch. */
  static BatchTransform oneOf(BatchTransform... choices) {
    BatchTransform[] kept = choices.clone();
    if (kept.length == 0) {
      throw new GradusException("BatchTransform.oneOf: name at least one transform.");
    }
    return (batch, random) -> kept[random.nextInt(kept.length)].apply(batch, random);
  }
}
