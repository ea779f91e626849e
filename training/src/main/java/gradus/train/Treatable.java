package gradus.train;

import gradus.optim.GradientClipping;
import gradus.tensor.Precision;

/** What may be changed in a run while it goes on, after a step or an epoch: for a doctor. */
public interface Treatable {
  /** The learning rate at a time in epochs from 0, see {@code LearningRate.planned}. */
  double plannedRate(double time);

  /** Whether the learning rate has been changed, earlier in a resumed run too. */
  boolean isRateChanged();

  /** Whether the validation is of an average of the weights, see {@code Trainer.average}. */
  boolean validatesAverage();

  /** How the run shortens gradients by its own settings; null if it does not. */
  GradientClipping clipping();

  /** The number format of its steps. */
  Precision precision();

  /** How many batches make an update, what has been changed in the run included. */
  Accumulation accumulation();

  /** Multiplies the learning rate of all further steps, on top of schedule and plateau. */
  void multiplyLearningRate(double factor);

  /** Changes the momentum of an optimizer that can have another one; see {@code setMomentum}. */
  void setMomentum(double momentum);

  /** Shortens the gradient of further updates to this norm, whatever it was shortened to. */
  void clipGradientNorm(double maxNorm);

  /** Replaces schedule and plateau by a cosine from {@code peak} to 0 over what is left. */
  void restartSchedule(double peak);

  /** Multiplies weight decay and L1 penalties. */
  void multiplyPenalties(double factor);

  /** Drops nothing from now on: no dropout, no stochastic depth. */
  void withoutDropout();

  /** Makes each update from so many times as many batches as before, from 1. */
  void accumulate(int factor);

  /** Draws the order at random from now on; an epoch that has begun ends here. */
  void shuffle(long seed);

  /**
   * Changes weights or the optimizer's state. What the run has gathered from the former ones
   * (waiting gradients, averages, best weights, patience) begins anew.
   */
  void changeState(Runnable change);

  /** Remembers the run as it is. */
  Mark mark();

  /** How a run was. Its owner closes it. */
  interface Mark extends AutoCloseable {
    /** Undoes all that was changed since, and what was learned; the run goes on from there. */
    void goBack();

    @Override
    void close();
  }

  /** Ends the run after the epoch, with the weights as they are then. */
  void stop();

  /** Tells everybody who watches, once they know of the step or epoch. */
  void tell(String sentence);
}
