package gradus.doctor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gradus.train.Accumulation;
import gradus.train.StepReport;
import org.junit.jupiter.api.Test;

class UpdateBatchesTest {
  private final UpdateBatches batches = new UpdateBatches();
  private final StepLog log = new StepLog();

  UpdateBatchesTest() {
    log.start(10);
  }

  private boolean add(int accumulation, int step, int examples, float loss, int correct) {
    return batches.add(
        new StepReport(1, step, 5, examples, loss, correct, 0.1 * step),
        new Accumulation(accumulation));
  }

  private void take() {
    batches.tell(log);
    batches.forget();
  }

  @Test
  void oneBatchIsTheStepItWas() {
    float loss = 0.7654321f;
    for (int step = 1; step <= 5; step++) {
      assertTrue(add(1, step, 7, loss * step, step));
      take();
      assertEquals(loss * step, log.loss(step - 1));
      assertEquals((float) (step / 7.0), log.accuracy(step - 1));
    }
  }

  @Test
  void severalAreTheMeanOverTheirImages() {
    assertFalse(add(3, 1, 8, 1, 2));
    assertFalse(add(3, 2, 8, 2, 4));
    assertTrue(add(3, 3, 8, 3, 6));
    take();
    assertFalse(add(3, 4, 8, 1, 8));
    assertTrue(add(3, 5, 4, 4, 1), "the last one is smaller, and ends the epoch");
    take();
    assertEquals(2, log.steps());
    assertEquals(2, log.loss(0));
    assertEquals(0.5, log.accuracy(0));
    assertEquals(0.3, log.learningRate(0), 1e-6);
    assertEquals(2, log.loss(1));
    assertEquals(0.75, log.accuracy(1));
  }

  @Test
  void aLossThatIsNoNumberIsNotWaitedFor() {
    assertFalse(add(3, 1, 8, 1, 2));
    assertTrue(add(3, 2, 8, Float.NaN, 0));
    take();
    assertTrue(add(3, 3, 8, 5, 8), "the update that it would have been part of");
    take();
    assertEquals(Float.NaN, log.loss(0));
    assertEquals(5, log.loss(1));
  }

  @Test
  void anEpochThatWasBrokenOffLeavesNothing() {
    assertFalse(add(3, 1, 8, 100, 0));
    assertFalse(add(3, 1, 8, 1, 8));
    assertFalse(add(3, 2, 8, 1, 8));
    assertTrue(add(3, 3, 8, 1, 8));
    take();
    assertEquals(1, log.loss(0));
  }
}
