package gradus.train;

import java.util.List;

/**
 * Watches a training run. All methods are called on the training thread; what they throw ends the
 * run.
 */
public interface TrainingListener {
  /** Training begins, for so many epochs. */
  default void onStart(int epochs) {}

  /** The run goes on after these epochs of an earlier one. Comes after {@link #onStart}. */
  default void onResume(List<EpochReport> earlier) {}

  /**
   * The gradients of an update are there, clipped if they are to be, and the weights are still as
   * they were. The weights change before the next {@link #onStep}. Gradients of float16 are
   * unscaled; of an update that it leaves out because they overflowed nobody is told.
   */
  default void onGradients() {}

  /** A step is done. */
  default void onStep(StepReport report) {}

  /**
   * An epoch has been judged, and the model has the weights that were: the average where {@link
   * Trainer#average} validates it. For saving them; nothing may be changed yet. Comes before {@link
   * #onEpoch}, and without a validation set too.
   */
  default void onJudged(EpochReport report) {}

  /** An epoch is done, with its validation. */
  default void onEpoch(EpochReport report) {}

  /**
   * The loop has done something of its own accord, such as reducing the learning rate; the sentence
   * says what and why. Comes after {@link #onEpoch} of that epoch.
   */
  default void onNotice(int epoch, String sentence) {}

  /** Training has ended. */
  default void onEnd(TrainingReport report) {}
}
