package gradus.train;

import static org.junit.jupiter.api.Assertions.assertEquals;

import gradus.TestBackend;
import gradus.autograd.Pass;
import gradus.autograd.Tensor;
import gradus.backend.Backend;
import gradus.data.DataLoader;
import gradus.layer.Model;
import gradus.loss.CrossEntropyLoss;
import gradus.loss.FocalLoss;
import gradus.loss.Loss;
import gradus.metric.Accuracy;
import gradus.metric.ConfusionMatrix;
import gradus.metric.Monitor;
import gradus.metric.ValidationMetric;
import gradus.tensor.Batch;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EvaluatorTest {
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

  private double loss(Loss loss, int batchSize) {
    try (DataLoader loader = Stripes.loader(batchSize).build();
        Model model = Stripes.plainModel(backend)) {
      return new Evaluator(model, loss).evaluate(loader).loss();
    }
  }

  /** In batches of one there are some whose class counts nothing. */
  @ParameterizedTest
  @ValueSource(ints = {1, 7, 32})
  void theSizeOfBatchesMakesNoDifference(int batchSize) {
    for (Loss loss :
        new Loss[] {
          new CrossEntropyLoss(),
          new CrossEntropyLoss().classWeights(0.1f, 0.1f, 2.8f),
          new CrossEntropyLoss().classWeights(0, 1, 2),
          new CrossEntropyLoss().classWeights(1, 0.5f, 2).labelSmoothing(0.1),
          new FocalLoss(2).classWeights(0.5f, 0, 2)
        }) {
      assertEquals(loss(loss, 60), loss(loss, batchSize), 1e-5);
    }
  }

  /** Logits of one batch are on their way while the next is computed, the last one is smaller. */
  @ParameterizedTest
  @ValueSource(ints = {1, 7, 32, 60})
  void metricsSeeEachBatchWithItsOwnLabels(int batchSize) {
    try (DataLoader loader = Stripes.loader(batchSize).workers(2).build();
        Model model = Stripes.plainModel(backend)) {
      ConfusionMatrix expected = new ConfusionMatrix(3);
      long right = 0;
      for (Batch batch : loader.epoch(0)) {
        try (Pass pass = Pass.evaluating(backend)) {
          Tensor logits = model.forward(pass.images(batch));
          right += (long) Accuracy.correct(logits, pass.labels(batch)).item();
          expected.add(logits.toArray(), 3, batch.labels());
        }
      }
      ConfusionMatrix counted = new ConfusionMatrix(3);
      Evaluation evaluation =
          new Evaluator(model, new CrossEntropyLoss())
              .metrics(List.of(ValidationMetric.MACRO_F1, ValidationMetric.BALANCED_ACCURACY))
              .evaluate(loader, counted);
      for (int actual = 0; actual < 3; actual++) {
        for (int predicted = 0; predicted < 3; predicted++) {
          assertEquals(expected.count(actual, predicted), counted.count(actual, predicted));
        }
      }
      assertEquals(right / 60.0, evaluation.accuracy());
      assertEquals(
          Map.of("macro_f1", expected.macroF1(), "balanced_accuracy", expected.balancedAccuracy()),
          evaluation.metrics());
      assertEquals(
          expected.macroF1(), evaluation.validation(Monitor.of(ValidationMetric.MACRO_F1)));
      assertEquals(evaluation.loss(), evaluation.validation(Monitor.VALIDATION_LOSS));
    }
  }

  @Test
  void nothingIsMeasuredThatNobodyAskedFor() {
    try (DataLoader loader = Stripes.loader(7).build();
        Model model = Stripes.plainModel(backend)) {
      assertEquals(
          Map.of(), new Evaluator(model, new CrossEntropyLoss()).evaluate(loader).metrics());
    }
  }
}
