package gradus.doctor;

import static org.junit.jupiter.api.Assertions.assertEquals;

import gradus.TestBackend;
import gradus.autograd.Pass;
import gradus.backend.Backend;
import gradus.data.DataLoader;
import gradus.layer.Model;
import gradus.loss.CrossEntropyLoss;
import gradus.loss.Loss;
import gradus.tensor.Batch;
import gradus.train.Stripes;
import java.util.List;
import org.junit.jupiter.api.Test;

class ExaminerTest {
  private static final List<Double> SHARES = List.of(0.9, 0.09, 0.01);

  private final Backend backend = TestBackend.open();

  /** The mean is that of all images at once, not of batches with more and less in them. */
  @Test
  void judgesByTheWeightsOfTheClassesInTheLoss() {
    Loss weighted = new CrossEntropyLoss().classWeights(0.1f, 1, 5);
    try (DataLoader loader = Stripes.loader(60).build();
        DataLoader parts = Stripes.loader(7).build();
        Model model = Stripes.plainModel(backend)) {
      Batch all = loader.epoch(0).iterator().next();
      try (Pass pass = Pass.evaluating(backend)) {
        double expected = weighted.apply(model.forward(pass.images(all)), pass.targets(all)).item();
        assertEquals(expected, new Examiner(model, weighted).judge(parts).loss(), 1e-5);
      }
    }
  }

  @Test
  void guessingCostsWhatItDoesInTheLoss() {
    try (DataLoader loader = Stripes.loader(8).build();
        Model model = Stripes.plainModel(backend)) {
      assertEquals(
          -0.9 * Math.log(0.9) - 0.09 * Math.log(0.09) - 0.01 * Math.log(0.01),
          new Examiner(model).judgedRange(SHARES).guessing(),
          1e-6);
      Loss balanced = new CrossEntropyLoss().classWeights(1, 10, 90);
      Examiner examiner = new Examiner(model, balanced);
      assertEquals(Math.log(3), examiner.judgedRange(SHARES).guessing(), 1e-6);
      assertEquals(Math.log(3), examiner.range(loader, SHARES).guessing(), 1e-6);
    }
  }
}
