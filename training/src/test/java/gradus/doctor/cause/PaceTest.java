package gradus.doctor.cause;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gradus.TestBackend;
import gradus.backend.Backend;
import gradus.data.DataLoader;
import gradus.doctor.Examiner;
import gradus.doctor.History;
import gradus.doctor.LossRange;
import gradus.doctor.Subject;
import gradus.doctor.Symptom;
import gradus.doctor.SyntheticHistory;
import gradus.doctor.trial.Trial;
import gradus.doctor.trial.TrialOutcome;
import gradus.doctor.trial.Trials;
import gradus.layer.Model;
import gradus.loss.CrossEntropyLoss;
import gradus.optim.Optimizer;
import gradus.optim.SGD;
import gradus.train.Stripes;
import gradus.train.TrainingSnapshot;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Of a network that learns in few steps. */
class PaceTest {
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

  /** Shows a run that has learned nothing at this rate, and the pace of so many times the rate. */
  private void with(double rate, double momentum, double factor, BiConsumer<Case, Pace> look) {
    try (DataLoader train = Stripes.loader(8).build();
        Model model = Stripes.model(backend, 3);
        Optimizer optimizer =
            SGD.of(model.parameters()).learningRate(rate).momentum(momentum).build();
        TrainingSnapshot beginning = new TrainingSnapshot(model, optimizer)) {
      Subject subject = new Subject(model, new CrossEntropyLoss(), optimizer, train, null, 1, 1);
      Trials trials =
          new Trials(subject, new Examiner(model), beginning, new LossRange(Math.log(3), 0), 1000);
      History history = SyntheticHistory.healthy().loss(p -> Math.log(10)).rate(p -> rate).build();
      Case patient = new Case(subject, history, Map.of(Symptom.FLAT, "as it is"), trials);
      Trial trial = Trial.from(Trial.Start.BEGINNING, factor + " times").rate(factor);
      look.accept(patient, Pace.of(patient, trial).orElseThrow());
    }
  }

  @Test
  void plainSgdThatIsSlowIsOfferedMomentum() {
    with(
        1e-5,
        0,
        500,
        (patient, plain) -> {
          Pace better = plain.withMomentum(patient);
          assertEquals(0.9, better.trial().momentum().orElseThrow());
          assertEquals(150, better.factor(), 1e-9);
          assertTrue(better.outcome().outpaces(plain.outcome(), 3));
          assertEquals("0.0015 with momentum 0.9", better.words(patient));
          assertEquals(
              "optimizer.setMomentum(0.9); optimizer.setLearningRate(0.0015);"
                  + " trainer.schedule(Schedule.cosine(5))",
              better.remedy(patient, "").java());
          assertEquals(
              "--lr 0.0015 --momentum 0.9 --schedule cosine", better.remedy(patient, "").option());
          assertEquals(80, patient.trials().steps());
        });
  }

  @Test
  void momentumThatDoesNotLearnFasterIsLeftOut() {
    with(
        1e-5,
        0,
        500,
        (patient, pace) -> {
          TrialOutcome perfect =
              new TrialOutcome("", 1, 0, 1, 1, Collections.nCopies(40, 1e-9), List.of());
          Pace plain = new Pace(pace.trial(), perfect);
          assertSame(plain, plain.withMomentum(patient));
          assertEquals(80, patient.trials().steps(), "it was tried");
          assertEquals("0.005", plain.words(patient));
          assertEquals("--lr 0.005 --schedule cosine", plain.remedy(patient, "").option());
          assertEquals(
              "optimizer.setLearningRate(0.005); trainer.schedule(Schedule.cosine(5))",
              plain.remedy(patient, "").java());
        });
  }

  @Test
  void whoeverHasMomentumKeepsIt() {
    with(
        1e-5,
        0.5,
        500,
        (patient, pace) -> {
          assertSame(pace, pace.withMomentum(patient));
          assertEquals(40, patient.trials().steps(), "nothing else is tried");
        });
  }
}
