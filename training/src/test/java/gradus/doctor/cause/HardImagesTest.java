package gradus.doctor.cause;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gradus.TestBackend;
import gradus.autograd.Pass;
import gradus.autograd.Tensor;
import gradus.backend.Backend;
import gradus.data.DataLoader;
import gradus.data.Dataset;
import gradus.data.Epoch;
import gradus.data.transform.Cutout;
import gradus.doctor.Diagnosis;
import gradus.doctor.Doctor;
import gradus.doctor.Examiner;
import gradus.doctor.Finding;
import gradus.doctor.LossRange;
import gradus.doctor.Remedy;
import gradus.doctor.Subject;
import gradus.doctor.Symptom;
import gradus.doctor.SyntheticHistory;
import gradus.doctor.Vitals;
import gradus.doctor.trial.Trial;
import gradus.doctor.trial.TrialOutcome;
import gradus.doctor.trial.Trials;
import gradus.layer.Conv2d;
import gradus.layer.Initializer;
import gradus.layer.Layer;
import gradus.layer.Linear;
import gradus.layer.MaxPool2d;
import gradus.layer.Model;
import gradus.layer.Parameter;
import gradus.layer.ReLU;
import gradus.layer.Sequential;
import gradus.loss.CrossEntropyLoss;
import gradus.optim.Adam;
import gradus.optim.Optimizer;
import gradus.optim.SGD;
import gradus.tensor.Batch;
import gradus.tensor.Shape;
import gradus.train.Trainer;
import gradus.train.TrainingSnapshot;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Runs on images of which a good network knows two thirds, as of natural ones. */
class HardImagesTest {
  private static final double FAINT = 0.3;
  private static final FaintStripes TRAIN = FaintStripes.of(1200, 1, FAINT);
  private static final FaintStripes VALIDATION = FaintStripes.of(600, 2, FAINT);

  /**
   * Found before training, so that the checks, which would find what is looked for, are not made.
   */
  private static final Finding NOTHING =
      Finding.note(Diagnosis.CAPACITY_TOO_HIGH, "nothing", Remedy.of("nothing"));

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

  private static Layer plain() {
    return plain(Initializer.standard(), Initializer.standard());
  }

  private static Layer plain(Initializer weights, Initializer last) {
    return new Sequential(
            new Conv2d(8, 3).padding(1).weights(weights),
            new ReLU(),
            new MaxPool2d(2),
            new Linear(32).weights(weights),
            new ReLU())
        .add(new Linear(3).weights(last));
  }

  private static DataLoader validation(Dataset data) {
    return DataLoader.of(data).batchSize(60).workers(0).build();
  }

  private List<Finding> diagnose(Layer net, Dataset held, int epochs) {
    return diagnose(
        net,
        DataLoader.of(TRAIN).batchSize(16).workers(0).shuffle(4).build(),
        validation(held),
        epochs);
  }

  private List<Finding> diagnose(Layer net, DataLoader train, DataLoader validation, int epochs) {
    CrossEntropyLoss loss = new CrossEntropyLoss();
    try (train;
        validation;
        Model model = Model.build(backend, net, Shape.of(1, 8, 8), 3);
        Optimizer optimizer = Adam.of(model.parameters()).learningRate(0.003).build();
        Doctor doctor = Doctor.attach(model, loss, optimizer)) {
      doctor.data(train, validation).examined(List.of(NOTHING));
      new Trainer(model, loss, optimizer).seed(5).listener(doctor).fit(train, validation, epochs);
      return doctor.findings();
    }
  }

  /** Of so hard images 40 steps teach next to nothing, and at a smaller rate nothing at all. */
  @Test
  void aRateThatCollapsedLearnsAgainOverMoreSteps() {
    try (DataLoader train = DataLoader.of(TRAIN).batchSize(16).workers(0).shuffle(4).build();
        Model model = Model.build(backend, plain(), Shape.of(1, 8, 8), 3);
        Optimizer optimizer = SGD.of(model.parameters()).learningRate(0.003).momentum(0.9).build();
        TrainingSnapshot beginning = new TrainingSnapshot(model, optimizer)) {
      Trials trials = trials(model, optimizer, train, beginning);
      SyntheticHistory run =
          SyntheticHistory.healthy().loss(p -> 1).rate(p -> p < 0.3 ? 0.003 : 1e-6);
      Case patient = patient(model, optimizer, train, run, trials);
      Finding found = new ScheduleCollapse().examine(patient).orElseThrow();
      assertEquals(Case.CONFIRMED, found.confidence());
      assertEquals("--schedule cosine", found.remedy().option());
      assertEquals(160, trials.outcomes().get(3).losses().size());
    }
  }

