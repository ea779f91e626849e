package gradus.examples.progress;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gradus.train.StepReport;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class RunningEpochTest {
  private static StepReport step(int epoch, int step, int examples, float loss, int correct) {
    return new StepReport(epoch, step, 4, examples, loss, correct, 0.1);
  }

  @Test
  void meansAreOverExamplesOfThisEpoch() {
    RunningEpoch running = new RunningEpoch(2);
    running.add(step(1, 1, 30, 2, 10));
    running.add(step(1, 2, 10, 4, 10));
    assertEquals(2.5, running.loss(), 1e-9);
    assertEquals(0.5, running.accuracy(), 1e-9);
    running.endEpoch();
    running.add(step(2, 1, 10, 1, 9));
    assertEquals(1, running.loss(), 1e-9);
    assertEquals(0.9, running.accuracy(), 1e-9);
  }

  @Test
  void timeLeftShrinksToNothing() throws InterruptedException {
    RunningEpoch running = new RunningEpoch(2);
    Thread.sleep(20);
    running.add(step(1, 1, 8, 1, 1)); // an eighth of the run
    Duration early = running.left();
    assertTrue(early.toMillis() >= 140, early.toString());
    running.add(step(2, 4, 8, 1, 1));
    assertEquals(0, running.left().toMillis());
  }

  @Test
  void epochsOfAnEarlierRunTookNoTimeOfThisOne() throws InterruptedException {
    RunningEpoch resumed = new RunningEpoch(10);
    Thread.sleep(20);
    resumed.add(step(9, 2, 8, 1, 1)); // half an epoch, and one and a half to come
    Duration left = resumed.left();
    assertTrue(left.toMillis() >= 60, left.toString());
  }

  @Test
  void clocksShowHoursOnlyWhenThereAreSome() {
    assertEquals("0:07", Format.clock(Duration.ofSeconds(7)));
    assertEquals("12:34", Format.clock(Duration.ofSeconds(754)));
    assertEquals("1:02:03", Format.clock(Duration.ofSeconds(3723)));
  }
}
