package gradus.doctor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gradus.GradusException;
import gradus.TestBackend;
import gradus.autograd.Pass;
import gradus.autograd.Tensor;
import gradus.backend.Backend;
import gradus.data.DataLoader;
import gradus.data.Dataset;
import gradus.data.Shapes;
import gradus.data.transform.Normalize;
import gradus.layer.Conv2d;
import gradus.layer.Linear;
import gradus.layer.MaxPool2d;
import gradus.layer.Model;
import gradus.layer.ReLU;
import gradus.layer.Sequential;
import gradus.loss.CrossEntropyLoss;
import gradus.optim.Optimizer;
import gradus.optim.SGD;
import gradus.schedule.LearningRate;
import gradus.schedule.Schedule;
import gradus.tensor.Batch;
import gradus.tensor.Shape;
import gradus.train.EpochReport;
import gradus.train.StepReport;
import gradus.train.StopReason;
import gradus.train.Stripes;
import gradus.train.Trainer;
import gradus.train.TrainingListener;
import gradus.train.TrainingReport;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.OptionalDouble;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class DoctorTest {
  private Backend backend;

  @BeforeEach
  void open() {
    backend = TestBackend.open();
  }

  @AfterEach
  void close() {
    backend.pool().trim();
    assertEquals(0, backend.memory().liveBytes(), "the doctor gives its memory back");
    backend.close();
  }

  /** What came of a run. */
  private record Run(
      List<Float> weights, List<Finding> findings, List<Finding> told, long trialSteps) {}

  private static int[] order() {
    int[] order = new int[1600];
    for (int i = 0; i < order.length; i++) {
      order[i] = (i * 37 + i / 60) % 60;
    }
    return order;
  }

  private Run run(double rate, DoctorMode mode) {
    return run(rate, mode, List.of());
  }

  private Run run(double rate, DoctorMode mode, List<Finding> beforehand) {
    try (DataLoader train = Stripes.loader(8).sampler(epoch -> order()).build();
        Model model = Stripes.plainModel(backend);
        Optimizer optimizer = SGD.of(model.parameters()).learningRate(rate).build();
        Doctor doctor = Doctor.attach(model, new CrossEntropyLoss(), optimizer)) {
      List<Finding> told = new ArrayList<>();
      Trainer trainer = new Trainer(model, new CrossEntropyLoss(), optimizer).seed(5);
      if (mode != null) {
        doctor.data(train, null).mode(mode).onFinding(told::add);
        if (!beforehand.isEmpty()) {
          doctor.examined(beforehand);
        }
        trainer.listener(doctor);
      }
      trainer.fit(train, null, 2);
      return new Run(Stripes.weights(model), doctor.findings(), told, doctor.trialSteps());
    }
  }

  @Test
  void aHealthyRunHasNoDiagnosisAndNoTrials() {
    Run run = run(0.05, DoctorMode.PROBE);
    assertEquals(List.of(), run.findings());
    assertEquals(List.of(), run.told());
    assertEquals(0, run.trialSteps());
  }

  @Test
  void theRunIsTheSameWithAndWithoutIt() {
    assertEquals(run(0.05, null).weights(), run(0.05, DoctorMode.PROBE).weights());
    Run sick = run(1e-6, DoctorMode.PROBE);
    assertTrue(sick.trialSteps() > 0);
    assertEquals(run(1e-6, null).weights(), sick.weights());
  }

  @Test
  void aRateThatIsTooHighIsConfirmedByASmallerOne() {
    Run run = run(1000, DoctorMode.PROBE);
    Finding finding = run.findings().get(0);
    assertEquals(Diagnosis.LR_TOO_HIGH, finding.diagnosis());
    assertEquals(0.9, finding.confidence());
    assertEquals(finding, run.told().get(run.told().size() - 1));
    assertTrue(finding.remedy().option().startsWith("--lr "), finding.remedy()::option);
  }

  @Test
  void aRateThatIsTooLowIsConfirmedByALargerOne() {
    Run run = run(1e-6, DoctorMode.PROBE);
    assertEquals(Diagnosis.LR_TOO_LOW, run.findings().get(0).diagnosis());
    assertEquals(1, run.told().size(), "told once");
  }

  private static Finding certain(Diagnosis diagnosis) {
    return Finding.certain(diagnosis, "It is so.", new Remedy("Mend it.", null, null));
  }

  private static List<Diagnosis> diagnoses(List<Finding> findings) {
    return findings.stream().map(Finding::diagnosis).toList();
  }

  @Test
  void whatIsCertainBeforehandDoesNotMakeItDeaf() {
    Finding leak = certain(Diagnosis.DATA_LEAKAGE);
    Run sick = run(1000, DoctorMode.PROBE, List.of(leak));
    List<Diagnosis> both = List.of(Diagnosis.DATA_LEAKAGE, Diagnosis.LR_TOO_HIGH);
    assertEquals(both, diagnoses(sick.findings()));
    assertEquals(both, diagnoses(sick.told()));
    Run healthy = run(0.05, DoctorMode.PROBE, List.of(leak));
    assertEquals(List.of(leak), healthy.findings(), "it stays at the end of a run that does well");
  }

  @Test
  void whereNothingCanBeLearnedNothingElseIsLookedFor() {
    Finding mismatch = certain(Diagnosis.LOSS_OUTPUT_MISMATCH);
    Run run = run(1000, DoctorMode.PROBE, List.of(mismatch));
    assertEquals(List.of(mismatch), run.findings());
    assertEquals(0, run.trialSteps());
  }

  /** What the run shows of it later is said of the same finding. */
  @Test
  void whatIsCertainBeforehandIsNotFoundOnceMore() {
    Run run = run(1000, DoctorMode.PROBE, List.of(certain(Diagnosis.LR_TOO_HIGH)));
    assertEquals(List.of(Diagnosis.LR_TOO_HIGH), diagnoses(run.findings()));
    assertEquals(1, run.findings().get(0).confidence());
    assertTrue(run.findings().get(0).evidence().size() > 1, "the trial is told");
    assertEquals(1, run.told().size());
  }

  /** A loop of one's own that does not tell of its gradients. */
  private Finding withoutGradients(double rate) {
    try (DataLoader train = Stripes.loader(8).sampler(epoch -> order()).build();
        Model model = Stripes.plainModel(backend);
        Optimizer optimizer = SGD.of(model.parameters()).learningRate(rate).build();
        Doctor doctor = Doctor.attach(model, new CrossEntropyLoss(), optimizer)) {
      doctor.data(train, null).onStart(2);
      Trainer trainer = new Trainer(model, new CrossEntropyLoss(), optimizer);
      trainer.listener(
          new TrainingListener() {
            @Override
            public void onStep(StepReport report) {
              doctor.onStep(report);
            }

            @Override
            public void onEpoch(EpochReport report) {
              doctor.onEpoch(report);
            }

            @Override
            public void onEnd(TrainingReport report) {
              doctor.onEnd(report);
            }
          });
      trainer.fit(train, null, 2);
      assertEquals(OptionalDouble.empty(), doctor.history().largestUpdateRatio(100));
      return doctor.findings().get(0);
    }
  }

  @Test
  void aLoopThatDoesNotTellOfItsGradientsIsNotTakenForOneThatHardlyMoves() {
    Finding low = withoutGradients(1e-6);
    assertEquals(Diagnosis.LR_TOO_LOW, low.diagnosis());
    assertFalse(low.toString().contains("by at most 0"), low::toString);
    Finding high = withoutGradients(1000);
    assertEquals(Diagnosis.LR_TOO_HIGH, high.diagnosis());
    assertFalse(high.toString().contains("moved by 0"), high::toString);
    assertFalse(high.toString().contains("nothing changed"), "no trial of a rate that is too low");
  }

  @Test
  void watchingDoesNoTrials() {
    Run run = run(1000, DoctorMode.WATCH);
    assertEquals(0, run.trialSteps());
    assertNotEquals(List.of(), run.findings());
  }

  /** After each epoch, what the rate is to be multiplied by at its lowest. */
  private List<Double> ahead(Schedule schedule, int accumulation) {
    List<Double> ahead = new ArrayList<>();
    try (DataLoader train = Stripes.loader(8).build();
        Model model = Stripes.plainModel(backend);
        Optimizer optimizer = SGD.of(model.parameters()).build();
        Doctor doctor = Doctor.attach(model, new CrossEntropyLoss(), optimizer)) {
      new Trainer(model, new CrossEntropyLoss(), optimizer)
          .accumulate(accumulation)
          .schedule(schedule)
          .doctor(doctor.data(train, null).mode(DoctorMode.WATCH))
          .listener(
              new TrainingListener() {
                @Override
                public void onEpoch(EpochReport report) {
                  ahead.add(doctor.history().lowestFactorAhead());
                }
              })
          .fit(train, null, 3);
    }
    return ahead;
  }

  @Test
  void knowsTheScheduleOfATrainer() {
    List<Double> ahead = ahead(Schedule.step(1, 0.1), 1);
    assertEquals(3, ahead.size());
    assertEquals(0.01, ahead.get(0), 1e-12);
    assertEquals(0.1, ahead.get(1), 1e-12);
    assertEquals(1, ahead.get(2));
  }

  /** Eight batches are an epoch: the rate of its last is not that of its first. */
  @Test
  void theRateOfAnUpdateIsThatOfItsLastBatch() {
    assertEquals(ahead(Schedule.cosine(3), 1), ahead(Schedule.cosine(3), 8));
  }

  @Test
  void isToldTheScheduleOfALoopOfOnesOwn() {
    try (DataLoader train = Stripes.loader(8).build();
        Model model = Stripes.plainModel(backend);
        Optimizer optimizer = SGD.of(model.parameters()).build();
        Doctor doctor = Doctor.attach(model, new CrossEntropyLoss(), optimizer)) {
      doctor.data(train, null).mode(DoctorMode.WATCH).onStart(2);
      assertEquals(1, doctor.history().lowestFactorAhead(), "nothing is known");
      doctor.learningRate(LearningRate.of(optimizer).schedule(Schedule.linear(1, 0.2, 1)));
      doctor.onStart(2);
      assertEquals(0.2, doctor.history().lowestFactorAhead(), 1e-12);
    }
  }

  /** Ended by early stopping: of a run that began anew that would be too soon. */
  @Test
  void aResumedRunIsAsFarAsItIs() {
    EpochReport earlier = new EpochReport(1, 1, 0.5, 1, 0.5, 0.1, 1, 1);
    try (DataLoader train = Stripes.loader(8).build();
        Model model = Stripes.plainModel(backend);
        Optimizer optimizer = SGD.of(model.parameters()).build();
        Doctor doctor = Doctor.attach(model, new CrossEntropyLoss(), optimizer)) {
      doctor.data(train, null).mode(DoctorMode.WATCH).onStart(8);
      assertEquals(0, doctor.history().progress());
      doctor.onResume(Collections.nCopies(6, earlier));
      assertEquals(0.75, doctor.history().progress());
      assertEquals(6, doctor.history().epochs().size());
    }
  }

  @Test
  void aLoopThatTellsOfNoEpochsMayEndEarly() {
    try (DataLoader train = Stripes.loader(8).build();
        Model model = Stripes.plainModel(backend);
        Optimizer optimizer = SGD.of(model.parameters()).build();
        Doctor doctor = Doctor.attach(model, new CrossEntropyLoss(), optimizer)) {
      doctor.data(train, train).mode(DoctorMode.WATCH).onStart(2);
      for (int step = 1; step <= 7; step++) {
        doctor.onStep(new StepReport(1, step, 8, 8, 1, 4, 0.1));
      }
      doctor.onEnd(new TrainingReport(List.of(), StopReason.EARLY_STOPPING, 7, 1, 1));
      assertTrue(doctor.history().hasEnded());
      assertTrue(doctor.history().checkups().size() > 3);
    }
  }

  /** Steps are updates, to what the history tells of losses as to what is sampled of weights. */
  @Test
  void countsUpdatesAndNotTheBatchesTheyAreMadeOf() {
    try (DataLoader train = Stripes.loader(4).sampler(epoch -> order()).build();
        Model model = Stripes.plainModel(backend);
        Optimizer optimizer = SGD.of(model.parameters()).learningRate(0.05).build();
        Doctor doctor = Doctor.attach(model, new CrossEntropyLoss(), optimizer)) {
      new Trainer(model, new CrossEntropyLoss(), optimizer)
          .accumulate(150)
          .doctor(doctor.data(train, null).mode(DoctorMode.WATCH))
          .fit(train, null, 2);
      History history = doctor.history();
      assertEquals(6, optimizer.steps(), "400 batches are two updates of 150 and one of 100");
      assertEquals(6, history.steps().steps());
      assertEquals(3, history.facts().stepsPerEpoch());
      assertEquals(6, history.facts().plannedSteps());
      assertEquals(600, history.facts().imagesPerUpdate());
      assertEquals(1, history.progress());
      Vitals vitals = history.vitals();
      assertEquals(5, vitals.stepOf(vitals.samples() - 1), "of the first five updates");
      List<Long> judged = history.checkups().stream().map(Checkup::step).toList();
      assertEquals(List.of(0L, 1L, 2L, 3L, 4L, 5L, 6L), judged, "none without an update between");
    }
  }

  @Test
  void countsNoBatchThatTheLoaderDrops() {
    try (DataLoader train = Stripes.loader(500).sampler(epoch -> order()).dropLast(true).build();
        Model model = Stripes.plainModel(backend);
        Optimizer optimizer = SGD.of(model.parameters()).learningRate(0.05).build();
        Doctor doctor = Doctor.attach(model, new CrossEntropyLoss(), optimizer)) {
      new Trainer(model, new CrossEntropyLoss(), optimizer)
          .accumulate(4)
          .doctor(doctor.data(train, null).mode(DoctorMode.WATCH))
          .fit(train, null, 2);
      History.Facts facts = doctor.history().facts();
      assertEquals(2, optimizer.steps(), "of three batches each: what is left makes no fourth");
      assertEquals(1, facts.stepsPerEpoch());
      assertEquals(2, facts.plannedSteps());
      assertEquals(1500, facts.imagesPerUpdate(), "an update is at most an epoch");
    }
  }

  /** Whoever adds it as any other listener has a doctor all the same. */
  @Test
  void isToldOfTheRunWhicheverWayItIsAdded() {
    try (DataLoader train = Stripes.loader(8).build();
        Model model = Stripes.plainModel(backend);
        Optimizer optimizer = SGD.of(model.parameters()).learningRate(0.05).build();
        Doctor doctor = Doctor.attach(model, new CrossEntropyLoss(), optimizer)) {
      new Trainer(model, new CrossEntropyLoss(), optimizer)
          .accumulate(4)
          .listener(doctor.data(train, null).mode(DoctorMode.WATCH))
          .fit(train, null, 1);
      assertEquals(32, doctor.history().facts().imagesPerUpdate());
      assertEquals(2, doctor.history().steps().steps());
    }
  }

  @Test
  void isToldOfTheUpdatesOfALoopOfOnesOwn() {
    try (DataLoader train = Stripes.loader(8).build();
        Model model = Stripes.plainModel(backend);
        Optimizer optimizer = SGD.of(model.parameters()).build();
        Doctor doctor = Doctor.attach(model, new CrossEntropyLoss(), optimizer)) {
      doctor.data(train, train).mode(DoctorMode.WATCH).accumulate(3).onStart(2);
      for (int step = 1; step <= 8; step++) {
        doctor.onStep(new StepReport(1, step, 8, 8, step, 4, 0.1));
      }
      assertEquals(3, doctor.history().steps().steps());
      assertEquals(2, doctor.history().steps().loss(0));
      assertEquals(5, doctor.history().steps().loss(1));
      assertEquals(7.5, doctor.history().steps().loss(2));
      assertEquals(0.5, doctor.history().progress());
    }
  }

  @Test
  void whoeverStopsARunDoesNotWaitForTrials() {
    try (DataLoader train = Stripes.loader(8).build();
        Model model = Stripes.plainModel(backend);
        Optimizer optimizer = SGD.of(model.parameters()).learningRate(1e-6).build();
        Doctor doctor = Doctor.attach(model, new CrossEntropyLoss(), optimizer)) {
      Trainer trainer = new Trainer(model, new CrossEntropyLoss(), optimizer);
      trainer
          .doctor(doctor.data(train, null))
          .listener(
              new TrainingListener() {
                @Override
                public void onStep(StepReport step) {
                  trainer.stop();
                }
              })
          .fit(train, null, 100);
      assertEquals(0, doctor.trialSteps());
      assertEquals(List.of(), doctor.findings());
    }
  }

  /**
   * The rate is that of the first steps, of which there are few, and not the schedule's highest.
   */
  @Test
  void aRunThatFailsInItsWarmUpHadARateTooHigh() {
    int[] order = new int[1600];
    Arrays.setAll(order, i -> (i * 37 + i / 60) % 60);
    try (DataLoader train = Stripes.loader(8).sampler(epoch -> order).build();
        Model model =
            Model.build(
                backend,
                new Sequential(new Conv2d(4, 3), new Linear(3)), // without units that may die
                Shape.of(1, 8, 8),
                3);
        Optimizer optimizer = SGD.of(model.parameters()).learningRate(1e6).build();
        Doctor doctor = Doctor.attach(model, new CrossEntropyLoss(), optimizer)) {
      TrainingReport report =
          new Trainer(model, new CrossEntropyLoss(), optimizer)
              .schedule(Schedule.linear(0, 1, 10))
              .doctor(doctor.data(train, null))
              .fit(train, null, 2);
      assertEquals(0, report.epochs().size(), "it ends in the first epoch");
      assertEquals(Diagnosis.LR_TOO_HIGH, doctor.findings().get(0).diagnosis());
    }
  }

  private static Tensor refuse(Tensor output, Tensor target) {
    throw new GradusException("This loss takes nothing: " + target);
  }

  @Test
  void aDefectIsToldEvenIfNothingCanBeComputed() {
    List<Finding> told = new ArrayList<>();
    try (DataLoader train = Stripes.loader(8).build();
        Model model = Stripes.plainModel(backend);
        Optimizer optimizer = SGD.of(model.parameters()).build();
        Doctor doctor = Doctor.attach(model, DoctorTest::refuse, optimizer)) {
      doctor.data(train, null).onFinding(told::add);
      assertThrows(GradusException.class, () -> doctor.onStart(1));
      assertEquals(Diagnosis.LOSS_OUTPUT_MISMATCH, told.get(0).diagnosis());
      assertEquals(told, doctor.findings());
    }
  }

  @Test
  void needsToKnowTheData() {
    try (Model model = Stripes.plainModel(backend);
        Optimizer optimizer = SGD.of(model.parameters()).build();
        Doctor doctor = Doctor.attach(model, new CrossEntropyLoss(), optimizer)) {
      GradusException error = assertThrows(GradusException.class, () -> doctor.onStart(1));
      assertTrue(error.getMessage().contains("data(trainLoader"), error::getMessage);
    }
  }

  /**
   * The optimizer has the parameters of a copy, which a loop of one's own does not notice:
   * gradients come, and nothing moves.
   */
  @Test
  void parametersThatDoNotMove() {
    Dataset shapes = Shapes.of(256, 1);
    try (DataLoader train =
            DataLoader.of(shapes)
                .batchSize(16)
                .workers(0)
                .shuffle(3)
                .transform(Normalize.from(shapes.take(100).images()))
                .build();
        Model model = Model.build(backend, net(), Shape.of(3, 32, 32), 1);
        Model copy = Model.build(backend, net(), Shape.of(3, 32, 32), 1);
        Optimizer optimizer = SGD.of(copy.parameters()).build();
        Doctor doctor = Doctor.attach(model, new CrossEntropyLoss(), optimizer)) {
      TrainingListener listener = doctor.data(train, null);
      listener.onStart(1);
      int step = 0;
      for (Batch batch : train.epoch(0)) {
        try (Pass pass = Pass.training(backend)) {
          Tensor logits = model.forward(pass.images(batch));
          Tensor loss = new CrossEntropyLoss().apply(logits, pass.labels(batch));
          pass.backward(loss);
          listener.onGradients();
          optimizer.step();
          listener.onStep(
              new StepReport(1, ++step, train.batches(), batch.size(), loss.item(), 0, 0.01));
        }
      }
      listener.onEpoch(new EpochReport(1, 2.3, 0.1, Double.NaN, Double.NaN, 0.01, 1, 256));
      Finding finding = doctor.findings().get(0);
      assertEquals(Diagnosis.PARAMETERS_NOT_UPDATING, finding.diagnosis());
      assertEquals(1, finding.confidence());
    }
  }

  private static Sequential net() {
    return new Sequential(new Conv2d(4, 3), new ReLU(), new MaxPool2d(4), new Linear(10));
  }
}