  /** The way from a bad beginning to guessing is as long, whatever hides the images. */
  @Test
  void augmentationThatHidesMostOfEachImage() {
    assertEquals(Optional.empty(), ofHidden(3));
    assertEquals(Case.CONFIRMED, ofHidden(8).map(Finding::confidence).orElse(0.0));
  }

  private Optional<Finding> ofHidden(int side) {
    try (DataLoader train =
            DataLoader.of(FaintStripes.of(1200, 1, 0.6))
                .batchSize(16)
                .workers(0)
                .shuffle(4)
                .transform(new Cutout(side), new Cutout(side), new Cutout(side), new Cutout(side))
                .build();
        Model model =
            Model.build(
                backend,
                plain(Initializer.standard(), Initializer.normal(1)),
                Shape.of(1, 8, 8),
                3);
        Optimizer optimizer = Adam.of(model.parameters()).learningRate(0.003).build();
        TrainingSnapshot beginning = new TrainingSnapshot(model, optimizer)) {
      optimizer.setLearningRate(1e-6); // as at the end of a cosine
      Trials trials = trials(model, optimizer, train, beginning);
      trials.at(3, 0.003);
      SyntheticHistory run = SyntheticHistory.healthy().loss(p -> 1).rate(p -> 0.003).augments();
      Optional<Finding> found =
          new Augmentation().examine(patient(model, optimizer, train, run, trials));
      TrialOutcome without = trials.outcomes().get(1);
      assertTrue(without.lossBefore() > 1.2 * Math.log(3), "it begins badly");
      assertFalse(without.fallsMuchFurtherThan(trials.outcomes().get(0)));
      return found;
    }
  }

  private static Trials trials(
      Model model, Optimizer optimizer, DataLoader train, TrainingSnapshot beginning) {
    Subject subject = subject(model, optimizer, train);
    LossRange range = new LossRange(Math.log(3), 0);
    return new Trials(subject, new Examiner(model), beginning, range, 1000);
  }

  private static Subject subject(Model model, Optimizer optimizer, DataLoader train) {
    return new Subject(model, new CrossEntropyLoss(), optimizer, train, null, 3, 1);
  }

  private static Case patient(
      Model model, Optimizer optimizer, DataLoader train, SyntheticHistory run, Trials trials) {
    Subject subject = subject(model, optimizer, train);
    return new Case(subject, run.build(), Map.of(Symptom.SLOW, ""), trials);
  }

  /** As for fine-tuning, but from weights that were drawn at random. */
  @Test
  void layersThatAreFrozenBeforeTheyHaveLearned() {
    Finding found = primary(Diagnosis.PARAMETERS_NOT_UPDATING, ofFrozen(false));
    assertTrue(found.cause().startsWith("4,168 of 4,264 weights are frozen"), found::cause);
    assertEquals(Case.CONFIRMED, found.confidence());
  }

  @Test
  void layersThatAreFrozenAfterTheyHaveLearned() {
    assertEquals(List.of(), ofFrozen(true));
  }

  private List<Finding> ofFrozen(boolean learned) {
    FaintStripes clear = FaintStripes.of(1200, 1, 0.6);
    CrossEntropyLoss loss = new CrossEntropyLoss();
    try (DataLoader train = DataLoader.of(clear).batchSize(16).workers(0).shuffle(4).build();
        DataLoader validation = validation(FaintStripes.of(600, 2, 0.6));
        Model model =
            Model.build(
                backend,
                plain(Initializer.normal(0.03), Initializer.standard()),
                Shape.of(1, 8, 8),
                3)) {
      if (learned) {
        try (Optimizer first = Adam.of(model.parameters()).learningRate(0.01).build()) {
          new Trainer(model, loss, first).seed(5).fit(train, validation, 3);
        }
      }
      List<Parameter> all = model.parameters().state();
      all.subList(0, all.size() - 2).forEach(parameter -> parameter.setFrozen(true));
      try (Optimizer optimizer = Adam.of(model.parameters()).learningRate(0.01).build();
          Doctor doctor = Doctor.attach(model, loss, optimizer)) {
        doctor.data(train, validation).examined(List.of(NOTHING));
        new Trainer(model, loss, optimizer).seed(5).listener(doctor).fit(train, validation, 3);
        return doctor.findings();
      }
    }
  }

  private static Finding primary(Diagnosis expected, List<Finding> found) {
    assertEquals(
        expected, found.isEmpty() ? null : found.get(0).diagnosis(), () -> found.toString());
    return found.get(0);
  }

