package gradus.doctor.cause;

import static org.junit.jupiter.api.Assertions.assertEquals;

import gradus.TestBackend;
import gradus.backend.Backend;
import gradus.data.DataLoader;
import gradus.data.transform.BatchTransform;
import gradus.data.transform.MixUp;
import gradus.doctor.Diagnosis;
import gradus.doctor.Examiner;
import gradus.doctor.Finding;
import gradus.doctor.LossRange;
import gradus.doctor.Subject;
import gradus.doctor.Symptom;
import gradus.doctor.SyntheticHistory;
import gradus.doctor.trial.Trials;
import gradus.layer.AdaptiveAvgPool2d;
import gradus.layer.Conv2d;
import gradus.layer.Flatten;
import gradus.layer.Layer;
import gradus.layer.Linear;
import gradus.layer.MaxPool2d;
import gradus.layer.Model;
import gradus.layer.ReLU;
import gradus.layer.Sequential;
import gradus.loss.BCEWithLogitsLoss;
import gradus.loss.CrossEntropyLoss;
import gradus.loss.FocalLoss;
import gradus.loss.Loss;
import gradus.loss.MSELoss;
import gradus.optim.Optimizer;
import gradus.optim.SGD;
import gradus.tensor.Shape;
import gradus.train.Stripes;
import gradus.train.TrainingSnapshot;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Whether 32 images are known by heart, by losses whose least is not 0. */
class MemorizationTest {
  private static final BatchTransform LABELS = null;
  private static final BatchTransform SHARES = new MixUp();

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

  private static Layer able() {
    return new Sequential(new Conv2d(8, 3).padding(1), new ReLU(), new MaxPool2d(2), new Linear(3));
  }

  /** The mean of the pixels, which tells none of the classes. */
  private static Layer blind() {
    return new Sequential(new AdaptiveAvgPool2d(), new Flatten(), new Linear(3));
  }

  /** What is said of a run that learns nothing. */
  private Optional<Diagnosis> said(Layer net, Loss loss, BatchTransform targets) {
    DataLoader.Builder settings = Stripes.loader(8);
    if (targets != null) {
      settings.batchTransform(targets);
    }
    try (DataLoader train = settings.build();
        Model model = Model.build(backend, net, Shape.of(1, 8, 8), 3);
        Optimizer optimizer = SGD.of(model.parameters()).learningRate(0).build();
        TrainingSnapshot beginning = new TrainingSnapshot(model, optimizer)) {
      Subject subject = new Subject(model, loss, optimizer, train, null, 1, 1);
      Trials trials =
          new Trials(subject, new Examiner(model), beginning, new LossRange(Math.log(3), 0), 1000);
      Case patient =
          new Case(
              subject,
              SyntheticHistory.healthy().loss(p -> Math.log(10)).build(),
              Map.of(Symptom.FLAT, "it learns nothing"),
              trials);
      return new TooSmall().examine(patient).map(Finding::diagnosis);
    }
  }

  private void assertToldApart(Loss loss, BatchTransform targets) {
    assertEquals(Optional.empty(), said(able(), loss, targets));
    assertEquals(Optional.of(Diagnosis.CAPACITY_TOO_LOW), said(blind(), loss, targets));
  }

  @Test
  void plainLabels() {
    assertToldApart(new CrossEntropyLoss(), LABELS);
    assertToldApart(new CrossEntropyLoss().classWeights(1, 2, 30), LABELS);
    assertToldApart(new FocalLoss(), LABELS);
  }

  @Test
  void smoothedLabelsThatLeaveLossWhateverIsLearned() {
    assertToldApart(new CrossEntropyLoss().labelSmoothing(0.4), LABELS);
    assertToldApart(new CrossEntropyLoss().labelSmoothing(0.4), SHARES);
    assertToldApart(new CrossEntropyLoss().labelSmoothing(0.4).classWeights(1, 2, 30), LABELS);
  }

  @Test
  void lossesThatAreSmallBeforeAnythingIsLearned() {
    assertToldApart(new MSELoss(), SHARES);
    assertToldApart(new MSELoss(), LABELS);
    assertToldApart(new BCEWithLogitsLoss(), SHARES);
  }

  @Test
  void nothingIsSaidOfALossWhoseLeastIsNotKnown() {
    CrossEntropyLoss known = new CrossEntropyLoss();
    Loss own = (output, target) -> known.apply(output, target);
    assertEquals(Optional.empty(), said(able(), own, LABELS));
    assertEquals(Optional.empty(), said(blind(), own, LABELS));
  }
}
