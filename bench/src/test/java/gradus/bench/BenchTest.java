package gradus.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gradus.bench.record.Measurement;
import gradus.bench.record.MeasurementFile;
import gradus.bench.record.OpMeasurement;
import gradus.bench.record.ProfileMeasurement;
import gradus.bench.record.ScaleMeasurement;
import gradus.bench.record.WatchMeasurement;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class BenchTest {
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();
  @TempDir Path folder;

  @Test
  void profilePrintsAndKeepsTheParts() {
    Path file = folder.resolve("p.jsonl");
    assertEquals(
        0,
        execute(
            "profile",
            "--workloads",
            "W1",
            "--precision",
            "bf16",
            "--threads",
            "1",
            "--seconds",
            "0.05",
            "--batch",
            "32",
            "--roof-size",
            "64",
            "--limit-seconds",
            "0.01",
            "--wait",
            "0",
            "--tries",
            "1",
            "--out",
            file.toString()),
        err.toString());
    assertTrue(out.toString().contains("W1 train batch=32 threads=1 bf16 on cpu:"), out.toString());
    assertTrue(out.toString().contains("roof: copies"), out.toString());
    assertTrue(out.toString().contains("GFLOP/s"), out.toString());
    List<Measurement> kept = new MeasurementFile(file).read();
    assertTrue(
        kept.stream().anyMatch(m -> m instanceof ProfileMeasurement p && p.part().equals("loop")),
        kept.toString());
  }

  @Test
  void opsPrintsAndKeepsKernels() {
    Path file = folder.resolve("o.jsonl");
    assertEquals(
        0,
        execute(
            "ops",
            "--only",
            "convolution.W1_CONV1",
            "--threads",
            "1",
            "--algorithm",
            "auto",
            "--tensors",
            "warm",
            "--iterations",
            "1",
            "--seconds",
            "0.01",
            "--wait",
            "0",
            "--limit-seconds",
            "0.02",
            "--tries",
            "1",
            "--out",
            file.toString()),
        err.toString());
    List<OpMeasurement> kept =
        new MeasurementFile(file)
            .read().stream()
                .filter(OpMeasurement.class::isInstance)
                .map(OpMeasurement.class::cast)
                .toList();
    // the gradient of the images themselves is nobody's business
    assertEquals(
        List.of("backwardWeights", "forward"),
        kept.stream().map(OpMeasurement::pass).sorted().toList());
    assertTrue(kept.stream().allMatch(op -> op.gigaflopsPerSecond() > 0), kept.toString());
  }

  @Test
  void doctorPrintsAndKeepsWhatItCosts() {
    Path file = folder.resolve("d.jsonl");
    String options = "doctor --workloads W1 --images 640 --epochs 1 --rounds 1 --wait 0 --tries 1";
    assertEquals(0, execute((options + " --out " + file).split(" ")), err.toString());
    assertTrue(out.toString().contains("W1    watch 10 steps:"), out.toString());
    List<Measurement> kept = new MeasurementFile(file).read();
    assertEquals(2, kept.size());
    for (Measurement each : kept) {
      WatchMeasurement watch = (WatchMeasurement) each;
      assertTrue(watch.alone() > 0 && watch.watched() > 0 && watch.start() > 0, watch.toString());
    }
  }

  @Test
  void scalePrintsAndKeepsWhatAnImageTakes() {
    Path file = folder.resolve("s.jsonl");
    String options = "scale --images 60000 --threads 1 --wait 0 --tries 1";
    assertEquals(0, execute((options + " --out " + file).split(" ")), err.toString());
    assertTrue(out.toString().contains("W1    60,000 images, 1 threads:"), out.toString());
    List<Measurement> kept = new MeasurementFile(file).read();
    assertEquals(3, kept.size());
    for (Measurement each : kept) {
      ScaleMeasurement scale = (ScaleMeasurement) each;
      assertEquals(1, scale.epochs());
      assertTrue(scale.microsPerImage() > 0 && scale.nativeMegabytes() > 0, scale.toString());
      assertTrue(scale.heapMegabytes() > 39, "50,000 pictures of 28 x 28: " + scale);
    }
  }

  @Test
  void wrongOptionsAreUsageErrors() {
    assertEquals(2, execute("steps", "--peers", "tensorflow"));
    assertTrue(err.toString().contains("pytorch-channels-last"), err.toString());
    assertEquals(2, execute("steps", "--isa", "neon"));
    assertEquals(2, execute("steps", "--precision", "fp8"));
    assertEquals(2, execute("steps", "--precision", "fp16"));
    assertTrue(err.toString().contains("--precision fp16 is of none"), err.toString());
    assertEquals(2, execute("steps", "--precision", "bf16", "--modes", "infer"));
    assertTrue(err.toString().contains("--precision bf16 is of training"), err.toString());
    assertEquals(2, execute("ops", "--only", "("));
  }

  private int execute(String... arguments) {
    CommandLine line = Bench.commandLine();
    line.setOut(new PrintWriter(out, true)).setErr(new PrintWriter(err, true));
    return line.execute(arguments);
  }
}
