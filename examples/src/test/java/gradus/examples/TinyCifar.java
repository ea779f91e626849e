package gradus.examples;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;

/** The binary version of CIFAR-10 with few images, of noise. */
public final class TinyCifar {
  private static final int RECORD = 1 + 3 * 32 * 32;

  private TinyCifar() {}

  /** Writes so many images, of all classes in turn, to each file of a folder, and returns it. */
  public static Path in(Path folder, int imagesPerFile) throws IOException {
    for (String name :
        List.of(
            "data_batch_1",
            "data_batch_2",
            "data_batch_3",
            "data_batch_4",
            "data_batch_5",
            "test_batch")) {
      byte[] records = new byte[imagesPerFile * RECORD];
      new SplittableRandom(name.hashCode()).nextBytes(records);
      for (int i = 0; i < imagesPerFile; i++) {
        records[i * RECORD] = (byte) (i % 10);
      }
      Files.write(folder.resolve(name + ".bin"), records);
    }
    return folder;
  }
}
