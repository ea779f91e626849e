package gradus.train;

import static org.junit.jupiter.api.Assertions.assertEquals;

import gradus.TestBackend;
import gradus.backend.Backend;
import gradus.data.DataLoader;
import gradus.layer.Model;
import gradus.loss.CrossEntropyLoss;
import gradus.loss.FocalLoss;
import gradus.loss.Loss;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
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
}
