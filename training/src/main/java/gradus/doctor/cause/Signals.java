package gradus.doctor.cause;

import gradus.data.DataLoader;
import gradus.data.Epoch;
import gradus.doctor.Examiner;
import gradus.doctor.Subject;
import gradus.doctor.signal.LayerSignal;
import gradus.doctor.signal.SignalProbe;
import gradus.tensor.Batch;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** What the layers give out now, for enough images to tell a dead unit from a rare one. */
final class Signals {
  private static final int IMAGES = 256;

  /** The share of units of a layer from which on it is said to be dead, or saturated. */
  private static final double MOST = 0.5;

  private Signals() {}

  private static List<LayerSignal> of(Subject subject) {
    SignalProbe probe = new SignalProbe(subject.model());
    try (DataLoader sample = Examiner.sample(subject.train(), IMAGES, subject.seed());
        Epoch epoch = sample.epoch(0)) {
      for (Batch batch : epoch) {
        probe.add(batch);
      }
    }
    return probe.signals();
  }

  /** The layer with the largest share of dead units, if that is most of them. */
  static Optional<LayerSignal> dead(Subject subject) {
    return of(subject).stream()
        .filter(s -> s.deadShare() > MOST)
        .max(Comparator.comparingDouble(LayerSignal::deadShare));
  }

  /** The layer with the largest share of saturated units, if that is most of them. */
  static Optional<LayerSignal> saturated(Subject subject) {
    return of(subject).stream()
        .filter(s -> s.saturatedShare() > MOST)
        .max(Comparator.comparingDouble(LayerSignal::saturatedShare));
  }
}
