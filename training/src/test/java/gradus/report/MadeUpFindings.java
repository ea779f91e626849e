package gradus.report;

import gradus.doctor.Diagnosis;
import gradus.doctor.Evidence;
import gradus.doctor.Evidence.Chart;
import gradus.doctor.Evidence.Line;
import gradus.doctor.Finding;
import gradus.doctor.Finding.Role;
import gradus.doctor.Remedy;
import gradus.doctor.Symptom;
import java.util.List;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;

/** What a doctor might have found: a cause with two charts, a mechanism, a note. */
final class MadeUpFindings {
  static final Finding CAUSE =
      new Finding(
          Diagnosis.LR_TOO_HIGH,
          Role.PRIMARY,
          0.9,
          Symptom.DIVERGING,
          "The steps overshoot: a step changes the weights of conv2 by 21 % on the median, and 0.1 %"
              + " is usual.",
          List.of(
              new Evidence(
                  "With a tenth of the learning rate the loss fell from 2.31 to 1.12 in 40 steps;"
                      + " with the present one it rose to 6.40.",
                  new Chart(
                      "Loss in the trial",
                      "step",
                      "loss",
                      true,
                      List.of(
                          line("as it is", 40, k -> 2.31 * Math.exp(k * 0.026)),
                          line("a tenth of the learning rate", 40, k -> 2.31 - k * 0.03)))),
              Evidence.of(
                  "8 of the 10 largest jumps of the loss came within 3 steps of the start."),
              new Evidence(
                  "The loss of the run.",
                  new Chart(
                      "Loss of the run",
                      "step",
                      "loss",
                      false,
                      List.of(
                          new Line(
                              "loss",
                              List.of(1d, 2d, 3d, 4d, 5d),
                              List.of(2.3, 4.5, 7.25, 8.0, Double.POSITIVE_INFINITY)))))),
          new Remedy(
              "Learn at 0.02 and begin with a warm-up of 200 steps.",
              "SGD.of(model.parameters()).learningRate(0.02)",
              "--lr 0.02 --warmup 200"),
          2,
          1234);

  static final Finding MECHANISM =
      new Finding(
          Diagnosis.DEAD_RELU,
          Role.MECHANISM,
          0.75,
          Symptom.FLAT,
          "61 of 64 units behind fc1 are 0 for all 512 images; at the start 3 were.",
          List.of(),
          Remedy.of("Mend the cause first."),
          2,
          1300);

  static final Finding NOTE =
      Finding.note(
          Diagnosis.CLASS_IMBALANCE,
          "The class truck has 12 times fewer images than cat.",
          new Remedy("Weigh the classes.", null, "--class-weights inverse"),
          Evidence.of("480 images of cat, 40 of truck."));

  private MadeUpFindings() {}

  static List<Finding> all() {
    return List.of(CAUSE, MECHANISM, NOTE);
  }

  /** Layers that learn less the farther they are from the loss. */
  static VitalsSeries vitals(int layers, int points) {
    return new VitalsSeries(lines(layers, points, 0.5), lines(layers, points, 1e-3));
  }

  private static List<Line> lines(int layers, int points, double level) {
    return IntStream.range(0, layers)
        .mapToObj(
            layer ->
                line(
                    "conv" + (layer + 1),
                    points,
                    k -> level * Math.pow(0.6, layers - layer) * (1.2 + Math.sin(k * 0.3 + layer))))
        .toList();
  }

  private static Line line(String name, int points, java.util.function.DoubleUnaryOperator value) {
    return new Line(
        name,
        DoubleStream.iterate(10, x -> x + 10).limit(points).boxed().toList(),
        IntStream.range(0, points).mapToObj(k -> value.applyAsDouble(k)).toList());
  }
}
