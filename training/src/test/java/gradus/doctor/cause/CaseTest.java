package gradus.doctor.cause;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gradus.TestBackend;
import gradus.autograd.Pass;
import gradus.autograd.Tensor;
import gradus.backend.Backend;
import gradus.data.DataLoader;
import gradus.data.Epoch;
import gradus.doctor.Examiner;
import gradus.doctor.Finding;
import gradus.doctor.History;
import gradus.doctor.LossRange;
import gradus.doctor.Subject;
import gradus.doctor.Symptom;
import gradus.doctor.Symptoms;
import gradus.doctor.SyntheticHistory;
import gradus.doctor.Vitals;
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
import gradus.tensor.Batch;
import gradus.tensor.Shape;
import gradus.train.Stripes;
import gradus.train.TrainingSnapshot;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
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
    SyntheticHistory flat = SyntheticHistory.healthy().loss(p -> Math.log(10)).rate(p -> rate);
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

  private static Trial now(double factor) {
    return Trial.from(Trial.Start.NOW, factor + " times the rate").rate(factor);
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

  /**
   * At the end of a schedule, where trials begin at the beginning: what learns a little faster
   * there is no cure, for there everything learns. It is one where hardly anything did.
   */
  @Test
  void whatTheRunLearnedAtItsHighestRateIsNoCure() {
    for (Symptom symptom : List.of(Symptom.FLAT, Symptom.SLOW)) {
      SyntheticHistory run =
          symptom == Symptom.FLAT
              ? SyntheticHistory.healthy().loss(p -> Math.log(10)).until(60.0 / 500)
              : SyntheticHistory.healthy().loss(p -> 2);
      Asked faster =
          ask(
              Stripes.model(backend, 3),
              1e-3,
              Map.of(symptom, "at a twentieth of the rate"),
              run.rate(p -> 0.05),
              patient -> {
                assertEquals(Trial.Start.BEGINNING, patient.start());
                TrialOutcome control = patient.trials().control(patient.start()).orElseThrow();
                TrialOutcome more = patient.trials().run(times(1.3).inFull()).orElseThrow();
                assertTrue(more.learnsWhere(control.skill()), () -> "" + more);
                return patient.relief(times(1.3).inFull());
              });
      assertTrue(faster.outcome().isEmpty(), symptom::toString);
      Asked cured =
          ask(
              Stripes.model(backend, 3),
              5e-5,
              Map.of(symptom, "at a thousandth of the rate"),
              run,
              patient -> patient.relief(times(1000)));
      assertTrue(cured.outcome().isPresent(), "what the run would never have learned");
    }
  }

  /** In as many steps as a trial has the run would have left the plateau by itself. */
  @Test
  void whatAShortRunWouldHaveLearnedAnyhowIsNoCure() {
    SyntheticHistory fifteenSteps =
        SyntheticHistory.healthy().loss(p -> Math.log(10)).rate(p -> 1e-3).until(15.0 / 500);
    Asked sooner =
        ask(
            Stripes.model(backend, 3),
            1e-3,
            Map.of(Symptom.FLAT, FLAT),
            fifteenSteps,
            patient -> {
              TrialOutcome control = patient.trials().control(Trial.Start.BEGINNING).orElseThrow();
              TrialOutcome faster = patient.trials().run(times(1.3).inFull()).orElseThrow();
              assertTrue(control.skill() > 0.4 && control.skill() < 0.6, () -> "" + control);
              assertTrue(faster.learnsWhere(control.skill()), () -> "" + faster);
              return patient.cure(times(1.3).inFull());
            });
    assertTrue(sooner.outcome().isEmpty());
    Asked cured =
        ask(
            Stripes.model(backend, 3),
            5e-5,
            Map.of(Symptom.FLAT, FLAT),
            fifteenSteps,
            patient -> patient.cure(times(1000)));
    assertTrue(cured.outcome().isPresent(), "what the run would never have learned");
  }

  @Test
  void whatChangesNothingEndsHalfway() {
    Asked asked = ask(5e-5, patient -> patient.improvement(now(1.001)));
    assertTrue(asked.outcome().isEmpty());
    assertEquals(40 + 20, asked.steps(), "the control, and half a trial");
    Asked better = ask(5e-5, patient -> patient.improvement(now(1000)));
    assertTrue(better.outcome().isPresent());
    assertEquals(80, better.steps());
    Asked fromTheBeginning = ask(5e-5, patient -> patient.improvement(times(1.001)));
    assertEquals(80, fromTheBeginning.steps(), "where the loss may stay for half of them");
  }

  @Test
  void theRunOnceMoreEndsHalfwayIfItsLossStays() {
    assertEquals(20, ask(1e-7, Case::again).steps());
    assertTrue(ask(1e-7, Case::again).outcome().isEmpty());
    Asked learns = ask(0.05, Case::again);
    assertTrue(learns.outcome().isPresent());
    assertEquals(40, learns.steps());
  }

  /** A rate of nothing is a symptom even where the schedule is yet to lower it further. */
  @Test
  void aRateThatHasFallenToNothingIsNotTooHigh() {
    try (Model moved = Stripes.model(backend, 3);
        Vitals vitals = new Vitals(moved)) {
      moveFar(moved, vitals);
      Schedule falling = Schedule.exponential(0.01);
      SyntheticHistory run =
          SyntheticHistory.healthy()
              .loss(p -> Math.max(1.4, 2.3 - 10 * p))
              .schedule(falling)
              .sampled(vitals, "SGD")
              .until(0.7);
      History history = run.build();
      assertTrue(history.isRateToFall());
      assertTrue(history.largestUpdateRatio(100).orElse(0) > 0.02);
      Map<Symptom, String> seen = Symptoms.of(history);
      assertEquals(Set.of(Symptom.STALLED), seen.keySet());
      List<Finding> found = new ArrayList<>();
      ask(
          Stripes.model(backend, 3),
          0.05 * falling.factor(3.5),
          seen,
          run,
          patient -> {
            new RateTooHigh().examine(patient).ifPresent(found::add);
            return Optional.empty();
          });
      assertEquals(List.of(), found);
    }
  }

  private void moveFar(Model model, Vitals vitals) {
    try (DataLoader train = Stripes.loader(8).build();
        Epoch epoch = train.epoch(0);
        Optimizer optimizer = SGD.of(model.parameters()).learningRate(10).build();
        Pass pass = Pass.training(backend, 1)) {
      Batch batch = epoch.iterator().next();
      Tensor logits = model.forward(pass.images(batch));
      pass.backward(new CrossEntropyLoss().apply(logits, pass.targets(batch)));
      vitals.gradientsReady();
      optimizer.step();
      vitals.stepDone();
    }
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
