package gradus.doctor.cause;

import gradus.doctor.Diagnosis;
import gradus.doctor.Evidence;
import gradus.doctor.Finding;
import gradus.doctor.Remedy;
import gradus.doctor.Vitals;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Gradients that shrink towards the first layer, from the first step on and still later. */
final class VanishingGradients implements Cause {
  private static final double VANISHED = 1e-3;

  @Override
  public Optional<Finding> examine(Case patient) {
    Vitals vitals = patient.history().vitals();
    if (vitals == null
        || vitals.samples() < 5
        || vitals.layers().size() < 4
        || !patient.learnsBadly()) {
      return Optional.empty();
    }
    double atFirst = ratio(vitals, 0);
    double later = ratio(vitals, vitals.samples() / 2);
    if (!(atFirst < VANISHED && later < VANISHED)) {
      return Optional.empty();
    }
    return Optional.of(
        patient.primary(
            Diagnosis.VANISHING_GRADIENTS,
            Case.LIKELY,
            String.format(
                Locale.ROOT,
                "Gradients shrink on their way back: the first layer's is %.1g of the last one's, so"
                    + " the first layers do not learn.",
                atFirst),
            new Remedy(
                "Use ReLU with He's initialisation, put batch norms behind the convolutions, add"
                    + " residual connections, or take layers away.",
                "new Conv2d(16, 3).padding(1), new BatchNorm2d(), new ReLU()",
                "--model resnet20"),
            Evidence.of(
                new Evidence.Chart(
                    "RMS of the gradient by depth",
                    "layer",
                    "RMS of the gradient",
                    true,
                    List.of(
                        byDepth("first step", vitals, 0),
                        byDepth(
                            "step " + vitals.stepOf(vitals.samples() / 2),
                            vitals,
                            vitals.samples() / 2))))));
  }

  /** Of the first layer's gradient to the last one's; 1 where there is none. */
  static double ratio(Vitals vitals, int sample) {
    double last = vitals.gradientRms(sample, vitals.layers().size() - 1);
    double first = vitals.gradientRms(sample, 0);
    return last > 0 && first > 0 ? first / last : 1;
  }

  private static Evidence.Line byDepth(String name, Vitals vitals, int sample) {
    List<Double> x = new ArrayList<>();
    List<Double> y = new ArrayList<>();
    for (int layer = 0; layer < vitals.layers().size(); layer++) {
      if (vitals.gradientRms(sample, layer) > 0) {
        x.add(layer + 1.0);
        y.add(vitals.gradientRms(sample, layer));
      }
    }
    return new Evidence.Line(name, x, y);
  }
}
