package gradus.data;

import gradus.GradusException;
import gradus.tensor.Batch;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The batches of one epoch, to be gone through once, by one thread. Batch {@code b} is always made
 * in slot {@code b % slots}: workers take the next number, wait until its slot is free, and fill
 * it; the reader takes the slots in turn. So nothing depends on which worker is faster.
 *
 * <p>An error while a batch is made is thrown when that batch is asked for. Leaving the loop early
 * leaves workers waiting: close the epoch, or its loader, or start the next epoch.
 */
public final class Epoch implements Iterable<Batch>, AutoCloseable {
  private final DataLoader loader;
  private final BatchSlot[] slots;
  private final int number;
  private final int[] order;
  private final int batches;
  private final Thread[] threads;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition slotFree = lock.newCondition();
  private final Condition batchReady = lock.newCondition();
  private volatile boolean cancelled;
  private int claimed;
  private int taken;
  private int released;
  private boolean iterated;
  private long waitNanos;

  Epoch(DataLoader loader, BatchSlot[] slots, int number, int[] order, int batches, int workers) {
    this.loader = loader;
    this.slots = slots;
    this.number = number;
    this.order = order;
    this.batches = batches;
    for (BatchSlot slot : slots) {
      slot.clear();
    }
    threads = new Thread[Math.min(workers, batches)];
    for (int i = 0; i < threads.length; i++) {
      threads[i] = new Thread(this::work, "gradus-loader-" + i);
      threads[i].setDaemon(true);
      threads[i].start();
    }
  }

  /** How many batches the epoch has. */
  public int batches() {
    return batches;
  }

  /**
   * The data set's index of the image at a position of the whole epoch: batch b begins at b * size.
   */
  public int sampleIndex(int position) {
    return order[position];
  }

  /** How long the reader has waited for batches so far: time that faster loading would save. */
  public long waitNanos() {
    return waitNanos;
  }

  /**
   * The batches in order, once. Each is valid until the next one is asked for; {@code next} throws
   * a {@link GradusException} if making it failed, with the file's name, or the epoch was closed.
   */
  @Override
  public Iterator<Batch> iterator() {
    if (iterated) {
      throw new GradusException(
          "An epoch can be gone through once; ask the loader for another one.");
    }
    iterated = true;
    return new Iterator<>() {
      @Override
      public boolean hasNext() {
        boolean more = taken < batches;
        if (!more) {
          close();
        }
        return more;
      }

      @Override
      public Batch next() {
        if (taken >= batches) {
          throw new NoSuchElementException();
        }
        return take();
      }
    };
  }

  private Batch take() {
    if (cancelled) {
      throw new GradusException("The epoch was closed; ask the loader for another one.");
    }
    BatchSlot slot = slots[taken % slots.length];
    if (threads.length == 0) {
      long begin = System.nanoTime();
      try {
        loader.fill(slot, number, order, taken, this);
      } catch (RuntimeException e) {
        close();
        throw e;
      }
      waitNanos += System.nanoTime() - begin;
    } else {
      await(slot);
    }
    taken++;
    return slot.batch();
  }

  private void await(BatchSlot slot) {
    lock.lock();
    try {
      if (released < taken) {
        slots[released % slots.length].clear();
        released++;
        if (isWorthWaking()) {
          slotFree.signal();
        }
      }
      if (!slot.isReady()) {
        long begin = System.nanoTime();
        while (!slot.isReady()) {
          batchReady.await();
        }
        waitNanos += System.nanoTime() - begin;
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new GradusException("Interrupted while waiting for a batch.", e);
    } finally {
      lock.unlock();
    }
    if (slot.failure() != null) {
      close();
      throw asGradusException(slot.failure());
    }
  }

  /**
   * Waking a worker takes the training thread about as long as making a batch of small images: one
   * that is awake makes several.
   */
  private boolean isWorthWaking() {
    int free = released + slots.length - claimed;
    return free >= Math.min(slots.length / 2, batches - claimed);
  }

  private static RuntimeException asGradusException(Throwable failure) {
    if (failure instanceof GradusException known) {
      return known;
    }
    return new GradusException("Making a batch failed: " + failure, failure);
  }

  private void work() {
    int batch;
    while ((batch = claim()) >= 0) {
      BatchSlot slot = slots[batch % slots.length];
      Throwable failure = null;
      try {
        loader.fill(slot, number, order, batch, this);
      } catch (RuntimeException | Error e) {
        // Not handled here: it is thrown to the reader when it gets to this batch.
        failure = e;
      }
      lock.lock();
      try {
        slot.finish(failure);
        batchReady.signal();
      } finally {
        lock.unlock();
      }
    }
  }

  /** The number of the next batch to make once its slot is free, or -1 at the end. */
  private int claim() {
    lock.lock();
    try {
      while (!cancelled && claimed < batches && claimed >= released + slots.length) {
        slotFree.await();
      }
      if (cancelled || claimed >= batches) {
        // Others may wait for a slot that will never be needed.
        slotFree.signalAll();
        return -1;
      }
      return claimed++;
    } catch (InterruptedException e) {
      // Nobody but a stranger interrupts a worker; the reader must not wait for ever.
      cancelled = true;
      slots[taken % slots.length].finish(e);
      batchReady.signal();
      return -1;
    } finally {
      lock.unlock();
    }
  }

  boolean isCancelled() {
    return cancelled;
  }

  /** Ends the workers and waits until they are gone; batches not yet read are dropped. */
  @Override
  public void close() {
    cancelled = true;
    lock.lock();
    try {
      slotFree.signalAll();
    } finally {
      lock.unlock();
    }
    boolean interrupted = false;
    for (Thread thread : threads) {
      while (thread.isAlive()) {
        try {
          thread.join();
        } catch (InterruptedException e) {
          // Workers still write into the loader's buffers: leaving now would corrupt the next
          // epoch.
          interrupted = true;
        }
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
