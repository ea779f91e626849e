package gradus.backend;

import gradus.GradusException;

/** Where the threads that drive the members of a {@link Collective} wait for each other. */
public final class Meeting {
  private final int members;
  private int arrived;
  private long round;
  private boolean ended;

  /** Of so many members. */
  public Meeting(int members) {
    this.members = members;
  }

  /**
   * Waits for all members; the last one to come does {@code together} before any of them goes on.
   *
   * @throws GradusException if it has ended, or ends meanwhile
   */
  public synchronized void meet(Runnable together) {
    if (ended) {
      throw endOfIt();
    }
    arrived++;
    if (arrived < members) {
      waitForTheOthers();
      return;
    }
    arrived = 0;
    try {
      together.run();
      round++;
    } catch (RuntimeException | Error failure) {
      ended = true;
      throw failure;
    } finally {
      notifyAll();
    }
  }

  /** Without being interrupted: a member must not leave while the others count on it. */
  private void waitForTheOthers() {
    long mine = round;
    boolean interrupted = false;
    while (round == mine && !ended) {
      try {
        wait();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    if (round == mine) {
      throw endOfIt();
    }
  }

  private static GradusException endOfIt() {
    return new GradusException(
        "What several devices did together has ended: one of them has failed, or it was closed.");
  }

  /**
   * Ends it for those that wait and those to come, and then does {@code last}, while nothing is
   * being done together. Safe from any thread.
   */
  public synchronized void end(Runnable last) {
    ended = true;
    notifyAll();
    last.run();
  }
}
