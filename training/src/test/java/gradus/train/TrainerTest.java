package gradus.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gradus.GradusException;
import gradus.TestBackend;
import gradus.backend.Backend;
import gradus.data.DataLoader;
import gradus.data.Dataset;
import gradus.data.Sample;
import gradus.data.image.Image;
import gradus.data.transform.BatchTransform;
import gradus.data.transform.MixUp;
import gradus.layer.Conv2d;
import gradus.layer.Dropout;
import gradus.layer.Linear;
import gradus.layer.MaxPool2d;
import gradus.layer.Model;
import gradus.layer.Parameter;
import gradus.layer.ReLU;
import gradus.layer.Sequential;
import gradus.loss.CrossEntropyLoss;
import gradus.loss.FocalLoss;
import gradus.loss.Loss;
import gradus.optim.Optimizer;
import gradus.optim.SGD;
import gradus.schedule.Schedule;
import gradus.tensor.Shape;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class TrainerTest {
  private static final int EXAMPLES = 60;

  /** Horizontal stripes, vertical stripes, and none, with noise. */
  private static final Dataset STRIPES =
      new Dataset() {
        @Override
        public String name() {
          return "stripes";
        }

        @Override
        public int size() {
          return EXAMPLES;
        }

        @Override
        public Sample get(int index) {
          float[] pixels = new float[64];
          for (int i = 0; i < 64; i++) {
            int position = label(index) == 0 ? i / 8 : i % 8;
            float stripe = label(index) == 2 ? 0.5f : position % 2;
            pixels[i] = stripe + 0.3f * (float) Math.sin(index * 12.9898 + i * 78.233);
          }
          return new Sample(Image.ofFloats(1, 8, 8, pixels), label(index));
        }

        @Override
        public int label(int index) {
          return index % 3;
        }

        @Override
        public List<String> classNames() {
          return List.of("horizontal", "vertical", "none");
        }
      };

  private static final int NEVER = 0;

  private Backend backend;
  private Schedule schedule = Schedule.constant();

  @BeforeEach
  void open() {
    backend = TestBackend.open();
  }

  @AfterEach
  void close() {
    assertEquals(0, backend.pool().lent());
    backend.close();
  }

  private record Run(TrainingReport report, FloatBuffer weights, List<StepReport> steps) {}

  private Run run(int epochs, double learningRate, int workers, int stopAtStep) {
    List<StepReport> steps = new ArrayList<>();
    try (DataLoader train =
            DataLoader.of(STRIPES).batchSize(16).shuffle(5).workers(workers).build();
        DataLoader validation = DataLoader.of(STRIPES).batchSize(32).workers(0).build();
        Model model =
            Model.build(
                backend,
                new Sequential(
                    new Conv2d(6, 3).padding(1),
                    new ReLU(),
                    new MaxPool2d(2),
                    new Dropout(0.1),
                    new Linear(16),
                    new ReLU(),
                    new Linear(3)),
                train.imageShape(),
                3);
        Optimizer optimizer = SGD.of(model.parameters()).learningRate(learningRate).build()) {
      Trainer trainer =
          new Trainer(model, new CrossEntropyLoss(), optimizer).seed(9).schedule(schedule);
      trainer.listener(
          new TrainingListener() {
            @Override
            public void onStep(StepReport report) {
              steps.add(report);
              if (report.step() == stopAtStep) {
                trainer.stop();
              }
            }
          });
      TrainingReport report = trainer.fit(train, validation, epochs);
      return new Run(report, FloatBuffer.wrap(model.parameters().named("0.weight").read()), steps);
    }
  }

  @Test
  void anOptimizerOfAnotherModelIsRefused() {
    Shape image = Shape.of(1, 8, 8);
    try (Model model = Model.build(backend, new Linear(3), image, 1);
        Model other = Model.build(backend, new Linear(3), image, 1);
        Optimizer optimizer = SGD.of(other.parameters()).build()) {
      String message =
          assertThrows(
                  GradusException.class,
                  () -> new Trainer(model, new CrossEntropyLoss(), optimizer))
              .getMessage();
      assertTrue(message.contains("another model"), message);
    }
  }

  @Test
  void learns() {
    Run run = run(20, 0.1, 2, NEVER);
    List<EpochReport> epochs = run.report.epochs();
    assertEquals(20, epochs.size());
    EpochReport last = epochs.get(19);
    assertEquals(1, last.validationAccuracy());
    assertTrue(last.validationLoss() < 0.1, () -> "validation loss " + last.validationLoss());
    assertEquals(StopReason.COMPLETED, run.report.reason());
    assertEquals(80, run.report.steps());
    assertEquals(4, run.steps.get(0).steps());
    assertEquals(12, run.steps.get(3).examples(), "the last batch of an epoch may be smaller");
  }

  @Test
  void aStoppedTrainerCanTrainAgain() {
    try (DataLoader train = DataLoader.of(STRIPES).batchSize(16).workers(0).build();
        Model model = Model.build(backend, new Linear(3), train.imageShape(), 3);
        Optimizer optimizer = SGD.of(model.parameters()).build()) {
      Trainer trainer = new Trainer(model, new CrossEntropyLoss(), optimizer);
      trainer.listener(
          new TrainingListener() {
            @Override
            public void onStep(StepReport report) {
              if (optimizer.steps() == 1) {
                trainer.stop();
              }
            }
          });
      assertEquals(StopReason.REQUESTED, trainer.fit(train, null, 1).reason());
      TrainingReport second = trainer.fit(train, null, 1);
      assertEquals(StopReason.COMPLETED, second.reason());
      assertEquals(4, second.steps());
    }
  }

  @Test
  void theEpochIsTheMeanOverItsExamples() {
    Run run = run(1, 0.01, 0, NEVER);
    double loss = 0;
    int correct = 0;
    for (StepReport step : run.steps) {
      loss += (double) step.loss() * step.examples() / EXAMPLES;
      correct += step.correct();
    }
    assertEquals(loss, run.report.epochs().get(0).trainLoss(), 1e-9);
    assertEquals((double) correct / EXAMPLES, run.report.epochs().get(0).trainAccuracy(), 1e-9);
  }

  @Test
  void theSameSeedGivesTheSameBitsWhateverTheWorkers() {
    Run first = run(3, 0.1, 0, NEVER);
    for (int workers : new int[] {0, 1, 2, 4}) {
      Run again = run(3, 0.1, workers, NEVER);
      assertEquals(first.weights, again.weights, "with " + workers + " workers");
      assertEquals(
          first.report.epochs().get(2).trainLoss(), again.report.epochs().get(2).trainLoss());
    }
  }

  @Test
  void stopsAfterTheStepWhenAsked() {
    Run run = run(5, 0.05, 2, 2);
    assertEquals(StopReason.REQUESTED, run.report.reason());
    assertEquals(2, run.report.steps());
    assertEquals(0, run.report.epochs().size(), "an epoch that was cut off is not reported");
  }

  @Test
  void endsWhenTheLossIsNoNumber() {
    Run run = run(50, 1e12, 0, NEVER);
    assertEquals(StopReason.NON_FINITE_LOSS, run.report.reason());
    StepReport last = run.steps.get(run.steps.size() - 1);
    assertFalse(Float.isFinite(last.loss()));
    assertTrue(run.report.reason().sentence().contains("learning rate"));
  }

  @Test
  void aLossThatIsNoNumberReachesNoWeightAndLeavesNoGradient() {
    try (DataLoader train =
            Stripes.loader(30)
                .batchTransform((batch, random) -> batch.images().put(0, Float.NaN))
                .build();
        Model model = Stripes.plainModel(backend);
        Optimizer optimizer = SGD.of(model.parameters()).build()) {
      List<Float> before = Stripes.weights(model);
      TrainingReport report =
          new Trainer(model, new CrossEntropyLoss(), optimizer).fit(train, null, 1);
      assertEquals(StopReason.NON_FINITE_LOSS, report.reason());
      assertEquals(before, Stripes.weights(model));
      assertTrue(model.parameters().list().stream().noneMatch(Parameter::hasGradient));
    }
  }

  @Test
  void theScheduleSetsTheRateOfEveryStep() {
    schedule = Schedule.cosine(2);
    Run run = run(2, 0.1, 0, NEVER);
    assertEquals(0.1, run.steps.get(0).learningRate(), 1e-12);
    assertEquals(0.1 * Schedule.cosine(2).factor(0.75), run.steps.get(3).learningRate(), 1e-12);
    assertEquals(0.1 * 0.5, run.steps.get(4).learningRate(), 1e-12);
  }

  private TrainingReport fit(Loss loss, BatchTransform transform) {
    try (DataLoader train =
            DataLoader.of(STRIPES).batchSize(16).workers(0).batchTransform(transform).build();
        Model model = Model.build(backend, new Sequential(new Linear(3)), train.imageShape(), 3);
        Optimizer optimizer = SGD.of(model.parameters()).learningRate(0.1).build()) {
      return new Trainer(model, loss, optimizer).fit(train, null, 30);
    }
  }

  @Test
  void learnsTheTargetsOfTheBatchAndCountsByItsLabels() {
    // All classes the same share: the best loss is the entropy, log 3.
    BatchTransform undecided =
        (batch, random) -> {
          for (int i = 0; i < batch.targets().capacity(); i++) {
            batch.targets().put(i, 1 / 3f);
          }
        };
    EpochReport last = fit(new CrossEntropyLoss(), undecided).epochs().get(29);
    assertEquals(Math.log(3), last.trainLoss(), 0.02);
    // Targets of another class than the label: what is learned well is wrong by the labels.
    EpochReport plain = fit(new CrossEntropyLoss(), (batch, random) -> {}).epochs().get(29);
    assertTrue(plain.trainLoss() < 0.7, () -> "loss " + plain.trainLoss());
    BatchTransform wrong =
        (batch, random) -> {
          for (int i = 0; i < batch.size(); i++) {
            for (int c = 0; c < 3; c++) {
              int shifted = (batch.labels().get(i) + 1) % 3;
              batch.targets().put(i * 3 + c, c == shifted ? 1 : 0);
            }
          }
        };
    EpochReport misled = fit(new CrossEntropyLoss(), wrong).epochs().get(29);
    assertTrue(misled.trainAccuracy() < 0.2, () -> "accuracy " + misled.trainAccuracy());
    assertEquals(plain.trainLoss(), misled.trainLoss(), 0.2);
  }

  @Test
  void mixingNeedsALossThatTakesProbabilities() {
    String message =
        assertThrows(GradusException.class, () -> fit(new FocalLoss(), new MixUp())).getMessage();
    assertTrue(message.contains("use CrossEntropyLoss"), message);
  }

  @Test
  void zeroEpochsAreRefused() {
    assertThrows(GradusException.class, () -> run(0, 0.1, 0, NEVER));
  }
}
