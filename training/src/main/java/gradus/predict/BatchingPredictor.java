package gradus.predict;

import gradus.GradusException;
import gradus.data.image.Image;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.IntConsumer;

/**
 * Gathers images that come one by one from many threads and predicts them together, which costs
 * less for each. While one batch is computed, the next one gathers; after a batch of several, the
 * next waits {@code linger} at most for more. A lone caller never waits.
 */
public final class BatchingPredictor implements AutoCloseable {
  private record Waiting(Image image, CompletableFuture<Prediction> answer) {
    boolean isEnd() {
      return answer == null;
    }
  }

  private static final Waiting END = new Waiting(null, null);

  private final Predictor predictor;
  private final int maxBatch;
  private final long lingerNanos;
  private final IntConsumer batchSizes;
  private final BlockingQueue<Waiting> queue;
  private final Thread worker;
  private boolean closed;

  /**
   * Starts its thread. The predictor stays its owner's to close, later than this.
   *
   * @param maxBatch the most images together, from 1
   * @param maxQueue how many images may wait, from 1
   * @param linger how long to wait for more, once there were several; 0 for not at all
   * @param batchSizes is told the size of every batch
   */
  public BatchingPredictor(
      Predictor predictor, int maxBatch, int maxQueue, Duration linger, IntConsumer batchSizes) {
    if (maxBatch < 1 || maxQueue < 1 || linger.isNegative()) {
      throw new GradusException(
          "BatchingPredictor: at most "
              + maxBatch
              + " images together and "
              + maxQueue
              + " waiting for "
              + linger
              + ", but there must be at least 1, 1, and 0 seconds.");
    }
    this.predictor = predictor;
    this.maxBatch = maxBatch;
    this.lingerNanos = linger.toNanos();
    this.batchSizes = batchSizes;
    queue = new ArrayBlockingQueue<>(maxQueue + 1); // and the end
    worker = new Thread(this::work, "gradus-batches");
    worker.setDaemon(true);
    worker.start();
  }

  /**
   * Puts an image, as {@link Predictor#read} gives it, in the queue.
   *
   * @throws RejectedExecutionException if the queue is full, or this is closed
   */
  public CompletableFuture<Prediction> submit(Image image) {
    Waiting waiting = new Waiting(image, new CompletableFuture<>());
    synchronized (this) {
      if (closed || queue.remainingCapacity() <= 1) {
        throw new RejectedExecutionException(
            closed ? "It is closed." : queue.size() + " images are waiting already.");
      }
      queue.add(waiting);
    }
    return waiting.answer;
  }

  /** How many images wait. */
  public int queueLength() {
    return queue.size();
  }

  /** Refuses further images, and waits until those in the queue are answered. */
  @Override
  public void close() {
    synchronized (this) {
      if (!closed) {
        closed = true;
        queue.add(END);
      }
    }
    boolean interrupted = false;
    while (worker.isAlive()) {
      try {
        worker.join();
      } catch (InterruptedException e) {
        interrupted = true; // the images in the queue still get their answer
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private void work() {
    List<Waiting> batch = new ArrayList<>(maxBatch);
    boolean crowded = false;
    boolean ended = false;
    while (!ended) {
      gather(batch, crowded ? lingerNanos : 0);
      ended = batch.remove(END);
      crowded = batch.size() > 1;
      if (!batch.isEmpty()) {
        answer(batch);
      }
      batch.clear();
    }
  }

  /** Waits for one image, takes all there are, and waits a little for more. */
  private void gather(List<Waiting> batch, long nanos) {
    try {
      batch.add(queue.take());
      queue.drainTo(batch, maxBatch - batch.size());
      long deadline = System.nanoTime() + nanos;
      while (batch.size() < maxBatch && !batch.get(batch.size() - 1).isEnd()) {
        long left = deadline - System.nanoTime();
        Waiting next = left <= 0 ? null : queue.poll(left, TimeUnit.NANOSECONDS);
        if (next == null) {
          return;
        }
        batch.add(next);
        queue.drainTo(batch, maxBatch - batch.size());
      }
    } catch (InterruptedException e) {
      throw new IllegalStateException("Nobody knows this thread, so nobody interrupts it.", e);
    }
  }

  private void answer(List<Waiting> batch) {
    try {
      batchSizes.accept(batch.size());
      List<Prediction> predictions = predictor.predict(batch.stream().map(Waiting::image).toList());
      for (int i = 0; i < batch.size(); i++) {
        batch.get(i).answer.complete(predictions.get(i));
      }
    } catch (
        Throwable failure) { // told to those who wait; without this thread nobody gets any more
      batch.forEach(each -> each.answer.completeExceptionally(failure));
    }
  }
}
