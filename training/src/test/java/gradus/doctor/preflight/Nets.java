package gradus.doctor.preflight;

import gradus.TestBackend;
import gradus.backend.Backend;
import gradus.data.DataLoader;
import gradus.doctor.Finding;
import gradus.layer.Layer;
import gradus.layer.Model;
import gradus.layer.Sequential;
import gradus.loss.CrossEntropyLoss;
import gradus.loss.Loss;
import gradus.optim.SGD;
import gradus.tensor.Shape;
import java.util.List;

/** Networks for {@link Pictures}. */
final class Nets {
  static final Shape IMAGE = Shape.of(1, Pictures.SIDE, Pictures.SIDE);

  private static final Backend BACKEND = TestBackend.open();

  private Nets() {}

  static Model build(Layer... layers) {
    return build(IMAGE, layers);
  }

  static Model build(Shape image, Layer... layers) {
    return Model.build(BACKEND, new Sequential(layers), image, 1);
  }

  /** What a check finds in a network of these layers. */
  static List<Finding> examine(PreflightCheck check, Layer... layers) {
    return examine(check, new CrossEntropyLoss(), layers);
  }

  static List<Finding> examine(PreflightCheck check, Loss loss, Layer... layers) {
    try (Model model = build(layers)) {
      return examine(check, model, loss, Pictures.of(300, 1));
    }
  }

  static List<Finding> examine(PreflightCheck check, Model model, Loss loss, Pictures data) {
    try (SGD optimizer = SGD.of(model.parameters()).build();
        DataLoader loader = Pictures.loader(data)) {
      return check.examine(Pictures.subject(model, loss, optimizer, loader, null));
    }
  }
}
