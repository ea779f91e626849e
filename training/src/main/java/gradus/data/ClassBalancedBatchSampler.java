package gradus.data;

import gradus.GradusException;
import java.util.SplittableRandom;

/**
 * Makes every batch of all classes alike: each class comes {@code batchSize / classes} times in it,
 * or once more. Each class goes through its samples in an order of its own and starts again when
 * they are used up. An epoch has as many samples as the data set. Give the loader the same batch
 * size. For training data alone.
 */
public final class ClassBalancedBatchSampler implements Sampler {
  private final ClassMembers members;
  private final int size;
  private final int batchSize;
  private final long seed;

  private ClassBalancedBatchSampler(ClassMembers members, int size, int batchSize, long seed) {
    this.members = members;
    this.size = size;
    this.batchSize = batchSize;
    this.seed = seed;
  }

  /**
   * For the samples of a training split.
   *
   * @throws GradusException if a batch has fewer places than there are classes with samples
   */
  public static ClassBalancedBatchSampler of(Dataset train, int batchSize, long seed) {
    ClassMembers members = ClassMembers.of(train);
    if (batchSize < members.present()) {
      throw new GradusException(
          "ClassBalancedBatchSampler: a batch of "
              + batchSize
              + " cannot hold one sample of each of "
              + members.present()
              + " classes; make it at least that large.");
    }
    return new ClassBalancedBatchSampler(members, train.size(), batchSize, seed);
  }

  @Override
  public int datasetSize() {
    return size;
  }

  @Override
  public int[] order(int epoch) {
    SplittableRandom random = RandomStreams.ofEpoch(seed, epoch);
    int present = members.present();
    int[] turns = new int[present];
    for (int c = 0, next = 0; c < members.classes(); c++) {
      if (members.size(c) > 0) {
        turns[next++] = c;
      }
    }
    RandomStreams.shuffle(turns, random);
    // Going round, any `present` places in a row have each class once, and so each batch its share.
    int[][] samples = new int[present][];
    for (int t = 0; t < present; t++) {
      samples[t] = members.of(turns[t]);
    }
    int[] used = new int[present];
    int[] order = new int[size];
    for (int i = 0; i < size; i++) {
      int c = i % present;
      int at = used[c]++ % samples[c].length;
      if (at == 0) {
        RandomStreams.shuffle(samples[c], random);
      }
      order[i] = samples[c][at];
    }
    for (int first = 0; first < size; first += batchSize) {
      RandomStreams.shuffle(order, first, Math.min(size, first + batchSize), random);
    }
    return order;
  }
}
