package gradus.doctor.cause;

import gradus.doctor.Diagnosis;
import gradus.doctor.Finding;
import gradus.doctor.trial.Trial;
import gradus.layer.Initializer;
import gradus.layer.Model;
import gradus.layer.Parameter;
import java.util.Optional;

/** Weights that begin badly; the trial begins with He's and biases of 0. */
final class Initialization implements Cause {
  private static final float SMALL = 0.1f;

  @Override
  public Optional<Finding> examine(Case patient) {
    Optional<Finding> note = patient.history().preflight(Diagnosis.BAD_INITIALIZATION);
    if (note.isEmpty() || !patient.learnsBadly()) {
      return Optional.empty();
    }
    return patient
        .cure(
            Trial.from(Trial.Start.BEGINNING, "weights drawn as He et al. do, biases of 0")
                .prepare(model -> initialize(model, patient.subject().seed())))
        .map(o -> patient.primary(note.get(), Case.CONFIRMED, o.evidence()));
  }

  /** He's initialisation of all weights, those of the last layer a tenth of it. */
  static void initialize(Model model, long seed) {
    int number = 0;
    Parameter last = null;
    for (Parameter parameter : model.parameters().list()) {
      last = parameter.kind() == Parameter.Kind.WEIGHT ? parameter : last;
    }
    for (Parameter parameter : model.parameters().list()) {
      Initializer initializer =
          switch (parameter.kind()) {
            case WEIGHT -> Initializer.kaimingNormal();
            case NORM ->
                parameter.name().endsWith("weight") ? Initializer.ones() : Initializer.zeros();
            default -> Initializer.zeros();
          };
      float[] values = initializer.values(parameter.shape(), seed + 7919L * ++number);
      if (parameter == last) {
        for (int i = 0; i < values.length; i++) {
          values[i] *= SMALL; // the first outputs are alike, the loss that of guessing
        }
      }
      parameter.write(values);
    }
  }
}
