package gradus.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gradus.TestBackend;
import gradus.backend.Backend;
import gradus.data.DataLoader;
import gradus.data.transform.MixUp;
import gradus.layer.Model;
import gradus.loss.BCEWithLogitsLoss;
import gradus.loss.Loss;
import gradus.loss.MSELoss;
import gradus.metric.Metric;
import gradus.optim.Optimizer;
import gradus.optim.SGD;
import java.nio.IntBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Losses that compare all outputs, with data that have class numbers. */
class OneHotLossesTest {
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

  static Stream<Loss> losses() {
    return Stream.of(new MSELoss(), new BCEWithLogitsLoss());
  }

  @ParameterizedTest
  @MethodSource("losses")
  void aRunLearnsAndIsJudgedByItsLoss(Loss loss) {
    try (DataLoader train = Stripes.loader(16).shuffle(5).build();
        DataLoader validation = Stripes.loader(25).build(); // the last batch is a smaller one
        Model model = Stripes.plainModel(backend);
        Optimizer optimizer = SGD.of(model.parameters()).learningRate(0.3).build()) {
      Evaluation before = new Evaluator(model, loss).evaluate(validation);
      TrainingReport report =
          new Trainer(model, loss, optimizer).seed(1).fit(train, validation, 30);
      EpochReport last = report.epochs().get(29);
      assertTrue(last.trainLoss() < 0.5 * before.loss(), last::toString);
      assertTrue(last.validationAccuracy() > 0.95, last::toString);
      Outputs outputs = new Outputs();
      Evaluation after = new Evaluator(model, loss).evaluate(validation, outputs);
      assertEquals(last.validationLoss(), after.loss(), 1e-6);
      assertEquals(outputs.loss(loss), after.loss(), 1e-5);
    }
  }

  /** Works the losses out from the outputs and the labels. */
  private static final class Outputs implements Metric {
    private final List<Double> squares = new ArrayList<>();
    private final List<Double> surprises = new ArrayList<>();

    @Override
    public void add(float[] logits, int classes, IntBuffer labels) {
      for (int i = 0; i < logits.length; i++) {
        double wanted = labels.get(i / classes) == i % classes ? 1 : 0;
        squares.add(Math.pow(logits[i] - wanted, 2));
        surprises.add(Math.log1p(Math.exp(wanted == 1 ? -logits[i] : logits[i])));
      }
    }

    double loss(Loss loss) {
      List<Double> all = loss instanceof MSELoss ? squares : surprises;
      return all.stream().mapToDouble(Double::doubleValue).average().orElseThrow();
    }
  }

  /** MixUp of lambda near 0 or 1 at random gives targets of its own, which come first. */
  @ParameterizedTest
  @MethodSource("losses")
  void targetsOfTheDataComeFirst(Loss loss) {
    try (DataLoader plain = Stripes.loader(20).build();
        DataLoader mixed = Stripes.loader(20).batchTransform(new MixUp(1)).build();
        Model model = Stripes.plainModel(backend);
        Optimizer optimizer = SGD.of(model.parameters()).learningRate(0.1).build()) {
      new Trainer(model, loss, optimizer).seed(1).fit(mixed, plain, 2);
    }
  }

  @ParameterizedTest
  @MethodSource("losses")
  void aRateIsFound(Loss loss) {
    int[] order = new int[400];
    for (int i = 0; i < order.length; i++) {
      order[i] = i * 7 % 60;
    }
    try (DataLoader train = Stripes.loader(4).sampler(epoch -> order).build();
        Model model = Stripes.plainModel(backend);
        Optimizer optimizer = SGD.of(model.parameters()).learningRate(0.1).build()) {
      assertTrue(
          new LearningRateFinder(model, loss, optimizer).run(train).suggestion().isPresent());
    }
  }
}
