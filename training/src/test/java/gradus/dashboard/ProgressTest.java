package gradus.dashboard;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import gradus.train.EpochReport;
import gradus.train.StepReport;
import java.io.IOException;
import org.junit.jupiter.api.Test;

class ProgressTest {
  private long now = 5_000_000_000L;
  private final Progress progress = new Progress(() -> now);

  private static StepReport step(int epoch, int step, float loss, int correct) {
    return new StepReport(epoch, step, 4, 10, loss, correct, 0.1);
  }

  private static JsonNode read(String state) throws IOException {
    return new ObjectMapper().readTree(state);
  }

  @Test
  void tellsMeansOfTheEpochTwiceASecond() throws IOException {
    progress.start(3);
    progress.resume(1);
    assertNull(progress.step(step(2, 1, 9, 0)), "just begun");
    now += 400_000_000L;
    assertNull(progress.step(step(2, 2, 2, 4)), "not yet half a second");
    now += 400_000_000L;
    JsonNode state = read(progress.step(step(2, 3, 1, 6)));
    assertEquals(1, state.get("done").asInt());
    assertEquals(3, state.get("epochs").asInt());
    assertEquals(2, state.get("epoch").asInt());
    assertEquals(3, state.get("step").asInt());
    assertEquals(4, state.get("steps").asInt());
    assertEquals(1.5, state.get("loss").asDouble(), 1e-9);
    assertEquals(0.5, state.get("accuracy").asDouble(), 1e-9);
    assertEquals(20 / 0.8, state.get("images_per_second").asDouble(), 1e-6);
    assertFalse(state.get("ended").asBoolean());
  }

  @Test
  void anEpochAndTheEndAreAlwaysTold() throws IOException {
    progress.start(3);
    EpochReport epoch = new EpochReport(1, 2, 0.25, 1.5, 0.5, 0.1, 3, 100);
    assertEquals(1, read(progress.epoch(epoch)).get("done").asInt());
    assertTrue(read(progress.end()).get("ended").asBoolean());
  }
}
