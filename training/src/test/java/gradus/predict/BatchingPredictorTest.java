package gradus.predict;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gradus.data.image.Image;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class BatchingPredictorTest {
  private final TinyClassifier tiny = new TinyClassifier();
  private final ConcurrentLinkedQueue<Integer> sizes = new ConcurrentLinkedQueue<>();

  @AfterEach
  void close() {
    tiny.close();
  }

  private BatchingPredictor batching(int maxBatch, int maxQueue) {
    return new BatchingPredictor(
        tiny.predictor(), maxBatch, maxQueue, Duration.ofMillis(2), sizes::add);
  }

  private static Image image(int seed) {
    byte[] pixels = new byte[192];
    java.util.Arrays.fill(pixels, (byte) (37 * seed));
    return Image.ofBytes(3, 8, 8, pixels);
  }

  @Test
  void whatWaitsIsPredictedTogetherAndEachGetsItsOwn() throws Exception {
    List<CompletableFuture<Prediction>> answers = new ArrayList<>();
    try (BatchingPredictor batches = batching(4, 100)) {
      tiny.hold();
      answers.add(batches.submit(image(0)));
      tiny.awaitHeld();
      for (int i = 1; i < 8; i++) {
        answers.add(batches.submit(image(i)));
      }
      assertEquals(7, batches.queueLength());
      tiny.release();
      for (int i = 0; i < 8; i++) {
        Prediction alone = tiny.predictor().predict(image(i));
        Prediction given = answers.get(i).get(30, TimeUnit.SECONDS);
        assertEquals(alone.label(), given.label());
        assertEquals(alone.probability(), given.probability(), 1e-5);
      }
    }
    assertEquals(List.of(1, 4, 3), List.copyOf(sizes));
  }

  @Test
  void aFullQueueRefuses() throws Exception {
    try (BatchingPredictor batches = batching(1, 2)) {
      tiny.hold();
      List<CompletableFuture<Prediction>> accepted = new ArrayList<>();
      accepted.add(batches.submit(image(0)));
      tiny.awaitHeld();
      accepted.add(batches.submit(image(1)));
      accepted.add(batches.submit(image(2)));
      assertTrue(
          assertThrows(RejectedExecutionException.class, () -> batches.submit(image(3)))
              .getMessage()
              .contains("2 images are waiting"));
      tiny.release();
      for (CompletableFuture<Prediction> each : accepted) {
        each.get(30, TimeUnit.SECONDS);
      }
    }
  }

  @Test
  void closingAnswersWhatWasAccepted() throws Exception {
    BatchingPredictor batches = batching(2, 10);
    tiny.hold();
    List<CompletableFuture<Prediction>> accepted = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      accepted.add(batches.submit(image(i)));
    }
    tiny.awaitHeld();
    Thread closing = new Thread(batches::close);
    closing.start();
    while (closing.getState() != Thread.State.WAITING) {
      Thread.sleep(1);
    }
    assertThrows(RejectedExecutionException.class, () -> batches.submit(image(9)));
    tiny.release();
    closing.join();
    for (CompletableFuture<Prediction> each : accepted) {
      assertTrue(each.isDone());
      assertTrue(each.get().probability() > 0);
    }
    batches.close();
  }

  @Test
  void aFailureIsToldAndTheNextOneIsAnswered() throws Exception {
    try (BatchingPredictor batches = batching(4, 10)) {
      Image gray = Image.ofBytes(1, 8, 8, new byte[64]);
      ExecutionException failed =
          assertThrows(ExecutionException.class, () -> batches.submit(gray).get());
      assertInstanceOf(gradus.GradusException.class, failed.getCause());
      assertTrue(batches.submit(image(1)).get().probability() > 0);
    }
  }

  @Test
  void impossibleSettingsAreRefused() {
    assertThrows(gradus.GradusException.class, () -> batching(0, 1));
    assertThrows(gradus.GradusException.class, () -> batching(1, 0));
  }
}
