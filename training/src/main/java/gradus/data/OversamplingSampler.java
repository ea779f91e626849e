package gradus.data;

import java.util.SplittableRandom;

/**
 * Repeats the samples of small classes until every class comes as often as the largest: each sample
 * as often as fits, and a part of them, drawn anew for each epoch, once more. Shuffled.
 *
 * <p>A repeated picture is augmented in another way each time. For training data alone: split
 * first, or copies of one picture end up on both sides.
 */
public final class OversamplingSampler implements Sampler {
  private final ClassMembers members;
  private final int size;
  private final long seed;

  private OversamplingSampler(ClassMembers members, int size, long seed) {
    this.members = members;
    this.size = size;
    this.seed = seed;
  }

  /** For the samples of a training split. */
  public static OversamplingSampler of(Dataset train, long seed) {
    ClassMembers members = ClassMembers.of(train);
    members.present();
    return new OversamplingSampler(members, train.size(), seed);
  }

  @Override
  public int datasetSize() {
    return size;
  }

  @Override
  public int[] order(int epoch) {
    SplittableRandom random = RandomStreams.ofEpoch(seed, epoch);
    int wanted = members.largest();
    int[] order = new int[Math.multiplyExact(wanted, members.present())];
    int next = 0;
    for (int c = 0; c < members.classes(); c++) {
      int[] samples = members.of(c);
      if (samples.length == 0) {
        continue;
      }
      RandomStreams.shuffle(samples, random);
      for (int i = 0; i < wanted; i++) {
        order[next++] = samples[i % samples.length];
      }
    }
    RandomStreams.shuffle(order, random);
    return order;
  }
}
