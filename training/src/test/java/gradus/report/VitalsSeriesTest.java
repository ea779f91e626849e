package gradus.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gradus.GradusException;
import gradus.doctor.Evidence.Line;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class VitalsSeriesTest {
  @TempDir Path folder;

  @Test
  void whatIsWrittenIsRead() {
    Path file = folder.resolve(VitalsSeries.FILE);
    Line line = new Line("conv1.weight", List.of(0d, 10d, 20d), List.of(0.5, Double.NaN, 1e-9));
    VitalsSeries vitals = new VitalsSeries(List.of(line), List.of());
    vitals.write(file);
    assertEquals(vitals, VitalsSeries.read(file));
  }

  @Test
  void aLongRunIsThinnedAndKeepsItsSpikes() {
    List<Double> x = new ArrayList<>();
    List<Double> y = new ArrayList<>();
    for (int i = 0; i < 10_001; i++) {
      x.add(10.0 * i);
      y.add(i == 7_003 ? 99.0 : i == 8_000 ? Double.NaN : 1 + i * 1e-5);
    }
    Line thin = VitalsSeries.thinned(new Line("conv1", x, y));
    assertEquals(VitalsSeries.MOST_POINTS, thin.x().size());
    assertEquals(99.0, thin.y().get(thin.x().indexOf(70_030.0)));
    assertTrue(thin.y().contains(Double.NaN), "no number is the worst of all");
    assertEquals(100_000.0, thin.x().get(VitalsSeries.MOST_POINTS - 1), "the end stays");
    for (int i = 1; i < thin.x().size(); i++) {
      assertTrue(thin.x().get(i) > thin.x().get(i - 1), "in order");
    }
  }

  @Test
  void fourHundredPointsOfThirtyLayersStaySmall() throws IOException {
    Path file = folder.resolve(VitalsSeries.FILE);
    MadeUpFindings.vitals(30, 5_000).write(file);
    assertTrue(Files.size(file) < 500_000, Files.size(file) + " bytes");
  }

  @Test
  void aDamagedFileIsNamed() throws IOException {
    Path file = folder.resolve(VitalsSeries.FILE);
    Files.writeString(file, "{\"gradient_rms\": [{\"name\": \"a\", \"x\": [1], \"y\": []}]}");
    String message =
        assertThrows(GradusException.class, () -> VitalsSeries.read(file)).getMessage();
    assertTrue(message.contains("vitals.json is damaged"), message);
    Files.writeString(file, "{");
    message = assertThrows(GradusException.class, () -> VitalsSeries.read(file)).getMessage();
    assertTrue(message.contains("vitals.json is damaged"), message);
  }
}
