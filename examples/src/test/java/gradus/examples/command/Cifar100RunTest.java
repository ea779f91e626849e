package gradus.examples.command;

import static org.junit.jupiter.api.Assertions.assertTrue;

import gradus.examples.TestBackend;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class Cifar100RunTest {
  private static final int RECORD = 2 + 3 * 32 * 32;

  @TempDir Path scratch;

  /** The binary version, with so many random images of each class. */
  private void write(String file, int each) throws IOException {
    byte[] records = new byte[100 * each * RECORD];
    new SplittableRandom(each).nextBytes(records);
    for (int i = 0; i < 100 * each; i++) {
      records[i * RECORD + 1] = (byte) (i % 100); // behind the coarse label
    }
    Files.write(scratch.resolve(file), records);
  }

  @Test
  void isTrainedOnAndJudged() throws IOException {
    write("train.bin", 3);
    write("test.bin", 1);
    Files.write(
        scratch.resolve("fine_label_names.txt"),
        IntStream.range(0, 100).mapToObj(i -> "thing" + i).toList());
    String data = scratch.toString();
    String run = scratch.resolve("run").toString();
    String[] train = {
      "train",
      "--data",
      "cifar100",
      "--data-dir",
      data,
      "--model",
      "lenet",
      "--epochs",
      "1",
      "--out",
      run,
      "--backend",
      TestBackend.name()
    };
    String out = Outcome.of(train).succeeded().out();
    assertTrue(out.contains("100 classes"), out);
    String numbers = Outcome.of("evaluate", run).succeeded().out();
    assertTrue(numbers.contains("on 100 images"), numbers);
    assertTrue(numbers.contains("thing99"), numbers);
  }
}
