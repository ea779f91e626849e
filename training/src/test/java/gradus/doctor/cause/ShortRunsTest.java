package gradus.doctor.cause;

import static org.junit.jupiter.api.Assertions.assertEquals;

import gradus.TestBackend;
import gradus.backend.Backend;
import gradus.data.DataLoader;
import gradus.doctor.Diagnosis;
import gradus.doctor.Doctor;
import gradus.doctor.Finding;
import gradus.doctor.Symptom;
import gradus.layer.Model;
import gradus.loss.CrossEntropyLoss;
import gradus.optim.Optimizer;
import gradus.optim.SGD;
import gradus.schedule.Schedule;
import gradus.train.Stripes;
import gradus.train.Trainer;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Runs of few steps, which end before much of anything shows. */
class ShortRunsTest {
  private static final int IMAGES = 640; // of an epoch
  private static final int EPOCHS = 5;

  private static List<Finding> diagnose(int batch, double rate, Schedule schedule) {
    return diagnose(IMAGES, batch, rate, schedule);
  }

  private static List<Finding> diagnose(int images, int batch, double rate, Schedule schedule) {
    return diagnose(images, batch, rate, schedule, EPOCHS);
  }

  private static List<Finding> diagnose(
      int images, int batch, double rate, Schedule schedule, int epochs) {
    int[] order = new int[images];
    Arrays.setAll(order, i -> (i * 37 + i / 60) % 60);
    CrossEntropyLoss loss = new CrossEntropyLoss();
    try (Backend backend = TestBackend.open();
        DataLoader train = Stripes.loader(batch).sampler(epoch -> order).build();
        Model model = Stripes.plainModel(backend);
        Optimizer optimizer = SGD.of(model.parameters()).learningRate(rate).build();
        Doctor doctor = Doctor.attach(model, loss, optimizer)) {
      doctor.data(train, train).examined(List.of());
      new Trainer(model, loss, optimizer)
          .schedule(schedule)
          .doctor(doctor)
          .fit(train, train, epochs);
      return doctor.findings();
    }
  }

  private static Finding tooLarge(int smaller, List<Finding> findings) {
    assertEquals(
        Diagnosis.BATCH_TOO_LARGE,
        findings.isEmpty() ? null : findings.get(0).diagnosis(),
        () -> findings.stream().map(Finding::sentence).toList().toString());
    assertEquals("--batch " + smaller, findings.get(0).remedy().option());
    return findings.get(0);
  }

  @Test
  void fewStepsGetNowhere() {
    tooLarge(40, diagnose(320, 0.03, Schedule.constant()));
  }

  /** It is at the end that a run with this schedule shows it, when the rate moves nothing. */
  @Test
  void norDoThoseOfARunWhoseRateHasFallen() {
    Finding flat = tooLarge(40, diagnose(320, 0.003, Schedule.cosine(EPOCHS)));
    assertEquals(Symptom.FLAT, flat.symptom());
    Finding slow = tooLarge(20, diagnose(160, 0.01, Schedule.cosine(EPOCHS)));
    assertEquals(Symptom.SLOW, slow.symptom());
  }

  /** With a constant rate that is seen while it trains; with a cosine it is not. */
  @Test
  void fewStepsOfSmallBatchesAreTooShortARun() {
    for (Schedule schedule : List.of(Schedule.constant(), Schedule.cosine(EPOCHS))) {
      List<Finding> findings = diagnose(32, 16, 0.05, schedule);
      assertEquals(Diagnosis.UNDERTRAINED, findings.get(0).diagnosis());
      assertEquals("--epochs 40", findings.get(0).remedy().option());
    }
  }

  /** Three times as many would be too few again. */
  @Test
  void theRemedyOfAShortRunMakesItLongEnough() {
    List<Finding> findings = diagnose(32, 16, 0.05, Schedule.cosine(EPOCHS));
    int epochs =
        Integer.parseInt(findings.get(0).remedy().option().substring("--epochs ".length()));
    assertEquals(List.of(), diagnose(32, 16, 0.05, Schedule.cosine(epochs), epochs));
  }

  @Test
  void asManyImagesInMoreStepsAreFine() {
    assertEquals(List.of(), diagnose(16, 0.03, Schedule.constant()));
    assertEquals(List.of(), diagnose(16, 0.03, Schedule.cosine(EPOCHS)));
  }
}
