package gradus.doctor.cause;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gradus.TestBackend;
import gradus.autograd.Pass;
import gradus.backend.Backend;
import gradus.data.DataLoader;
import gradus.data.Dataset;
import gradus.data.Epoch;
import gradus.data.Sample;
import gradus.doctor.Diagnosis;
import gradus.doctor.Doctor;
import gradus.doctor.Finding;
import gradus.doctor.History;
import gradus.doctor.LossRange;
import gradus.doctor.Symptom;
import gradus.doctor.SyntheticHistory;
import gradus.doctor.Vitals;
import gradus.doctor.trial.Trials;
import gradus.layer.Model;
import gradus.loss.CrossEntropyLoss;
import gradus.optim.Optimizer;
import gradus.optim.SGD;
import gradus.schedule.Schedule;
import gradus.tensor.Batch;
import gradus.train.Checkpoints;
import gradus.train.EpochReport;
import gradus.train.Stripes;
import gradus.train.Trainer;
import gradus.train.TrainingListener;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is found of a run that was resumed is what would have been found without that. */
class ResumedRunsTest {
  private static final int EPOCHS = 10;
  private static final int LATE = 8; // it is resumed after

  @TempDir private Path folder;
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

  /** Half of the pictures have a label of any class. */
  private record HalfLearnable() implements Dataset {
    @Override
    public String name() {
      return "half";
    }

    @Override
    public int size() {
      return Stripes.DATA.size();
    }

    @Override
    public Sample get(int index) {
      return new Sample(Stripes.DATA.get(index).image(), label(index));
    }

    @Override
    public int label(int index) {
      return index % 2 == 0 ? (index / 2 * 7 + index / 6) % 3 : Stripes.DATA.label(index);
    }

    @Override
    public List<String> classNames() {
      return Stripes.DATA.classNames();
    }

    @Override
    public String contentHash() {
      return name();
    }
  }

  private Finding uninterrupted(Dataset data, double rate, Schedule schedule) {
    return train(data, rate, schedule, folder.resolve("whole"), EPOCHS, false);
  }

  private Finding resumed(Dataset data, double rate, Schedule schedule) {
    Path parts = folder.resolve("parts");
    train(data, rate, schedule, parts, LATE, false);
    return train(data, rate, schedule, parts, EPOCHS, true);
  }

  /** Until after an epoch, where somebody stops it if it is not the last. */
  private Finding train(
      Dataset data, double rate, Schedule schedule, Path checkpoints, int until, boolean resumes) {
    int[] order = new int[400];
    Arrays.setAll(order, i -> (i * 37 + i / 60) % 60);
    CrossEntropyLoss loss = new CrossEntropyLoss();
    DataLoader.Builder batches = DataLoader.of(data).workers(0);
    try (DataLoader train = batches.batchSize(16).sampler(epoch -> order).build();
        DataLoader held = DataLoader.of(data).workers(0).batchSize(20).build();
        Model model = Stripes.plainModel(backend);
        Optimizer optimizer = SGD.of(model.parameters()).learningRate(rate).build();
        Doctor doctor = Doctor.attach(model, loss, optimizer)) {
      Trainer trainer =
          new Trainer(model, loss, optimizer)
              .seed(5)
              .schedule(schedule)
              .checkpoints(Checkpoints.in(checkpoints))
              .doctor(doctor.data(train, held).examined(List.of()));
      trainer.listener(
          new TrainingListener() {
            @Override
            public void onEpoch(EpochReport report) {
              if (report.epoch() == until && until < EPOCHS) {
                trainer.stop();
              }
            }
          });
      (resumes ? trainer.resume() : trainer).fit(train, held, EPOCHS);
      List<Finding> found = doctor.findings();
      return found.isEmpty() ? null : found.get(0);
    }
  }

  /** The rate that is left is no rate to be multiplied by ten. */
  @Test
  void aRateThatCollapsedBeforeIsNotOneThatIsTooLow() {
    Schedule collapses = Schedule.lambda(epoch -> epoch < 1 ? 1 : 1e-5);
    Finding whole = uninterrupted(Stripes.DATA, 0.003, collapses);
    Finding resumed = resumed(Stripes.DATA, 0.003, collapses);
    assertEquals(Diagnosis.LR_SCHEDULE_COLLAPSE, whole.diagnosis());
    assertEquals(Diagnosis.LR_SCHEDULE_COLLAPSE, resumed.diagnosis());
    assertEquals("--schedule cosine", whole.remedy().option());
    assertEquals("--schedule cosine", resumed.remedy().option());
    assertTrue(resumed.cause().startsWith("The learning rate fell from 0.003 "), resumed::cause);
  }

  /** Short steps at the end of a cosine are not those of the run. */
  @Test
  void whatAScheduleHasLoweredDoesNotHideTheCause() {
    Finding whole = uninterrupted(new HalfLearnable(), 0.01, Schedule.cosine(EPOCHS));
    Finding resumed = resumed(new HalfLearnable(), 0.01, Schedule.cosine(EPOCHS));
    assertEquals(Diagnosis.CAPACITY_TOO_LOW, whole.diagnosis());
    assertEquals(Diagnosis.CAPACITY_TOO_LOW, resumed.diagnosis());
  }

  @Test
  void aRateThatIsTooLowIsTheRunsAndNotWhatIsLeftOfIt() {
    Finding whole = uninterrupted(Stripes.DATA, 1e-4, Schedule.cosine(EPOCHS));
    Finding resumed = resumed(Stripes.DATA, 1e-4, Schedule.cosine(EPOCHS));
    for (Finding finding : List.of(whole, resumed)) {
      assertEquals(Diagnosis.LR_TOO_LOW, finding.diagnosis());
      assertTrue(finding.cause().startsWith("A learning rate of 0.0001 "), finding::cause);
    }
  }

  /** At a rate of nearly nothing rounding takes whole steps away. */
  @Test
  void weightsThatNoLongerMoveHaveMoved() {
    try (Model model = Stripes.plainModel(backend);
        Vitals still = new Vitals(model)) {
      for (int step = 0; step < 5; step++) {
        standStill(model, still);
      }
      SyntheticHistory run = SyntheticHistory.healthy().sampled(still, "SGD");
      assertTrue(notUpdating(run.rate(p -> 0.05).build()).isPresent());
      History resumed = run.rate(p -> 1e-12).build();
      resumed.resume(List.of(new EpochReport(1, 1, 0.5, 1, 0.5, 0.05, 1, 1)), false);
      assertEquals(0.05, resumed.steps().peakRate());
      assertEquals(Optional.empty(), notUpdating(resumed));
    }
  }

  private static Optional<Finding> notUpdating(History history) {
    Trials none = new Trials(null, null, null, new LossRange(1, 0), 0);
    return new NotUpdating().examine(new Case(null, history, Map.of(Symptom.FLAT, ""), none));
  }

  private static void standStill(Model model, Vitals vitals) {
    try (DataLoader train = Stripes.loader(8).build();
        Epoch epoch = train.epoch(0);
        Pass pass = Pass.training(model.backend(), 1)) {
      Batch batch = epoch.iterator().next();
      pass.backward(
          new CrossEntropyLoss().apply(model.forward(pass.images(batch)), pass.targets(batch)));
      vitals.gradientsReady();
      vitals.stepDone();
    }
  }
}
