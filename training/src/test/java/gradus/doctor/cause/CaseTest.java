package gradus.doctor.cause;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gradus.TestBackend;
import gradus.backend.Backend;
import gradus.data.DataLoader;
import gradus.doctor.Examiner;
import gradus.doctor.LossRange;
import gradus.doctor.Subject;
import gradus.doctor.Symptom;
import gradus.doctor.SyntheticHistory;
import gradus.doctor.trial.Trial;
import gradus.doctor.trial.TrialOutcome;
import gradus.doctor.trial.Trials;
import gradus.layer.BatchNorm2d;
import gradus.layer.Conv2d;
import gradus.layer.Initializer;
import gradus.layer.Linear;
import gradus.layer.Model;
import gradus.layer.ReLU;
import gradus.layer.Sequential;
import gradus.loss.CrossEntropyLoss;
import gradus.optim.Optimizer;
import gradus.optim.SGD;
import gradus.schedule.Schedule;
import gradus.tensor.Shape;
import gradus.train.Stripes;
import gradus.train.TrainingSnapshot;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** How long trials go on, of a network that learns in few steps. */
class CaseTest {
  private static final String FLAT = "0.001 times the rate, as the run has it";

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

  /** What comes of asking a run of that rate, and how many steps that took. */
  private record Asked(Optional<TrialOutcome> outcome, long steps) {}

  private Asked ask(double rate, Function<Case, Optional<TrialOutcome>> question) {
    return ask(Stripes.model(backend, 3), rate, question);
  }

  private Asked ask(Model given, double rate, Function<Case, Optional<TrialOutcome>> question) {
    SyntheticHistory flat = SyntheticHistory.healthy().loss(p -> Math.log(10));
    return ask(given, rate, Map.of(Symptom.FLAT, FLAT), flat, question);
  }

  private Asked ask(
      Model given,
      double rate,
      Map<Symptom, String> symptoms,
      SyntheticHistory history,
      Function<Case, Optional<TrialOutcome>> question) {
    try (DataLoader train = Stripes.loader(8).build();
        Model model = given;
        Optimizer optimizer = SGD.of(model.parameters()).learningRate(rate).build();
        TrainingSnapshot beginning = new TrainingSnapshot(model, optimizer)) {
      Subject subject = new Subject(model, new CrossEntropyLoss(), optimizer, train, null, 1, 1);
      Trials trials =
          new Trials(subject, new Examiner(model), beginning, new LossRange(Math.log(3), 0), 1000);
      Case patient = new Case(subject, history.build(), symptoms, trials);
      Optional<TrialOutcome> outcome = question.apply(patient);
      return new Asked(outcome, trials.steps());
    }
  }

  private static Trial times(double factor) {
    return Trial.from(Trial.Start.BEGINNING, factor + " times the rate").rate(factor);
  }

  @Test
  void aCureThatIsPlainEndsEarly() {
    Asked asked = ask(5e-5, patient -> patient.cure(times(1000)));
    assertTrue(asked.outcome().isPresent());
    assertEquals(20, asked.steps());
    assertEquals(20, asked.outcome().get().losses().size());
  }

  /** In evaluation mode nothing passes the norm, whose statistics stay those of the beginning. */
  @Test
  void whatLooksCuredInTrainingAloneGoesOn() {
    Sequential net =
        new Sequential(
            new Conv2d(4, 3).weights(Initializer.normal(1e-4)),
            new BatchNorm2d().momentum(0),
            new ReLU(),
            new Linear(3));
    Model model = Model.build(backend, net, Shape.of(1, 8, 8), 3);
    model.parameters().list().get(0).setFrozen(true); // they would grow
    Asked asked = ask(model, 5e-5, patient -> patient.cure(times(1000)));
    assertTrue(asked.outcome().isEmpty());
    assertTrue(asked.steps() >= 60, () -> asked.steps() + " steps");
  }

  @Test
  void oneThatIsComparedDoesAllItsSteps() {
    Asked asked = ask(5e-5, patient -> patient.cure(times(1000).inFull()));
    assertTrue(asked.outcome().isPresent());
    assertEquals(40, asked.steps());
  }

  @Test
  void whatChangesNothingEndsHalfway() {
    Asked asked = ask(5e-5, patient -> patient.improvement(times(1.001)));
    assertTrue(asked.outcome().isEmpty());
    assertEquals(40 + 20, asked.steps(), "the control, and half a trial");
    Asked better = ask(5e-5, patient -> patient.improvement(times(1000)));
    assertTrue(better.outcome().isPresent());
    assertEquals(80, better.steps());
  }

  @Test
  void theRunOnceMoreEndsHalfwayIfItsLossStays() {
    assertEquals(20, ask(1e-7, Case::again).steps());
    assertTrue(ask(1e-7, Case::again).outcome().isEmpty());
    Asked learns = ask(0.05, Case::again);
    assertTrue(learns.outcome().isPresent());
    assertEquals(40, learns.steps());
  }

  @Test
  void aRateThatIsYetToFallIsNotTakenForTooHigh() {
    Map<Symptom, String> jumps = Map.of(Symptom.OSCILLATING, "up and down");
    Function<Case, Optional<TrialOutcome>> smaller =
        patient -> {
          new RateTooHigh().examine(patient);
          return Optional.empty();
        };
    SyntheticHistory run = SyntheticHistory.healthy().until(0.6);
    assertTrue(ask(Stripes.model(backend, 3), 0.05, jumps, run, smaller).steps() > 0);
    run.schedule(Schedule.cosine(5));
    assertEquals(0, ask(Stripes.model(backend, 3), 0.05, jumps, run, smaller).steps());
    assertTrue(
        ask(Stripes.model(backend, 3), 0.05, Map.of(Symptom.DIVERGING, "up"), run, smaller).steps()
            > 0,
        "from the beginning it is");
  }

  @Test
  void theRateIsSoughtAroundTheLikelyOne() {
    assertEquals(1, RateTooLow.likely(1e-3));
    assertEquals(3, RateTooLow.likely(1e-5));
    assertEquals(4, RateTooLow.likely(0));
    Asked asked =
        ask(
            1e-4,
            patient -> {
              RateTooLow.Search search = new RateTooLow.Search(patient);
              int best = search.from(2);
              assertTrue(best >= 2 && best <= 3, () -> "times 10^" + best);
              return search.outcome(best);
            });
    assertTrue(asked.outcome().isPresent());
    assertTrue(asked.steps() <= 160, () -> asked.steps() + " steps: each power is tried once");
  }
}
