package gradus.doctor.cause;

import gradus.data.DataLoader;
import gradus.data.Epoch;
import gradus.data.transform.Normalize;
import gradus.doctor.Diagnosis;
import gradus.doctor.Examiner;
import gradus.doctor.Finding;
import gradus.doctor.trial.Trial;
import gradus.tensor.Batch;
import java.nio.FloatBuffer;
import java.util.Optional;

/** Pixels of an unusual scale; the trial gives them mean 0 and deviation 1. */
final class InputScale implements Cause {
  private static final int IMAGES = 512;

  @Override
  public Optional<Finding> examine(Case patient) {
    Optional<Finding> note = patient.history().preflight(Diagnosis.INPUT_NOT_NORMALIZED);
    if (note.isEmpty() || !patient.leavesMuch()) {
      return Optional.empty();
    }
    Normalize normalize = measured(patient.subject().train());
    return patient
        .cureFromTheBeginning(
            Trial.from(Trial.Start.BEGINNING, "pixels of mean 0 and deviation 1")
                .data(settings -> settings.transform(normalize)))
        .map(o -> patient.primary(note.get(), Case.CONFIRMED, o.evidence()));
  }

  /** What brings the images of a loader, as they are now, to mean 0 and deviation 1. */
  static Normalize measured(DataLoader train) {
    int channels = train.imageShape().dim(0);
    double[] sum = new double[channels];
    double[] squares = new double[channels];
    long pixels = 0;
    try (DataLoader sample = Examiner.sample(train, IMAGES, 1);
        Epoch epoch = sample.epoch(0)) {
      for (Batch batch : epoch) {
        FloatBuffer images = batch.images();
        int area = Math.toIntExact(batch.shape().size() / batch.size() / channels);
        for (int i = 0; i < batch.shape().size(); i++) {
          double value = images.get(i);
          int c = i / area % channels;
          if (Double.isFinite(value)) {
            sum[c] += value;
            squares[c] += value * value;
          }
        }
        pixels += (long) batch.size() * area;
      }
    }
    float[] mean = new float[channels];
    float[] deviation = new float[channels];
    for (int c = 0; c < channels; c++) {
      mean[c] = (float) (sum[c] / pixels);
      double variance = squares[c] / pixels - (double) mean[c] * mean[c];
      deviation[c] = variance > 0 ? (float) Math.sqrt(variance) : 1;
    }
    return Normalize.of(mean, deviation);
  }
}
