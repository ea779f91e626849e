package gradus.backend.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What cuDNN refuses to do although it has offered it. Of 16 channels the fake one offers, of those
 * that may be taken, Winograd's algorithm (7 forward, 5 backward) and then plain sums (1).
 */
@Tag("fake-cuda")
class FakeRefusalTest {
  private static final String MANY = "-Dchannels=16";

  @TempDir Path work;

  private FakeProcess run(Map<String, String> environment, String... properties) throws Exception {
    Map<String, String> all = new HashMap<>(environment);
    all.put("FAKE_CUDA_REPORT", work.resolve("report").toString());
    return FakeProcess.run(FakeProcess.libraries(), work, all, properties);
  }

  private FakeProcess runRefusing(String what, String... properties) throws Exception {
    return run(Map.of("FAKE_CUDNN_REFUSES", what), properties);
  }

  private void assertWell(FakeProcess process, int refusals) throws Exception {
    assertEquals(0, process.exit(), process.output());
    assertEquals("device blocks 0, handles 0", Files.readString(work.resolve("report")).strip());
    assertEquals(refusals, count("is made in the next way", process), process.output());
  }

  private static int count(String words, FakeProcess process) {
    return process.output().split(words, -1).length - 1;
  }

  private static String numbers(FakeProcess process) {
    return process.output().lines().filter(line -> line.startsWith("sums")).findAny().orElse("");
  }

  @ParameterizedTest
  @ValueSource(ints = {3004, 4004, 5003})
  void theNextAlgorithmIsTakenForGoodAndThatIsSaidOnce(int status) throws Exception {
    FakeProcess refused = runRefusing("7:" + status, MANY);
    assertWell(refused, 1);
    assertTrue(refused.output().contains("graphs 2"), refused.output());
    assertTrue(
        refused.output().contains("returned " + status + " (fake cuDNN error: the fake"),
        refused.output());
    assertEquals(numbers(run(Map.of(), MANY)), numbers(refused));
  }

  @Test
  void eachPassHasItsOwn() throws Exception {
    FakeProcess refused = runRefusing("5:3000", MANY);
    assertWell(refused, 2); // data and weights
    assertTrue(refused.output().contains("The backward data pass"), refused.output());
    assertTrue(refused.output().contains("The backward filter pass"), refused.output());
  }

  @Test
  void whatAddsToASumIsAskedForByItself() throws Exception {
    FakeProcess refused = runRefusing("5+:3000", MANY);
    assertWell(refused, 1); // of the weights: the images are padded before, and copied back
    assertEquals(numbers(run(Map.of(), MANY)), numbers(refused));
  }

  /** The next one would add to it once more. */
  @Test
  void aSumThatMayBeHalfWrittenIsNotTriedAgain() throws Exception {
    FakeProcess process = runRefusing("5+:5003", MANY);
    assertEquals(4, process.exit(), process.output());
    assertTrue(process.output().contains("returned 5003"), process.output());
    assertEquals(0, count("is made in the next way", process));
  }

  @ParameterizedTest
  @ValueSource(ints = {1008, 2000})
  void aMistakeIsNoRefusal(int status) throws Exception {
    FakeProcess process = runRefusing("7:" + status, MANY);
    assertEquals(4, process.exit(), process.output());
    assertTrue(process.output().contains("returned " + status), process.output());
    assertEquals(0, count("is made in the next way", process));
  }

  @Test
  void allThatWereTriedAreNamed() throws Exception {
    FakeProcess process = runRefusing("7:3000 1:4003", MANY);
    assertEquals(4, process.exit(), process.output());
    assertTrue(
        process.output().contains("offered 2 ways of the forward pass of Conv2dSpec["),
        process.output());
    assertTrue(process.output().contains("algorithm 7 (math type 3"), process.output());
    assertTrue(process.output().contains("algorithm 1 (math type 3"), process.output());
    assertTrue(process.output().contains("Use a smaller batch"), process.output());
  }

  /** What a kernel broke no algorithm mends. */
  @Test
  void aBrokenDeviceIsNoRefusal() throws Exception {
    FakeProcess process = run(Map.of("FAKE_CUDA_BREAKS", "5", "CUDA_LAUNCH_BLOCKING", "1"), MANY);
    assertEquals(4, process.exit(), process.output());
    assertTrue(
        process.output().contains("cudnnConvolutionForward for Conv2dSpec["), process.output());
    assertEquals(0, count("is made in the next way", process), process.output());
    assertEquals(0, count("offered", process), process.output());
  }

  @ParameterizedTest
  @ValueSource(ints = {3000, 5000})
  void whatIsRefusedWhileAGraphIsCapturedIsMadeCallByCall(int status) throws Exception {
    FakeProcess process = runRefusing("captured:" + status, MANY);
    assertWell(process, 0);
    assertTrue(process.output().contains("graphs 0"), process.output());
    assertEquals(1, count("cannot be started as one CUDA graph", process), process.output());
  }

  @ParameterizedTest
  @CsvSource({"tf32, TF32, false", "last, FP32, true", "last, BF16, true"})
  void anotherLayoutOrArithmeticIsTakenWhereAllOfOneAreRefused(
      String what, String precision, boolean last) throws Exception {
    String[] properties = {"-Dprecision=" + precision, "-Dchannels.last=" + last};
    FakeProcess refused = runRefusing(what + ":3000", properties);
    assertWell(refused, 3);
    assertFalse(numbers(refused).isEmpty());
  }

  @Test
  void whatHasNoRoomForItsWorkingMemoryIsRefusedToo() throws Exception {
    FakeProcess process = run(Map.of("FAKE_CUDA_MEMORY", "200000000"), "-Dchannels=256");
    assertWell(process, 3);
    assertTrue(process.output().contains("does not fit: The working memory"), process.output());
  }
}