  @Test
  void theRunTheFaultsArePutIntoIsWell() {
    assertEquals(List.of(), diagnose(plain(), VALIDATION, 3));
  }

  @Test
  void validationLabelsThatAreNumberedOtherwise() {
    FaintStripes shifted = VALIDATION.labelled((shown, index) -> (shown + 1) % 3);
    Finding found = primary(Diagnosis.LABEL_NOISE, diagnose(plain(), shifted, 3));
    assertTrue(found.cause().contains("3 of 3 classes"), found::cause);
    assertEquals(Case.CONFIRMED, found.confidence());
  }

  @Test
  void validationLabelsOfOtherImages() {
    FaintStripes drawn = VALIDATION.mislabelled(100);
    Finding found = primary(Diagnosis.LABEL_NOISE, diagnose(plain(), drawn, 3));
    assertTrue(found.cause().startsWith("The labels of the validation"), found::cause);
    assertEquals(Case.LIKELY, found.confidence());
  }

  /** Files that are other ones: to load them as the training's are loaded changes nothing. */
  @Test
  void validationImagesOfAnotherKind() {
    Dataset weak = FaintStripes.of(600, 2, 0.01);
    Finding found = primary(Diagnosis.PREPROCESSING_MISMATCH, diagnose(plain(), weak, 3));
    assertTrue(found.cause().contains("from the first epoch on"), found::cause);
  }

  /** By the end of the first epoch the network knows by heart what has come so often in it. */
  @Test
  void imagesThatComeManyTimesTellNothing() {
    Dataset forty = TRAIN.subset(IntStream.range(0, 40).toArray());
    int[] order = IntStream.range(0, 1200).map(i -> i * 37 % 40).toArray();
    DataLoader often = DataLoader.of(forty).batchSize(16).workers(0).sampler(e -> order).build();
    List<Finding> found = diagnose(plain(), often, validation(VALIDATION), 6);
    assertFalse(found.isEmpty());
    assertTrue(found.stream().noneMatch(f -> f.cause().contains("first epoch")), found::toString);
  }

  /** At a smaller rate every loss falls at once, by what the steps throw about. */
  @Test
  void aSmallerRateThatMerelyCalmsIsNoCure() {
    assertEquals(Optional.empty(), ofSlowRun(0.02));
    assertEquals(Diagnosis.LR_TOO_HIGH, ofSlowRun(0.1).map(Finding::diagnosis).orElse(null));
  }

  private Optional<Finding> ofSlowRun(double lr) {
    CrossEntropyLoss loss = new CrossEntropyLoss();
    try (DataLoader train = DataLoader.of(TRAIN).batchSize(8).workers(0).shuffle(4).build();
        DataLoader validation = validation(VALIDATION);
        Model model = Model.build(backend, new Sequential(new Linear(3)), Shape.of(1, 8, 8), 3);
        Optimizer optimizer = SGD.of(model.parameters()).learningRate(lr).build();
        Vitals vitals = new Vitals(model);
        TrainingSnapshot beginning = new TrainingSnapshot(model, optimizer)) {
      moveFar(model, vitals, train);
      beginning.restore();
      new Trainer(model, loss, optimizer).fit(train, validation, 1);
      Subject subject = new Subject(model, loss, optimizer, train, validation, 3, 1);
      Trials trials =
          new Trials(subject, new Examiner(model), beginning, new LossRange(Math.log(3), 0), 1000);
      SyntheticHistory run =
          SyntheticHistory.healthy().loss(p -> 1.4).rate(p -> lr).sampled(vitals, "SGD");
      Case patient = new Case(subject, run.build(), Map.of(Symptom.SLOW, ""), trials);
      assertTrue(patient.history().largestUpdateRatio(100).orElse(0) > 0.02);
      Trial tenth = Trial.from(Trial.Start.NOW, "a tenth of the learning rate").rate(0.1);
      assertTrue(patient.cure(tenth.inFull()).isPresent(), "it is better");
      return new RateTooHigh().examine(patient);
    }
  }

  private void moveFar(Model model, Vitals vitals, DataLoader train) {
    try (Epoch epoch = train.epoch(0);
        Optimizer far = SGD.of(model.parameters()).learningRate(10).build();
        Pass pass = Pass.training(backend, 1)) {
      Batch batch = epoch.iterator().next();
      Tensor logits = model.forward(pass.images(batch));
      pass.backward(new CrossEntropyLoss().apply(logits, pass.targets(batch)));
      vitals.gradientsReady();
      far.step();
      vitals.stepDone();
    }
  }
}
