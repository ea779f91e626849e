package gradus.search;

import gradus.GradusException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/** Runs trials side by side. Closing it starts no more, and waits for those that run. */
final class TrialPool implements AutoCloseable {
  private final ExecutorService threads;
  private final List<Future<?>> started = new ArrayList<>();

  TrialPool(int parallel) {
    threads = Executors.newFixedThreadPool(parallel, task -> new Thread(task, "trial"));
  }

  /** Runs it as soon as a place is free; the order is kept. */
  <T> Future<T> start(Callable<T> trial) {
    Future<T> future = threads.submit(trial);
    started.add(future);
    return future;
  }

  /** Waits for it; what it threw is thrown here. */
  static <T> T result(Future<T> trial) {
    try {
      return trial.get();
    } catch (ExecutionException failed) {
      if (failed.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      if (failed.getCause() instanceof Error cause) {
        throw cause;
      }
      throw new IllegalStateException(failed.getCause()); // trials throw nothing else
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new GradusException("The search was interrupted.", e);
    }
  }

  @Override
  public void close() {
    started.forEach(trial -> trial.cancel(false)); // those that wait; a running one ends in order
    threads.shutdown();
    try {
      threads.awaitTermination(Long.MAX_VALUE, TimeUnit.NANOSECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
