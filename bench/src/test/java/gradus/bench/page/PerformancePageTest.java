package gradus.bench.page;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gradus.GradusException;
import gradus.bench.BenchCommands;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.w3c.dom.Document;

/** Measurements in, page out, by the command that writes docs/performance.md. */
class PerformancePageTest {
  @TempDir Path folder;
  private String page;

  @BeforeEach
  void write() throws IOException {
    Path measurements = folder.resolve("run.jsonl");
    try (var in = PerformancePageTest.class.getResourceAsStream("measurements.jsonl")) {
      Files.write(measurements, in.readAllBytes());
    }
    int exit =
        BenchCommands.execute(
            "page", measurements.toString(), "--page", folder.resolve("performance.md").toString());
    assertEquals(0, exit);
    page = Files.readString(folder.resolve("performance.md"));
  }

  @Test
  void saysWhereAndWhen() {
    assertTrue(page.startsWith("# Performance\n"), page);
    assertTrue(page.contains("2 processors (Test CPU), Linux 6.1, Java 17.0.1"), page);
    assertTrue(page.contains("from 2026-11-21T12:00:00Z to 2026-11-21T12:40:00Z"), page);
  }

  @Test
  void limitsAreMediansOfQuietRounds() {
    assertRow("fma-avx512", "-", "400", "GFLOP/s");
    assertRow("memory-read", "13", "-", "GB/s");
  }

  @Test
  void stepsStandBesideTheirPeers() {
    // Gradus: rounds of 1,000, 1,100 and, disturbed and left out, 100. Channels last is the best
    // other.
    assertRow("W4", "128", "1,050", "500", "700", "**1.50**", "210, 53 %", "1", "10 %");
    // most rounds were disturbed: they count, with a star
    assertRow("W1", "64", "64,000 *", "-", "-", "-", "64, 16 %", "1", "0 %");
    assertRow("W3", "64", "16,000 *", "8,000", "-", "**2.00** *", "25, 6 %", "1", "0 %");
    assertTrue(page.contains("## Training, 2 threads\n"), page);
    assertTrue(page.contains("## Inference, 1 thread, everyone held to AVX2\n"), page);
    assertTrue(page.contains("- pytorch: torch 2.10, MKL\n"), page);
  }

  @Test
  void bfloat16StandsBesideOurOwnFloat32() {
    String head = "| Gradus in float32 | bfloat16 / float32 |";
    int section = page.indexOf("## Training, 2 threads, bfloat16\n");
    assertTrue(section > page.indexOf("## Training, 2 threads\n"), page);
    assertTrue(page.indexOf(head) > section, page);
    // 1,050 images a second in float32, and 25.6 GFLOP in 64 ms
    assertRow("W4", "128", "2,000", "1,600", "**1.25**", "400, 100 %", "1", "0 %", "1,050", "1.90");
    // nobody measured it in float32 here
    assertRow("W5", "32", "320", "-", "-", "256, 64 %", "1", "0 %", "-", "-");
    assertTrue(page.contains("](performance-train-2-bf16.svg)"), page);
  }

  @Test
  void kernelsAreSharesOfThePeakOfTheSameRun() {
    // 0.604 GFLOP in 2,000 us is 302 GFLOP/s, of 400
    assertRow("convolution W4_LAYER1", "forward", "302, 76 %");
    assertTrue(page.contains("| avx512 direct warm, 2T |"), page);
    assertRow("batchNorm W4_LAYER1", "training", "1,234.0");
  }

  @Test
  void partsOfAStep() {
    assertRow("convolution", "80.000", "80.0 %");
    assertRow("loop", "1.000", "1.0 %");
  }

  @Test
  void whatItCostsToBeWatched() {
    // of two quiet rounds, 2.5 and 3.5 % slower; a third was disturbed
    assertRow("W2", "watch", "2", "50,000", "2,346", "2.000", "2.060", "+3.0 %", "0.500", "0");
  }

  @Test
  void whatAnImageTakes() {
    assertRow("W1", "2", "2", "1,000,000", "1", "4.55", "5.5", "48.0");
  }

  @Test
  void thePlotIsWellFormedAndFollowsLightAndDark() throws Exception {
    assertTrue(page.contains("](performance-train-2.svg)"), page);
    String svg = Files.readString(folder.resolve("performance-train-2.svg"));
    Document document =
        DocumentBuilderFactory.newInstance()
            .newDocumentBuilder()
            .parse(new ByteArrayInputStream(svg.getBytes(StandardCharsets.UTF_8)));
    // three in the legend; W4 has three bars and W3 two; W1 has no other framework and is left out
    assertEquals(8, document.getElementsByTagName("rect").getLength());
    assertTrue(svg.contains("prefers-color-scheme: dark"), svg);
    assertTrue(svg.contains(">1.5<"), svg);
  }

  @Test
  void nothingMeasuredIsAnError() {
    assertThrows(GradusException.class, () -> new PerformancePage(List.of()));
  }

  private void assertRow(String... cells) {
    String row = "| " + String.join(" | ", cells) + " |\n";
    assertTrue(page.contains(row), row + " is not in\n" + page);
  }
}
