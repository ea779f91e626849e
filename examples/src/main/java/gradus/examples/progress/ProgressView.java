package gradus.examples.progress;

import gradus.doctor.Finding;
import gradus.train.TrainingListener;

/** Shows how a run goes, and what the training doctor finds on the way. */
public interface ProgressView extends TrainingListener {
  /** The doctor has found something; told once. */
  default void onFinding(Finding finding) {}
}
