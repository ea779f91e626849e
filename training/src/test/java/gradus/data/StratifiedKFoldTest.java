package gradus.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gradus.TestBackend;
import gradus.backend.Backend;
import gradus.data.transform.Normalize;
import gradus.layer.Linear;
import gradus.layer.Model;
import gradus.loss.CrossEntropyLoss;
import gradus.optim.Optimizer;
import gradus.optim.SGD;
import gradus.train.Trainer;
import gradus.train.TrainingReport;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The folds themselves are tested in {@link DatasetTest}; this is what they are for. */
class StratifiedKFoldTest {
  /** Two classes that a linear model tells apart: dark and bright. */
  private static Dataset brightness() {
    byte[] pixels = TinyFiles.randomBytes(60 * 4, 9);
    byte[] labels = new byte[60];
    for (int i = 0; i < pixels.length; i++) {
      int noise = (pixels[i] & 0xff) / 4;
      labels[i / 4] = (byte) (i / 4 % 2);
      pixels[i] = (byte) (labels[i / 4] == 1 ? 150 + noise : 40 + noise);
    }
    return new PackedImages("brightness", List.of("dark", "bright"), 1, 2, 2, pixels, labels);
  }

  @Test
  void eachFoldTrainsAModelOfItsOwn() {
    List<Double> accuracies = new ArrayList<>();
    int judged = 0;
    try (Backend backend = TestBackend.open()) {
      for (StratifiedSplit fold : StratifiedKFold.of(brightness(), 5, 1)) {
        Normalize normalize = Normalize.from(fold.train().images());
        try (DataLoader train =
                DataLoader.of(fold.train()).batchSize(12).shuffle(1).transform(normalize).build();
            DataLoader validation =
                DataLoader.of(fold.validation()).batchSize(12).transform(normalize).build();
            Model model = Model.build(backend, new Linear(2), train.imageShape(), 1);
            Optimizer optimizer = SGD.of(model.parameters()).learningRate(0.1).build()) {
          TrainingReport report =
              new Trainer(model, new CrossEntropyLoss(), optimizer).fit(train, validation, 5);
          accuracies.add(report.epochs().get(4).validationAccuracy());
          judged += fold.validation().size();
        }
      }
    }
    assertEquals(60, judged);
    assertEquals(5, accuracies.size());
    assertTrue(accuracies.stream().allMatch(accuracy -> accuracy == 1), accuracies.toString());
  }
}
