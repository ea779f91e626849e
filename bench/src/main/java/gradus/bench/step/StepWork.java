package gradus.bench.step;

import gradus.backend.Backend;
import gradus.backend.Backends;
import gradus.examples.bench.StepBenchmark;
import gradus.examples.bench.StepBenchmark.Mode;
import gradus.layer.LayerSummary;
import gradus.layer.Model;
import java.util.List;

/** How much there is to compute in a step, whoever does it and by whatever algorithm. */
final class StepWork {
  private StepWork() {}

  /**
   * Billions of floating-point operations, counted as the direct sums of products of convolutions
   * and linear layers. Training takes three times what forward takes, less the gradient of the
   * images, which nobody wants.
   */
  static double gigaflops(Task task) {
    try (Backend backend = Backends.named("reference");
        Model model =
            Model.build(
                backend,
                task.workload().network().create(StepBenchmark.CLASSES),
                task.workload().image(),
                StepBenchmark.SEED)) {
      List<Long> layers =
          model.summary().layers().stream()
              .map(LayerSummary::multiplyAdds)
              .filter(count -> count > 0)
              .toList();
      long forward = layers.stream().mapToLong(Long::longValue).sum();
      long image = task.mode() == Mode.TRAIN ? 3 * forward - layers.get(0) : forward;
      return 2e-9 * image * task.batch();
    }
  }
}
