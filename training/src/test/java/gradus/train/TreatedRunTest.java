package gradus.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gradus.GradusException;
import gradus.TestBackend;
import gradus.backend.Backend;
import gradus.data.DataLoader;
import gradus.layer.Conv2d;
import gradus.layer.Dropout;
import gradus.layer.Linear;
import gradus.layer.Model;
import gradus.layer.Parameter;
import gradus.layer.ReLU;
import gradus.layer.Sequential;
import gradus.loss.CrossEntropyLoss;
import gradus.metric.Monitor;
import gradus.optim.Optimizer;
import gradus.optim.SGD;
import gradus.optim.WeightAverage;
import gradus.schedule.ReduceLROnPlateau;
import gradus.schedule.Schedule;
import gradus.tensor.Shape;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TreatedRunTest {
  private static final int BATCHES = 8; // 60 pictures, 8 at a time
  private static final double ROUNDING = 1e-5; // of a checkpoint, where the backend keeps doubles

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

  /** Does something at the start or after an epoch, and writes down what happens. */
  private static class Hand implements TreatingListener {
    private final int when;
    private final Consumer<Treatable> what;
    private final List<String> notices = new ArrayList<>();
    final List<StepReport> steps = new ArrayList<>();
    Treatable run;

    /**
     * @param when after which epoch; 0 at the start
     */
    Hand(int when, Consumer<Treatable> what) {
      this.when = when;
      this.what = what;
    }

    @Override
    public void treats(Treatable value) {
      run = value;
    }

    @Override
    public void onStart(int epochs) {
      if (when == 0) {
        what.accept(run);
      }
    }

    @Override
    public void onStep(StepReport report) {
      steps.add(report);
    }

    @Override
    public void onEpoch(EpochReport report) {
      if (report.epoch() == when) {
        what.accept(run);
      }
    }

    @Override
    public void onNotice(int epoch, String sentence) {
      notices.add(epoch + ": " + sentence);
    }

    @Override
    public boolean rescue(StopReason failure) {
      return false;
    }

    double rate(int step) {
      return steps.get(step - 1).learningRate();
    }
  }

  private record Run(TrainingReport report, List<Float> weights, double rateAfter, double factor) {}

  private Run run(Sequential net, double decay, int epochs, UnaryOperator<Trainer> settings) {
    return run(net, 0.5, decay, epochs, settings);
  }

  private Run run(
      Sequential net, double momentum, double decay, int epochs, UnaryOperator<Trainer> settings) {
    try (DataLoader train = Stripes.loader(8).build();
        DataLoader validation = Stripes.loader(32).build();
        Model model = Model.build(backend, net, Shape.of(1, 8, 8), 3);
        Optimizer optimizer =
            SGD.of(model.parameters())
                .learningRate(0.1)
                .momentum(momentum)
                .weightDecay(decay)
                .build()) {
      Trainer trainer =
          settings.apply(new Trainer(model, new CrossEntropyLoss(), optimizer).seed(5));
      TrainingReport report = trainer.fit(train, validation, epochs);
      assertEquals(momentum, optimizer.settings().get("momentum"), "as it was given");
      return new Run(
          report, Stripes.weights(model), optimizer.learningRate(), optimizer.penaltyFactor());
    }
  }

  private Run run(Hand hand) {
    return run(net(0), 0.1, 3, t -> t.doctor(hand));
  }

  /** It breaks the epoch off, with a gradient that waits for more. */
  @Test
  void anOrderChangedWithinAnEpochCanBeGoneOnWith() {
    Hand hand =
        new Hand(-1, run -> {}) {
          @Override
          public void onStep(StepReport report) {
            super.onStep(report);
            if (report.epoch() == 1 && report.step() == 3) {
              run.shuffle(7);
            }
          }
        };
    Checkpoints checkpoints = Checkpoints.in(folder);
    run(net(0), 0, 1, t -> t.doctor(hand).accumulate(2).checkpoints(checkpoints));
    assertEquals(3, hand.steps.size());
    Run resumed = run(net(0), 0, 3, t -> t.accumulate(2).checkpoints(checkpoints).resume());
    assertEquals(3, resumed.report().epochs().size());
  }

  @Test
  void anEpochWithoutABatchIsRefused() {
    try (DataLoader train = Stripes.loader(64).dropLast(true).build();
        Model model = Stripes.plainModel(backend);
        Optimizer optimizer = SGD.of(model.parameters()).build()) {
      Trainer trainer = new Trainer(model, new CrossEntropyLoss(), optimizer);
      String message =
          assertThrows(GradusException.class, () -> trainer.fit(train, null, 1)).getMessage();
      assertTrue(message.contains("60 images") && message.contains("batch of 64"), message);
    }
  }

  private static Sequential net(double dropout) {
    // A layer's name decides how it begins: with a dropout of 0 the names stay.
    return new Sequential(
        new Conv2d(4, 3).padding(1), new ReLU(), new Dropout(dropout), new Linear(3));
  }

  @Test
  void aDoctorThatDoesNothingChangesNoBit() {
    Run without = run(net(0.2), 0.1, 3, t -> t);
    Run with = run(net(0.2), 0.1, 3, t -> t.doctor(new Hand(2, run -> {})));
    assertEquals(without.weights(), with.weights());
  }

  @Test
  void goingBackUndoesEverything() {
    Treatable.Mark[] mark = new Treatable.Mark[1];
    Hand hand =
        new Hand(1, run -> {}) {
          @Override
          public void onEpoch(EpochReport report) {
            if (report.epoch() == 1) {
              mark[0] = run.mark();
              run.restartSchedule(0.3);
              run.multiplyLearningRate(0.5);
              run.setMomentum(0.9);
              run.clipGradientNorm(1e-3);
              run.multiplyPenalties(0);
              run.withoutDropout();
              run.shuffle(3);
              run.accumulate(2);
            } else if (report.epoch() == 2) {
              mark[0].goBack();
              mark[0].close();
            }
          }
        };
    Run back = run(net(0), 0.1, 3, t -> t.doctor(hand));
    Run never = run(net(0), 0.1, 2, t -> t);
    assertEquals(never.weights(), back.weights(), "the third epoch is what the second would be");
    assertEquals(0.15, hand.rate(BATCHES + 1), 1e-12);
    assertEquals(0.1, hand.rate(2 * BATCHES + 1), 1e-12);
    assertEquals(1, back.factor());
    assertEquals(3 * BATCHES - BATCHES / 2, back.report().steps(), "all that were done");
  }

  /** A plateau, the patience and the average of weights know what they knew. */
  @Test
  void goingBackForgetsNothing() {
    Hand hand =
        new Hand(
            3,
            run -> {
              Treatable.Mark mark = run.mark();
              run.changeState(() -> {});
              mark.goBack();
              mark.close();
            });
    Run never = judged(t -> t);
    Run back = judged(t -> t.doctor(hand));
    assertEquals(List.of(0.1, 0.1, 0.01, 0.001, 0.0001), rates(never));
    assertEquals(rates(never), rates(back));
    assertEquals(1, never.report().bestEpoch(), "the best weights are of before");
    assertEquals(1, back.report().bestEpoch());
    assertEquals(never.weights(), back.weights());
    assertEquals(losses(never), losses(back), "of the average");
  }

  private static List<Double> losses(Run run) {
    return run.report().epochs().stream().map(EpochReport::validationLoss).toList();
  }

  private static List<Double> rates(Run run) {
    return run.report().epochs().stream()
        .map(epoch -> Math.round(1e6 * epoch.learningRate()) / 1e6)
        .toList();
  }

  /** No epoch counts as better than the first. */
  private Run judged(UnaryOperator<Trainer> settings) {
    try (DataLoader train = Stripes.loader(8).build();
        DataLoader validation = Stripes.loader(32).build();
        Model model = Model.build(backend, net(0), Shape.of(1, 8, 8), 3);
        WeightAverage average = WeightAverage.exponential(model, 0.9);
        Optimizer optimizer = SGD.of(model.parameters()).learningRate(0.1).build()) {
      Trainer trainer =
          new Trainer(model, new CrossEntropyLoss(), optimizer)
              .average(average)
              .earlyStopping(new EarlyStopping(Monitor.VALIDATION_LOSS).minDelta(100))
              .reduceOnPlateau(
                  new ReduceLROnPlateau(Monitor.VALIDATION_LOSS)
                      .patience(0)
                      .absoluteThreshold(100));
      TrainingReport report = settings.apply(trainer).fit(train, validation, 5);
      return new Run(
          report, Stripes.weights(model), optimizer.learningRate(), optimizer.penaltyFactor());
    }
  }

  @Test
  void theLearningRateIsMultipliedOnTopOfTheSchedule() {
    Hand hand = new Hand(1, run -> run.multiplyLearningRate(0.1));
    run(net(0), 0, 3, t -> t.schedule(Schedule.step(2, 0.5)).doctor(hand));
    assertEquals(0.1, hand.rate(BATCHES), 1e-12);
    assertEquals(0.01, hand.rate(BATCHES + 1), 1e-12);
    assertEquals(0.005, hand.rate(2 * BATCHES + 1), 1e-12);
  }

  @Test
  void aFreshCosineEndsWithTheRun() {
    Hand hand = new Hand(1, run -> run.restartSchedule(0.2));
    run(
        net(0),
        0,
        3,
        t ->
            t.schedule(Schedule.exponential(1e-3))
                .reduceOnPlateau(new ReduceLROnPlateau(Monitor.VALIDATION_LOSS))
                .doctor(hand));
    assertTrue(hand.rate(BATCHES) < 0.001);
    assertEquals(0.2, hand.rate(BATCHES + 1), 1e-12);
    assertEquals(0.1, hand.rate(2 * BATCHES + 1), 1e-12, "half of what was left");
    assertTrue(hand.rate(3 * BATCHES) < 0.002);
  }

  @Test
  void penaltiesAreMultipliedForThisRunOnly() {
    Run none = run(new Hand(0, run -> run.multiplyPenalties(0)));
    assertEquals(run(net(0), 0, 3, t -> t).weights(), none.weights());
    assertEquals(1, none.factor());
  }

  @Test
  void momentumIsChangedForThisRunOnly() {
    Run later = run(net(0), 0, 0, 3, t -> t.doctor(new Hand(0, run -> run.setMomentum(0.5))));
    assertEquals(run(net(0), 0, 3, t -> t).weights(), later.weights());
  }

  @Test
  void plainSgdThatGoesBackIsPlainAgain() {
    Treatable.Mark[] mark = new Treatable.Mark[1];
    Hand hand =
        new Hand(1, run -> {}) {
          @Override
          public void onEpoch(EpochReport report) {
            if (report.epoch() == 1) {
              mark[0] = run.mark();
              run.setMomentum(0.9);
            } else if (report.epoch() == 2) {
              mark[0].goBack();
              mark[0].close();
            }
          }
        };
    Run back = run(net(0), 0, 0.1, 3, t -> t.doctor(hand));
    assertEquals(run(net(0), 0, 0.1, 2, t -> t).weights(), back.weights());
  }

  @Test
  void gradientsAreShortenedForThisRunOnly() {
    Run later = run(new Hand(0, run -> run.clipGradientNorm(0.2)));
    assertEquals(run(net(0), 0.1, 3, t -> t.clipGradientNorm(0.2)).weights(), later.weights());
    assertNotEquals(run(net(0), 0.1, 3, t -> t).weights(), later.weights());
    Run instead =
        run(
            net(0),
            0.1,
            3,
            t -> t.clipGradientNorm(5e-3).doctor(new Hand(0, r -> r.clipGradientNorm(0.2))));
    assertEquals(later.weights(), instead.weights(), "whatever they were shortened to");
  }

  @Test
  void withoutDropoutIsAsIfThereWereNone() {
    Run off = run(net(0.5), 0, 2, t -> t.doctor(new Hand(0, Treatable::withoutDropout)));
    assertEquals(run(net(0), 0, 2, t -> t).weights(), off.weights());
    assertNotEquals(run(net(0.5), 0, 2, t -> t).weights(), off.weights());
  }

  @Test
  void tellsHowManyBatchesMakeAnUpdate() {
    List<Integer> batches = new ArrayList<>();
    Hand hand =
        new Hand(
            0,
            run -> {
              batches.add(run.accumulation().batches());
              run.accumulate(2);
              batches.add(run.accumulation().batches());
            });
    run(net(0), 0.1, 1, t -> t.accumulate(3).doctor(hand));
    assertEquals(List.of(3, 6), batches);
  }

  @Test
  void accumulatesMoreBatches() {
    Run four = run(new Hand(0, run -> run.accumulate(4)));
    assertEquals(3 * BATCHES / 4, four.report().steps());
    assertEquals(run(net(0), 0.1, 3, t -> t.accumulate(4)).weights(), four.weights());
    Run both = run(net(0), 0.1, 3, t -> t.accumulate(2).doctor(new Hand(0, r -> r.accumulate(2))));
    assertEquals(four.weights(), both.weights());
  }

  @Test
  void theNextEpochIsInRandomOrder() {
    Hand hand = new Hand(1, run -> run.shuffle(7));
    Run shuffled = run(hand);
    assertEquals(3 * BATCHES, hand.steps.size());
    assertNotEquals(run(net(0), 0.1, 3, t -> t).weights(), shuffled.weights());
    assertEquals(shuffled.weights(), run(new Hand(1, run -> run.shuffle(7))).weights());
  }

  @Test
  void stopsAfterTheEpoch() {
    Run run = run(new Hand(2, Treatable::stop));
    assertEquals(2, run.report().epochs().size());
    assertEquals(StopReason.REQUESTED, run.report().reason());
  }

  @Test
  void whatIsToldComesAfterTheEpoch() {
    Hand hand = new Hand(2, run -> run.tell("treated"));
    run(hand);
    assertEquals(List.of("2: treated"), hand.notices);
  }

  /** Puts NaN into the weights in the second epoch, and the state of the beginning back. */
  private static final class Accident extends Hand implements AutoCloseable {
    private final Model model;
    private final boolean shuffles;
    private final TrainingSnapshot beginning;
    private int rescues;

    Accident(Model model, Optimizer optimizer, boolean shuffles) {
      super(-1, run -> {});
      this.model = model;
      this.shuffles = shuffles;
      this.beginning = new TrainingSnapshot(model, optimizer);
    }

    @Override
    public void onStep(StepReport report) {
      super.onStep(report);
      if (report.epoch() == 2 && report.step() == 2) {
        Parameter weight = model.parameters().list().get(0);
        float[] broken = weight.read();
        java.util.Arrays.fill(broken, Float.NaN);
        weight.write(broken);
      }
    }

    @Override
    public boolean rescue(StopReason failure) {
      rescues++;
      assertEquals(StopReason.NON_FINITE_LOSS, failure);
      run.changeState(beginning::restore);
      if (shuffles) {
        run.shuffle(3);
      }
      return true;
    }

    @Override
    public void close() {
      beginning.close();
    }
  }

  private void accident(boolean shuffles, int steps, int updates) {
    try (DataLoader train = Stripes.loader(8).build();
        DataLoader validation = Stripes.loader(32).build();
        Model model = Model.build(backend, net(0), Shape.of(1, 8, 8), 3);
        WeightAverage average = WeightAverage.exponential(model, 0.5);
        Optimizer optimizer = SGD.of(model.parameters()).learningRate(0.1).build();
        Accident accident = new Accident(model, optimizer, shuffles)) {
      TrainingReport report =
          new Trainer(model, new CrossEntropyLoss(), optimizer)
              .average(average)
              .earlyStopping(new EarlyStopping(Monitor.VALIDATION_LOSS))
              .reduceOnPlateau(new ReduceLROnPlateau(Monitor.VALIDATION_LOSS))
              .doctor(accident)
              .fit(train, validation, 4);
      assertEquals(1, accident.rescues);
      assertEquals(StopReason.COMPLETED, report.reason());
      assertEquals(4, report.epochs().size());
      assertEquals(steps, accident.steps.size());
      assertEquals(updates, report.steps(), "also those that were undone");
      for (EpochReport epoch : report.epochs()) {
        assertTrue(Double.isFinite(epoch.trainLoss() + epoch.validationLoss()), epoch::toString);
      }
      for (float weight : Stripes.weights(model)) {
        assertTrue(Float.isFinite(weight));
      }
    }
  }

  @Test
  void aRunWhoseLossIsNoNumberGoesOnWhenItIsPutBack() {
    accident(false, 4 * BATCHES, 4 * BATCHES - 1);
  }

  @Test
  void anotherOrderEndsTheEpochThatHasBegun() {
    accident(true, 3 * BATCHES + 3, 3 * BATCHES + 2);
  }

  @Test
  void aResumedRunKeepsWhatWasDone() {
    resumes(0.5);
  }

  @Test
  void aResumedRunHasTheVelocityItWasGiven() {
    resumes(0);
  }

  @Test
  void aResumedRunKnowsWhetherItsRateWasChanged() {
    for (boolean changes : new boolean[] {false, true}) {
      Checkpoints checkpoints = Checkpoints.in(folder.resolve("changes " + changes));
      Consumer<Treatable> treatment =
          run -> {
            run.withoutDropout();
            if (changes) {
              run.restartSchedule(0.2);
            }
          };
      run(net(0.2), 0, 2, t -> t.doctor(new Hand(1, treatment)).checkpoints(checkpoints));
      List<Boolean> changed = new ArrayList<>();
      Hand later = new Hand(0, run -> changed.add(run.isRateChanged()));
      run(net(0.2), 0, 3, t -> t.doctor(later).checkpoints(checkpoints).resume());
      assertEquals(List.of(changes), changed);
    }
  }

  private void resumes(double momentum) {
    Consumer<Treatable> much =
        run -> {
          run.multiplyLearningRate(0.5);
          run.setMomentum(0.8);
          run.clipGradientNorm(0.3);
          run.multiplyPenalties(0.1);
          run.withoutDropout();
          run.accumulate(2);
          run.shuffle(4);
          run.restartSchedule(0.2);
          run.multiplyLearningRate(0.5);
        };
    Run whole = run(net(0.2), momentum, 0.1, 4, t -> t.doctor(new Hand(1, much)));
    run(
        net(0.2),
        momentum,
        0.1,
        4,
        t ->
            t.doctor(new Hand(1, much))
                .checkpoints(Checkpoints.in(folder))
                .listener(
                    new TrainingListener() {
                      @Override
                      public void onEpoch(EpochReport report) {
                        if (report.epoch() == 2) {
                          t.stop();
                        }
                      }
                    }));
    Hand later = new Hand(-1, run -> {});
    Run resumed =
        run(
            net(0.2),
            momentum,
            0.1,
            4,
            t -> t.doctor(later).checkpoints(Checkpoints.in(folder)).resume());
    assertEquals(0.1 * (1 + Math.cos(Math.PI / 3)) / 2, later.rate(1), 1e-12);
    for (int i = 0; i < whole.weights().size(); i++) {
      assertEquals(whole.weights().get(i), resumed.weights().get(i), ROUNDING);
    }
  }
}
