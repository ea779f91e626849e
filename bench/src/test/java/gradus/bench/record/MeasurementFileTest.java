package gradus.bench.record;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gradus.GradusException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MeasurementFileTest {
  private static final Origin ORIGIN =
      new Origin("2026-11-21T12:00:00Z", "0123456789", "A \"fast\" CPU", 2, "Linux 6", "17.0.1");

  @TempDir Path folder;

  @Test
  void everyKindComesBackAsItWent() throws IOException {
    List<Measurement> all =
        List.of(
            new LimitMeasurement(ORIGIN, 0, "fma-avx2", 2, 212.5, "GFLOP/s"),
            new OpMeasurement(
                ORIGIN,
                0.01,
                "convolution",
                "forward",
                "W4_LAYER1",
                "spec",
                2,
                "avx2",
                "auto",
                "direct",
                "warm",
                1000,
                Double.NaN,
                0.3),
            new StepMeasurement(
                ORIGIN,
                0.5,
                "pytorch",
                "2.10",
                "W1",
                "train",
                64,
                2,
                "bf16",
                "best",
                3,
                4,
                3.5,
                5,
                100,
                44_426,
                0.097,
                List.of(2.3, 0.1)),
            new ProfileMeasurement(ORIGIN, 0, "W4", "train", 128, 2, "fp32", "loop", 0.5, 110));
    MeasurementFile file = new MeasurementFile(folder.resolve("m.jsonl"));
    all.forEach(file::append);
    assertEquals(all, file.read());
    String text = Files.readString(folder.resolve("m.jsonl"));
    assertEquals(4, text.lines().count());
    assertTrue(text.contains("\"kind\":\"limit\""), text);
    assertTrue(text.contains("\"imagesPerSecond\":16000.0"), text);
  }

  @Test
  void recordsOlderThanTheChoiceOfNumberFormatAreOfFloat32() throws IOException {
    Path path = folder.resolve("old.jsonl");
    MeasurementFile file = new MeasurementFile(path);
    file.append(new ProfileMeasurement(ORIGIN, 0, "W4", "train", 128, 2, "bf16", "loop", 0.5, 110));
    Files.writeString(path, Files.readString(path).replace("\"precision\":\"bf16\",", ""));
    assertEquals(
        List.of(new ProfileMeasurement(ORIGIN, 0, "W4", "train", 128, 2, "fp32", "loop", 0.5, 110)),
        file.read());
  }

  @Test
  void derivedNumbers() {
    OpMeasurement op =
        new OpMeasurement(
            ORIGIN, 0, "linear", "forward", "W1_FC1", "", 1, "avx2", "auto", "auto", "warm", 500, 1,
            0.1);
    assertEquals(200, op.gigaflopsPerSecond(), 1e-9);
    assertTrue(new LimitMeasurement(ORIGIN, 0.06, "l2-read", 1, 1, "GB/s").quiet());
    assertTrue(!new LimitMeasurement(ORIGIN, 0.061, "l2-read", 1, 1, "GB/s").quiet());
  }

  @Test
  void aBadLineIsNamed() throws IOException {
    Path path = folder.resolve("bad.jsonl");
    Files.writeString(path, "{\"kind\":\"limit\"}\n");
    GradusException error =
        assertThrows(GradusException.class, () -> new MeasurementFile(path).read());
    assertTrue(error.getMessage().contains("bad.jsonl, line 1"), error.getMessage());
  }
}
