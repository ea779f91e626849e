package gradus.doctor.preflight;

import gradus.data.DataLoader;
import gradus.data.Dataset;
import java.util.stream.IntStream;

/** Labels as a loader brings them, without decoding an image. */
final class Labels {
  private Labels() {}

  /** The labels of the first epoch, in the order in which they come. */
  static int[] inOrder(DataLoader loader) {
    Dataset data = loader.dataset();
    return IntStream.of(loader.order(0)).map(data::label).toArray();
  }

  /** The images whose labels are not among the classes. */
  static IntStream outside(Dataset data) {
    int classes = data.classNames().size();
    return IntStream.range(0, data.size())
        .filter(i -> data.label(i) < 0 || data.label(i) >= classes);
  }

  /** Whether all of them are among the classes; so are those of no loader. */
  static boolean areClasses(DataLoader loader) {
    return loader == null || outside(loader.dataset()).findFirst().isEmpty();
  }

  /** How often each class comes in the first epoch. */
  static double[] counts(DataLoader loader) {
    double[] counts = new double[loader.dataset().classNames().size()];
    for (int label : inOrder(loader)) {
      counts[label]++;
    }
    return counts;
  }
}
