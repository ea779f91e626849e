package gradus.doctor.cause;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gradus.TestBackend;
import gradus.backend.Backend;
import gradus.data.DataLoader;
import gradus.data.Dataset;
import gradus.doctor.Diagnosis;
import gradus.doctor.Examiner;
import gradus.doctor.Finding;
import gradus.doctor.LossRange;
import gradus.doctor.Remedy;
import gradus.doctor.Subject;
import gradus.doctor.Symptom;
import gradus.doctor.SyntheticHistory;
import gradus.doctor.trial.Trials;
import gradus.layer.Conv2d;
import gradus.layer.Linear;
import gradus.layer.MaxPool2d;
import gradus.layer.Model;
import gradus.layer.ReLU;
import gradus.layer.Sequential;
import gradus.loss.CrossEntropyLoss;
import gradus.optim.Adam;
import gradus.optim.Optimizer;
import gradus.tensor.Shape;
import gradus.train.TrainingSnapshot;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class HarderTrainingTest {
  private static final FaintStripes TRAIN = FaintStripes.of(1800, 1, 0.3);
  private static final Map<Symptom, String> BY_HEART = Map.of(Symptom.GAP, "", Symptom.RISING, "");

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

  private Optional<Finding> examine(Dataset data, int validationImages, Finding... notes) {
    Sequential net =
        new Sequential(new Conv2d(8, 3).padding(1), new ReLU(), new MaxPool2d(2), new Linear(3));
    CrossEntropyLoss loss = new CrossEntropyLoss();
    try (DataLoader train = DataLoader.of(data).batchSize(16).workers(0).shuffle(4).build();
        DataLoader validation =
            DataLoader.of(FaintStripes.of(validationImages, 2, 0.3)).batchSize(60).build();
        Model model = Model.build(backend, net, Shape.of(1, 8, 8), 3);
        Optimizer optimizer = Adam.of(model.parameters()).learningRate(0.01).build();
        TrainingSnapshot beginning = new TrainingSnapshot(model, optimizer)) {
      Subject subject = new Subject(model, loss, optimizer, train, validation, 9, 1);
      LossRange range = new LossRange(Math.log(3), 0);
      Trials trials = new Trials(subject, new Examiner(model), beginning, range, 400);
      Case patient = new Case(subject, SyntheticHistory.healthy(notes).build(), BY_HEART, trials);
      Optional<Finding> found = new HarderTraining().examine(patient);
      assertEquals(found, new HarderTraining().examine(patient), "from the trial that was done");
      assertTrue(trials.steps() <= 80, () -> trials.steps() + " steps");
      return found;
    }
  }

  @Test
  void aThirdOfTheLabelsIsWrong() {
    Finding found = examine(TRAIN.mislabelled(50), 900).orElseThrow();
    assertEquals(Diagnosis.LABEL_NOISE, found.diagnosis());
    assertEquals(Case.LIKELY, found.confidence());
    assertTrue(found.toString().contains("After 80 steps without 600 of the training images"));
  }

  @Test
  void rightLabelsAreNoHarder() {
    assertEquals(Optional.empty(), examine(TRAIN, 900));
  }

  @Test
  void fewImagesTellNothing() {
    assertEquals(Optional.empty(), examine(TRAIN.mislabelled(50), 299));
    int[] few = IntStream.range(0, 899).toArray();
    assertEquals(Optional.empty(), examine(TRAIN.mislabelled(50).subset(few), 900));
  }

  @Test
  void otherReasonsForOnePartToBeHarderComeFirst() {
    Finding note = Finding.note(Diagnosis.CLASS_IMBALANCE, "unequal", Remedy.of("weights"));
    assertEquals(Optional.empty(), examine(TRAIN.mislabelled(50), 900, note));
  }
}
