package gradus.train;

/** Watches a run and may change it; see {@link Trainer#doctor}. */
public interface TreatingListener extends TrainingListener {
  /** What it may change from now on, in {@link #onEpoch} and {@link #rescue}; before the start. */
  void treats(Treatable run);

  /**
   * The run would end here, because of a loss or a gradient that is no number. Comes after {@link
   * #onStep}.
   *
   * @return whether the run has been brought into a state that it can go on from
   */
  boolean rescue(StopReason failure);
}
