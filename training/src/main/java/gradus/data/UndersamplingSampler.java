package gradus.data;

import java.util.SplittableRandom;

/**
 * Takes of every class as many samples as the smallest has, drawn anew for each epoch without
 * repetition, so that over the epochs all samples come. Shuffled. For training data alone.
 */
public final class UndersamplingSampler implements Sampler {
  private final ClassMembers members;
  private final int size;
  private final long seed;

  private UndersamplingSampler(ClassMembers members, int size, long seed) {
    this.members = members;
    this.size = size;
    this.seed = seed;
  }

  /** For the samples of a training split; classes without any sample are left out. */
  public static UndersamplingSampler of(Dataset train, long seed) {
    ClassMembers members = ClassMembers.of(train);
    members.present();
    return new UndersamplingSampler(members, train.size(), seed);
  }

  @Override
  public int datasetSize() {
    return size;
  }

  @Override
  public int[] order(int epoch) {
    SplittableRandom random = RandomStreams.ofEpoch(seed, epoch);
    int wanted = members.smallest();
    int[] order = new int[wanted * members.present()];
    int next = 0;
    for (int c = 0; c < members.classes(); c++) {
      int[] samples = members.of(c);
      if (samples.length > 0) {
        RandomStreams.shuffle(samples, random);
        System.arraycopy(samples, 0, order, next, wanted);
        next += wanted;
      }
    }
    RandomStreams.shuffle(order, random);
    return order;
  }
}
