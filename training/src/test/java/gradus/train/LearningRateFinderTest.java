package gradus.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gradus.GradusException;
import gradus.TestBackend;
import gradus.backend.Backend;
import gradus.data.DataLoader;
import gradus.layer.Linear;
import gradus.layer.Model;
import gradus.layer.Sequential;
import gradus.loss.CrossEntropyLoss;
import gradus.optim.AdamW;
import gradus.optim.Optimizer;
import gradus.optim.SGD;
import gradus.tensor.Batch;
import gradus.tensor.Precision;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class LearningRateFinderTest {
  /** Every picture many times over, so that an epoch has enough batches. */
  private static DataLoader.Builder loader(int batchSize, int batches) {
    int[] order = new int[batchSize * batches];
    SplittableRandom random = new SplittableRandom(5);
    Arrays.setAll(order, i -> random.nextInt(Stripes.DATA.size()));
    return Stripes.loader(batchSize).sampler(epoch -> order);
  }

  private Backend backend;

  @BeforeEach
  void open() {
    backend = TestBackend.open();
  }

  @AfterEach
  void close() {
    backend.pool().trim();
    assertEquals(0, backend.memory().liveBytes());
    backend.close();
  }

  /** The weights after an epoch, and the loss of each of its steps. */
  private record Run(List<Float> weights, List<Float> losses) {}

  /** Trains two epochs; with a sweep before the second, which must not be seen in it. */
  private Run run(boolean swept) {
    try (DataLoader train = loader(3, 100).build();
        Model model = Stripes.model(backend, 3);
        Optimizer optimizer = AdamW.of(model.parameters()).learningRate(0.01).build()) {
      List<Float> losses = new ArrayList<>();
      Trainer trainer =
          new Trainer(model, new CrossEntropyLoss(), optimizer)
              .seed(9)
              .listener(
                  new TrainingListener() {
                    @Override
                    public void onStep(StepReport step) {
                      losses.add(step.loss());
                    }
                  });
      trainer.fit(train, null, 1);
      if (swept) {
        List<Float> before = Stripes.weights(model);
        LearningRateSweep sweep =
            new LearningRateFinder(model, new CrossEntropyLoss(), optimizer).run(train);
        assertEquals(before, Stripes.weights(model));
        assertEquals(0.01, optimizer.learningRate());
        assertEquals(100, optimizer.steps());
        assertNotEquals(sweep.points().get(0).loss(), sweep.points().get(5).loss());
      }
      trainer.fit(train, null, 1);
      return new Run(Stripes.weights(model), losses);
    }
  }

  @Test
  void leavesModelAndOptimizerAsTheyWereToTheBit() {
    assertEquals(run(false), run(true));
  }

  @Test
  void restoresWhatItChangedWhenItFailsInBetween() {
    try (DataLoader train = loader(3, 100).build();
        Model model = Stripes.model(backend, 3);
        Optimizer optimizer = SGD.of(model.parameters()).learningRate(0.1).momentum(0.9).build()) {
      List<Float> before = Stripes.weights(model);
      CrossEntropyLoss exact = new CrossEntropyLoss();
      int[] calls = {0};
      LearningRateFinder finder =
          new LearningRateFinder(
                  model,
                  (logits, labels) -> {
                    if (++calls[0] == 10) {
                      throw new IllegalStateException("the tenth batch");
                    }
                    return exact.apply(logits, labels);
                  },
                  optimizer)
              .range(0.01, 1);
      assertThrows(IllegalStateException.class, () -> finder.run(train));
      assertEquals(before, Stripes.weights(model));
      assertEquals(0.1, optimizer.learningRate());
      assertEquals(0, optimizer.steps());
    }
  }

  @Test
  void theRateGrowsByOneFactor() {
    try (DataLoader train = loader(3, 100).build();
        Model model = Stripes.plainModel(backend);
        Optimizer optimizer = SGD.of(model.parameters()).learningRate(0.1).build()) {
      LearningRateSweep sweep =
          new LearningRateFinder(model, new CrossEntropyLoss(), optimizer)
              .range(1e-5, 1e-1)
              .run(train);
      List<LearningRateSweep.Point> points = sweep.points();
      assertEquals(100, points.size());
      assertEquals(1e-5, points.get(0).learningRate(), 1e-17);
      assertEquals(1e-1, points.get(99).learningRate(), 1e-13);
      double factor = Math.pow(1e4, 1 / 99.0);
      for (int i = 1; i < 100; i++) {
        double ratio = points.get(i).learningRate() / points.get(i - 1).learningRate();
        assertEquals(factor, ratio, 1e-12);
      }
    }
  }

  @Test
  void endsWhenTheLossExplodes() {
    // Targets that nothing in the pictures tells: a large step towards one is wrong for the next.
    try (DataLoader train =
            loader(4, 150).batchTransform(LearningRateFinderTest::moveTargets).build();
        Model model = Model.build(backend, new Sequential(new Linear(3)), train.imageShape(), 3);
        Optimizer optimizer = SGD.of(model.parameters()).learningRate(0.1).build()) {
      LearningRateSweep sweep =
          new LearningRateFinder(model, new CrossEntropyLoss(), optimizer)
              .range(1e-4, 1e4)
              .run(train);
      assertTrue(sweep.diverged());
      assertTrue(sweep.points().size() < 100, () -> "after " + sweep.points().size());
      LearningRateSweep.Point last = sweep.points().get(sweep.points().size() - 1);
      assertTrue(last.learningRate() < 1e3, last::toString);
    }
  }

  @Test
  void suggestsARateThatLearns() {
    try (DataLoader train = loader(4, 150).build();
        Model model = Stripes.plainModel(backend);
        Optimizer optimizer = SGD.of(model.parameters()).learningRate(1e-5).build()) {
      CrossEntropyLoss loss = new CrossEntropyLoss();
      double rate =
          new LearningRateFinder(model, loss, optimizer).run(train).suggestion().orElseThrow();
      double before = meanLoss(model, train);
      optimizer.setLearningRate(rate);
      new Trainer(model, loss, optimizer).fit(train, null, 1);
      double after = meanLoss(model, train);
      assertTrue(after < 0.7 * before, () -> before + " to " + after + " at " + rate);
    }
  }

  private static double meanLoss(Model model, DataLoader loader) {
    return new Evaluator(model, new CrossEntropyLoss()).evaluate(loader).loss();
  }

  @Test
  void anEpochIsTheMost() {
    try (DataLoader train = loader(2, 120).build();
        Model model = Stripes.plainModel(backend);
        Optimizer optimizer = SGD.of(model.parameters()).learningRate(0.1).build()) {
      LearningRateFinder finder =
          new LearningRateFinder(model, new CrossEntropyLoss(), optimizer).range(1e-6, 1e-3);
      assertEquals(120, finder.batches(500).run(train).points().size());
      assertEquals(110, finder.batches(110).run(train).points().size());
    }
  }

  @Test
  void stepsAreComputedAsThoseOfTheRun() {
    try (DataLoader train = loader(3, 200).build();
        Model model = Stripes.plainModel(backend);
        Optimizer optimizer = SGD.of(model.parameters()).learningRate(0.1).build()) {
      LearningRateFinder finder =
          new LearningRateFinder(model, new CrossEntropyLoss(), optimizer).range(1e-7, 1e-6);
      List<LearningRateSweep.Point> plain = finder.batches(200).run(train).points();
      assertNotEquals(
          plain.get(0).loss(), finder.precision(Precision.BF16).run(train).points().get(0).loss());
      assertEquals(plain, finder.precision(Precision.FP32).run(train).points());
      List<LearningRateSweep.Point> pairs = finder.accumulate(2).run(train).points();
      assertEquals(100, pairs.size(), "an epoch has no more");
      assertEquals((plain.get(0).loss() + plain.get(1).loss()) / 2, pairs.get(0).loss(), 1e-4);
      assertEquals(1e-6, pairs.get(99).learningRate(), 1e-12);
      assertRefused(() -> finder.accumulate(3).run(train), "66 updates are in an epoch");
    }
  }

  @Test
  void theLearnedTargetsOfMixedBatchesAreUsed() {
    try (DataLoader plain = loader(3, 100).build();
        DataLoader moved =
            loader(3, 100).batchTransform(LearningRateFinderTest::moveTargets).build();
        Model model = Stripes.plainModel(backend);
        Optimizer optimizer = SGD.of(model.parameters()).learningRate(0.1).build()) {
      LearningRateFinder finder =
          new LearningRateFinder(model, new CrossEntropyLoss(), optimizer).range(1e-7, 1e-6);
      assertNotEquals(
          finder.run(plain).points().get(0).loss(), finder.run(moved).points().get(0).loss());
    }
  }

  private static void moveTargets(Batch batch, RandomGenerator random) {
    for (int i = 0; i < batch.size(); i++) {
      int chosen = random.nextInt(3);
      for (int c = 0; c < 3; c++) {
        batch.targets().put(i * 3 + c, c == chosen ? 1 : 0);
      }
    }
  }

  @Test
  void misuseIsRefusedWithTheRemedy() {
    try (DataLoader train = Stripes.loader(16).build();
        Model model = Stripes.plainModel(backend);
        Optimizer optimizer = SGD.of(model.parameters()).learningRate(0.1).build()) {
      LearningRateFinder finder = new LearningRateFinder(model, new CrossEntropyLoss(), optimizer);
      assertRefused(() -> finder.run(train), "4 are in an epoch", "smaller batches");
      assertRefused(() -> finder.batches(5), "5 are asked for");
      assertRefused(() -> finder.range(1, 0.1), "from 1.0 to 0.1", "the smaller first");
      assertRefused(() -> finder.range(0, 0.1), "positive");
      assertRefused(() -> finder.range(0.1, Double.NaN), "NaN");
    }
  }

  private static void assertRefused(Runnable misuse, String... parts) {
    String message = assertThrows(GradusException.class, misuse::run).getMessage();
    for (String part : parts) {
      assertTrue(message.contains(part), message);
    }
  }
}
