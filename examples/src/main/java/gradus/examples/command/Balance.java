package gradus.examples.command;

import gradus.data.ClassBalancedBatchSampler;
import gradus.data.DataLoader;
import gradus.data.Dataset;
import gradus.data.OversamplingSampler;
import gradus.data.Smote;
import gradus.data.UndersamplingSampler;
import gradus.data.WeightedRandomSampler;
import java.util.Locale;

/** What is done, to the training images alone, about classes of unequal size. */
enum Balance {
  NONE,
  OVERSAMPLE,
  UNDERSAMPLE,
  WEIGHTED_SAMPLER,
  BALANCED_BATCHES,
  CLASS_WEIGHTS,
  SMOTE;

  /** The training split with what is made up for it. */
  Dataset dataset(Dataset train, long seed) {
    return this == SMOTE ? Smote.of(train, seed) : train;
  }

  /** Sets the order the loader takes samples in. */
  DataLoader.Builder order(DataLoader.Builder loader, Dataset train, int batch, long seed) {
    return switch (this) {
      case NONE, CLASS_WEIGHTS, SMOTE -> loader.shuffle(seed);
      case OVERSAMPLE -> loader.seed(seed).sampler(OversamplingSampler.of(train, seed));
      case UNDERSAMPLE -> loader.seed(seed).sampler(UndersamplingSampler.of(train, seed));
      case WEIGHTED_SAMPLER ->
          loader.seed(seed).sampler(WeightedRandomSampler.balanced(train, seed));
      case BALANCED_BATCHES ->
          loader.seed(seed).sampler(ClassBalancedBatchSampler.of(train, batch, seed));
    };
  }

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
