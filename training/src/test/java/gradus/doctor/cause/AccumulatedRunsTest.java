package gradus.doctor.cause;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gradus.TestBackend;
import gradus.backend.Backend;
import gradus.backend.checked.CheckedBackend;
import gradus.backend.reference.ReferenceBackend;
import gradus.data.DataLoader;
import gradus.doctor.Diagnosis;
import gradus.doctor.Doctor;
import gradus.doctor.Finding;
import gradus.layer.Model;
import gradus.loss.CrossEntropyLoss;
import gradus.optim.Optimizer;
import gradus.optim.SGD;
import gradus.train.Stripes;
import gradus.train.Trainer;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Runs that make an update of several batches. */
class AccumulatedRunsTest {
  private static final int IMAGES = 640; // of an epoch

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

  /** Of sixty pictures that come in another order every time. */
  private static int[] order() {
    int[] order = new int[IMAGES];
    Arrays.setAll(order, i -> (i * 37 + i / 60) % 60);
    return order;
  }

  private List<Finding> diagnose(int batch, int accumulation, double rate, int epochs) {
    return diagnose(Stripes.plainModel(backend), batch, accumulation, rate, epochs);
  }

  private List<Finding> diagnose(
      Model network, int batch, int accumulation, double rate, int epochs) {
    CrossEntropyLoss loss = new CrossEntropyLoss();
    try (DataLoader train = Stripes.loader(batch).sampler(epoch -> order()).build();
        Model model = network;
        Optimizer optimizer = SGD.of(model.parameters()).learningRate(rate).build();
        Doctor doctor = Doctor.attach(model, loss, optimizer)) {
      doctor.data(train, train).examined(List.of());
      new Trainer(model, loss, optimizer)
          .accumulate(accumulation)
          .doctor(doctor)
          .fit(train, train, epochs);
      return doctor.findings();
    }
  }

  /** The one with an update of so many batches ends up as the one with batches of their size. */
  private Finding asWithLargerBatches(int batch, int accumulation, double rate) {
    Finding accumulated = diagnose(batch, accumulation, rate, 5).get(0);
    Finding atOnce = diagnose(batch * accumulation, 1, rate, 5).get(0);
    assertEquals(atOnce.diagnosis(), accumulated.diagnosis());
    assertEquals(atOnce.confidence(), accumulated.confidence());
    assertEquals(atOnce.step(), accumulated.step());
    assertEquals(atOnce.evidence().size() + 1, accumulated.evidence().size(), "what a step is");
    return accumulated;
  }

  @Test
  void tooManyBatchesForAnUpdateAreTooLargeABatch() {
    Finding finding = asWithLargerBatches(8, 40, 0.03);
    assertEquals(Diagnosis.BATCH_TOO_LARGE, finding.diagnosis());
    assertEquals(
        "With updates from 320 images (40 accumulated batches of 8) there are only 2 steps in an"
            + " epoch, 10 in all: too few to get anywhere.",
        finding.cause());
    assertEquals("--accumulate 5", finding.remedy().option());
    assertEquals("trainer.accumulate(5)", finding.remedy().java());
  }

  @Test
  void whereFewAreAccumulatedTheyAreNotAllThatIsTooMuch() {
    Finding finding = asWithLargerBatches(80, 4, 0.03);
    assertEquals(Diagnosis.BATCH_TOO_LARGE, finding.diagnosis());
    assertEquals("--accumulate 1 --batch 40", finding.remedy().option());
    assertEquals(
        "trainer.accumulate(1); loader.toBuilder().batchSize(40).build()", finding.remedy().java());
  }

  @Test
  void moreThanAnEpochHasAreAllItHas() {
    Finding finding = diagnose(64, 1000, 0.03, 10).get(0);
    assertEquals(Diagnosis.BATCH_TOO_LARGE, finding.diagnosis());
    assertTrue(finding.cause().contains("640 images (10 accumulated"), finding::cause);
    assertEquals("--accumulate 1", finding.remedy().option());
  }

  @Test
  void ratesAreJudgedByUpdates() {
    assertEquals(Diagnosis.LR_TOO_HIGH, asWithLargerBatches(4, 8, 1000).diagnosis());
    assertEquals(Diagnosis.LR_TOO_LOW, asWithLargerBatches(4, 8, 1e-6).diagnosis());
  }

  /** Runs that jump about are another one where sums are rounded otherwise. */
  private static void exactly(Consumer<Backend> use) {
    try (Backend exact = new CheckedBackend(new ReferenceBackend())) {
      use.accept(exact);
    }
  }

  @Test
  void fewImagesInAnUpdateAreTooSmallABatch() {
    exactly(
        exact -> {
          Finding one = diagnose(Stripes.plainModel(exact), 2, 1, 1, 5).get(0);
          Finding two = diagnose(Stripes.plainModel(exact), 1, 2, 1, 5).get(0);
          assertEquals(Diagnosis.BATCH_TOO_SMALL, two.diagnosis());
          assertEquals(one.cause(), two.cause(), "2 images are 2 images");
          assertEquals("--batch 64", one.remedy().option());
          assertEquals("--accumulate 64", two.remedy().option());
          for (Finding enough : diagnose(Stripes.plainModel(exact), 1, 64, 2, 5)) {
            assertNotEquals(Diagnosis.BATCH_TOO_SMALL, enough.diagnosis(), "64 are not few");
          }
        });
  }

  @Test
  void batchNormsSeeOneBatchHoweverManyAreAccumulated() {
    exactly(
        exact -> {
          Finding finding = diagnose(Stripes.model(exact, 3), 2, 16, 3, 5).get(0);
          assertEquals(Diagnosis.BATCH_TOO_SMALL, finding.diagnosis());
          assertTrue(finding.cause().startsWith("Batch norms see 2 images"), finding::cause);
          assertEquals("--batch 64 --accumulate 1", finding.remedy().option());
          assertTrue(finding.toString().contains("2 accumulated batches of 16 images"));
        });
  }
}
