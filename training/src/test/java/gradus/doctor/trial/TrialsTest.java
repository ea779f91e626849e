package gradus.doctor.trial;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gradus.TestBackend;
import gradus.autograd.Pass;
import gradus.autograd.Tensor;
import gradus.backend.Backend;
import gradus.backend.Buffer;
import gradus.backend.checked.CheckedBackend;
import gradus.backend.reference.ReferenceBackend;
import gradus.data.DataLoader;
import gradus.data.transform.MixUp;
import gradus.data.transform.Normalize;
import gradus.data.transform.RandomHorizontalFlip;
import gradus.doctor.Examiner;
import gradus.doctor.Finding;
import gradus.doctor.LossRange;
import gradus.doctor.Subject;
import gradus.doctor.preflight.Preflight;
import gradus.layer.Initializer;
import gradus.layer.Model;
import gradus.layer.Parameter;
import gradus.loss.CrossEntropyLoss;
import gradus.loss.MSELoss;
import gradus.optim.Adam;
import gradus.optim.GradientClipping;
import gradus.optim.Optimizer;
import gradus.optim.SGD;
import gradus.tensor.Batch;
import gradus.tensor.Placement;
import gradus.tensor.Precision;
import gradus.train.Accumulation;
import gradus.train.EpochReport;
import gradus.train.StepReport;
import gradus.train.Stripes;
import gradus.train.Trainer;
import gradus.train.TrainingListener;
import gradus.train.TrainingSnapshot;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

class TrialsTest {
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

  /** One of each kind, from both states. */
  static Stream<Trial> trials() {
    return Arrays.stream(Trial.Start.values())
        .flatMap(
            start ->
                Stream.of(
                    Trial.from(start, "nothing changed"),
                    Trial.from(start, "a tenth of the rate").rate(0.1),
                    Trial.from(start, "a rate of its own").learningRate(10),
                    Trial.from(start, "larger batches").batchSize(128),
                    Trial.from(start, "accumulated batches").accumulate(3),
                    Trial.from(start, "another order").data(s -> s.shuffle(77)),
                    Trial.from(start, "no augmentation").data(s -> s.withoutAugmentation()),
                    Trial.from(start, "other pixels")
                        .data(
                            s -> s.transform(Normalize.of(new float[] {0.5f}, new float[] {0.3f}))),
                    Trial.from(start, "momentum").momentum(0.7),
                    Trial.from(start, "short gradients").clipNorm(0.1),
                    Trial.from(start, "no penalties").withoutPenalties(),
                    Trial.from(start, "no dropout").withoutDropout(),
                    Trial.from(start, "other weights").prepare(TrialsTest::fillWithTenth),
                    Trial.from(start, "all trained").thawed(),
                    Trial.from(start, "another optimizer")
                        .optimizer(p -> Adam.of(p).learningRate(0.01).build())))
        .map(trial -> trial.steps(7));
  }

  /** What is frozen is trained for the length of a trial, whatever it ends with. */
  @Test
  void whatIsThawedIsFrozenAgain() {
    for (Trial.Start start : Trial.Start.values()) {
      try (DataLoader train = Stripes.loader(8).shuffle(4).build();
          Model model = Stripes.model(backend, 3);
          Optimizer optimizer = SGD.of(model.parameters()).learningRate(0.05).build();
          TrainingSnapshot beginning = new TrainingSnapshot(model, optimizer)) {
        Parameter first = model.parameters().list().get(0);
        first.setFrozen(true);
        Subject subject = new Subject(model, new CrossEntropyLoss(), optimizer, train, null, 3, 1);
        Trials trials =
            new Trials(
                subject,
                new Examiner(model),
                beginning,
                new LossRange(Math.log(3), 0),
                Long.MAX_VALUE);
        Trial asIs = Trial.from(start, "nothing changed").until(l -> first.isTrainable());
        TrialOutcome frozen = trials.run(asIs).orElseThrow();
        Trial thawed = Trial.from(start, "all trained").thawed().until(l -> !first.isTrainable());
        TrialOutcome trained = trials.run(thawed).orElseThrow();
        assertEquals(40, frozen.losses().size());
        assertEquals(40, trained.losses().size());
        assertNotEquals(frozen.lossAfter(), trained.lossAfter());
        assertFalse(first.isTrainable());
        assertThrows(
            IllegalStateException.class,
            () -> trials.run(Trial.from(start, "fails").thawed().until(TrialsTest::fail)));
        assertFalse(first.isTrainable());
      }
    }
  }

  private static boolean fail(List<Double> losses) {
    throw new IllegalStateException("as a backend may");
  }

  private static void fillWithTenth(Model model) {
    for (Parameter parameter : model.parameters().list()) {
      parameter.write(Initializer.constant(0.1f).values(parameter.shape(), 1));
    }
  }

  /** All that a run leaves: weights, statistics, the optimizer's state, and every loss. */
  private record Run(List<Float> weights, List<Float> state, long steps, List<Float> losses) {}

  private Run run(Trial trial, double momentum) {
    try (DataLoader train =
            Stripes.loader(8).shuffle(4).transform(new RandomHorizontalFlip()).build();
        Model model = Stripes.model(backend, 3);
        Optimizer optimizer =
            SGD.of(model.parameters())
                .learningRate(0.05)
                .momentum(momentum)
                .weightDecay(0.01)
                .l1(1e-4)
                .build();
        TrainingSnapshot beginning = new TrainingSnapshot(model, optimizer)) {
      CrossEntropyLoss loss = new CrossEntropyLoss();
      Subject subject = new Subject(model, loss, optimizer, train, null, 3, 1);
      Trials trials =
          new Trials(
              subject,
              new Examiner(model),
              beginning,
              new LossRange(Math.log(3), 0),
              Long.MAX_VALUE);
      List<Float> losses = new ArrayList<>();
      new Trainer(model, loss, optimizer)
          .seed(9)
          .listener(
              new TrainingListener() {
                @Override
                public void onStep(StepReport step) {
                  losses.add(step.loss());
                }

                @Override
                public void onEpoch(EpochReport epoch) {
                  if (trial != null) {
                    Optional<TrialOutcome> outcome = trials.run(trial);
                    assertEquals(7, outcome.orElseThrow().losses().size());
                  }
                }
              })
          .fit(train, null, 3);
      List<Float> state = new ArrayList<>();
      for (Buffer buffer : optimizer.state()) {
        for (Parameter parameter : model.parameters().list()) {
          float[] values = new float[Math.toIntExact(parameter.shape().size())];
          backend
              .memory()
              .copyOut(
                  backend.memory().slice(buffer, parameter.offset(), values.length),
                  parameter.shape(),
                  Placement.DENSE,
                  FloatBuffer.wrap(values));
          for (float value : values) {
            state.add(value);
          }
        }
      }
      return new Run(Stripes.weights(model), state, optimizer.steps(), losses);
    }
  }

  @ParameterizedTest
  @MethodSource("trials")
  void leavesTheRunAsItWasToTheBit(Trial trial) {
    assertEquals(run(null, 0.9), run(trial, 0.9), trial.name());
    assertEquals(run(null, 0), run(trial, 0), trial.name() + ", of plain SGD");
  }

  /** Runs one trial on a fresh model. */
  private TrialOutcome outcome(Trial trial) {
    return outcome(trial, Stripes.loader(8).shuffle(4));
  }

  private TrialOutcome outcome(Trial trial, DataLoader.Builder data) {
    try (DataLoader train = data.build();
        Model model = Stripes.model(backend, 3);
        Optimizer optimizer = SGD.of(model.parameters()).learningRate(0.05).build();
        TrainingSnapshot beginning = new TrainingSnapshot(model, optimizer)) {
      Subject subject = new Subject(model, new CrossEntropyLoss(), optimizer, train, null, 1, 1);
      Trials trials =
          new Trials(subject, new Examiner(model), beginning, new LossRange(Math.log(3), 0), 1000);
      return trials.run(trial).orElseThrow();
    }
  }

  /** Of a run that has not begun, with a budget of 100 steps. */
  private void withTrials(Consumer<Trials> use) {
    try (DataLoader train = Stripes.loader(8).build();
        Model model = Stripes.model(backend, 3);
        Optimizer optimizer = SGD.of(model.parameters()).build();
        TrainingSnapshot beginning = new TrainingSnapshot(model, optimizer)) {
      Subject subject = new Subject(model, new CrossEntropyLoss(), optimizer, train, null, 1, 1);
      Trials trials =
          new Trials(subject, new Examiner(model), beginning, new LossRange(Math.log(3), 0), 100);
      use.accept(trials);
    }
  }

  /** There are 60 images. */
  @Test
  @Timeout(60)
  void endsWhereBatchesAreDropped() {
    Trial large = Trial.from(Trial.Start.NOW, "batches of 64").batchSize(64).steps(3);
    assertEquals(3, outcome(large, Stripes.loader(8).dropLast(true)).losses().size());
    Trial unchanged = Trial.from(Trial.Start.NOW, "nothing");
    assertEquals(0, outcome(unchanged, Stripes.loader(64).dropLast(true)).losses().size());
  }

  /** What a run leaves that ended because of it. */
  @Test
  void aWaitingGradientThatIsNoNumberDoesNotReachATrial() {
    try (DataLoader train = Stripes.loader(8).build();
        Model model = Stripes.plainModel(backend);
        Optimizer optimizer = SGD.of(model.parameters()).learningRate(0.05).build();
        TrainingSnapshot beginning = new TrainingSnapshot(model, optimizer);
        Pass pass = Pass.training(backend)) {
      Batch batch = train.epoch(0).iterator().next();
      Tensor logits = model.forward(pass.images(batch));
      pass.backward(
          new CrossEntropyLoss().apply(logits, pass.labels(batch)), Float.POSITIVE_INFINITY);
      Subject subject = new Subject(model, new CrossEntropyLoss(), optimizer, train, null, 1, 1);
      Trials trials =
          new Trials(subject, new Examiner(model), beginning, new LossRange(Math.log(3), 0), 1000);
      trials.clipping(new GradientClipping(model.parameters(), 1));
      Trial trial = Trial.from(Trial.Start.BEGINNING, "nothing changed");
      assertTrue(trials.run(trial).orElseThrow().gain() > 0.1);
    }
  }

  @Test
  void trialsFromTheBeginningAreDoneAnewAtAnotherRate() {
    withTrials(
        trials -> {
          Trial trial = Trial.from(Trial.Start.BEGINNING, "nothing changed").steps(8);
          trials.at(1, 1e-6);
          TrialOutcome slow = trials.run(trial).orElseThrow();
          trials.at(2, 1e-6);
          assertSame(slow, trials.run(trial).orElseThrow());
          trials.at(3, 0.1);
          assertTrue(trials.run(trial).orElseThrow().gain() > slow.gain() + 0.01);
        });
  }

  @Test
  void computesInThePrecisionOfTheRun() {
    try (Backend reference = new CheckedBackend(new ReferenceBackend());
        DataLoader train = Stripes.loader(8).build();
        Model model = Stripes.model(reference, 3);
        Optimizer optimizer = SGD.of(model.parameters()).learningRate(0.05).build();
        TrainingSnapshot beginning = new TrainingSnapshot(model, optimizer)) {
      Subject subject = new Subject(model, new CrossEntropyLoss(), optimizer, train, null, 1, 1);
      Trial trial = Trial.from(Trial.Start.NOW, "nothing changed").steps(5);
      Map<Precision, List<Double>> losses = new EnumMap<>(Precision.class);
      for (Precision precision : List.of(Precision.FP32, Precision.FP16)) {
        Trials trials =
            new Trials(
                subject, new Examiner(model), beginning, new LossRange(Math.log(3), 0), 1000);
        trials.precision(precision);
        losses.put(precision, trials.run(trial).orElseThrow().losses());
      }
      List<Double> exact = losses.get(Precision.FP32);
      List<Double> rounded = losses.get(Precision.FP16);
      assertNotEquals(exact, rounded);
      for (int i = 0; i < exact.size(); i++) {
        assertEquals(exact.get(i), rounded.get(i), 0.02 * exact.get(i), exact + " " + rounded);
      }
    }
  }

  @Test
  void shortensGradientsAsTheRunDoes() {
    try (DataLoader train = Stripes.loader(8).build();
        Model model = Stripes.plainModel(backend);
        Optimizer optimizer = SGD.of(model.parameters()).learningRate(0.05).build();
        TrainingSnapshot beginning = new TrainingSnapshot(model, optimizer)) {
      Subject subject = new Subject(model, new CrossEntropyLoss(), optimizer, train, null, 1, 1);
      Trials trials =
          new Trials(subject, new Examiner(model), beginning, new LossRange(Math.log(3), 0), 1000);
      trials.clipping(new GradientClipping(model.parameters(), 1e-6));
      assertEquals(0, trials.control(Trial.Start.NOW).orElseThrow().gain(), 1e-3);
      Trial free = Trial.from(Trial.Start.NOW, "free").withoutClipping();
      assertTrue(trials.run(free).orElseThrow().gain() > 0.1);
      Trial other = Trial.from(Trial.Start.NOW, "other").clipNorm(1);
      assertTrue(trials.run(other).orElseThrow().gain() > 0.1);
    }
  }

  /** Losses that take targets alone get them without augmentation, too. */
  @Test
  void hasTargetsWhereTheRunHas() {
    try (DataLoader train = Stripes.loader(8).batchTransform(new MixUp(1)).build();
        Model model = Stripes.plainModel(backend);
        Optimizer optimizer = SGD.of(model.parameters()).build();
        TrainingSnapshot beginning = new TrainingSnapshot(model, optimizer)) {
      Subject subject = new Subject(model, new MSELoss(), optimizer, train, null, 1, 1);
      Trials trials =
          new Trials(subject, new Examiner(model), beginning, new LossRange(Math.log(3), 0), 100);
      Trial plain =
          Trial.from(Trial.Start.NOW, "no augmentation")
              .data(DataLoader.Builder::withoutAugmentation);
      assertEquals(40, trials.run(plain).orElseThrow().losses().size());
      assertTrue(Preflight.examine(subject).stream().noneMatch(Finding::isDiagnosis));
    }
  }

  /** 60 images are 8 batches and 3 updates, the last of 12 images: what {@code n} updates make. */
  private float[] lossesOf(
      Accumulation accumulation, Precision precision, Trial trial, int epochs) {
    try (Backend reference = new CheckedBackend(new ReferenceBackend());
        DataLoader train = Stripes.loader(8).shuffle(4).build();
        Model model = Stripes.plainModel(reference);
        Optimizer optimizer = SGD.of(model.parameters()).learningRate(0.05).momentum(0.9).build();
        TrainingSnapshot beginning = new TrainingSnapshot(model, optimizer)) {
      CrossEntropyLoss loss = new CrossEntropyLoss();
      Subject subject = new Subject(model, loss, optimizer, train, null, epochs, 1, accumulation);
      Examiner examiner = new Examiner(model);
      Trials trials = new Trials(subject, examiner, beginning, new LossRange(Math.log(3), 0), 1000);
      trials.precision(precision);
      trials.clipping(new GradientClipping(model.parameters(), 1));
      double tried = trials.run(trial).orElseThrow().lossAfter();
      new Trainer(model, loss, optimizer)
          .precision(precision)
          .clipGradientNorm(1)
          .accumulate(accumulation.batches())
          .fit(train, null, epochs);
      assertEquals(epochs * accumulation.updates(8), optimizer.steps());
      try (DataLoader all = Examiner.sample(train, 60, Trials.SEED)) {
        return new float[] {(float) tried, (float) examiner.judge(all).loss()};
      }
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"FP32", "FP16"})
  void learnsWhatTheRunLearnsWhateverAnUpdateIsMadeOf(Precision precision) {
    for (int batches : new int[] {1, 3, 8, 100}) {
      Accumulation accumulation = new Accumulation(batches);
      Trial same =
          Trial.from(Trial.Start.BEGINNING, "nothing changed")
              .steps((int) (4 * accumulation.updates(8)));
      float[] losses = lossesOf(accumulation, precision, same, 4);
      // More batches than an epoch has are the same update, but for the last bits.
      assertEquals(losses[1], losses[0], batches > 8 ? 1e-5 * losses[1] : 0, batches + " batches");
    }
  }

  /** The mean over the images of an update: of all, before the first. */
  @Test
  void aStepHasTheLossOfAllItsBatches() {
    Trial whole = Trial.from(Trial.Start.NOW, "an update for an epoch").accumulate(8).steps(3);
    try (DataLoader train = Stripes.loader(8).build();
        Model model = Stripes.plainModel(backend);
        Optimizer optimizer = SGD.of(model.parameters()).learningRate(0.05).build();
        TrainingSnapshot beginning = new TrainingSnapshot(model, optimizer)) {
      Subject subject = new Subject(model, new CrossEntropyLoss(), optimizer, train, null, 1, 1);
      Trials trials =
          new Trials(subject, new Examiner(model), beginning, new LossRange(Math.log(3), 0), 1000);
      TrialOutcome all = trials.run(whole).orElseThrow();
      assertEquals(all.lossBefore(), all.losses().get(0), 1e-6);
      TrialOutcome atOnce =
          trials
              .run(Trial.from(Trial.Start.NOW, "all at once").batchSize(60).steps(3))
              .orElseThrow();
      assertEquals(3, all.losses().size());
      assertEquals(atOnce.lossAfter(), all.lossAfter(), 1e-5);
    }
  }

  @Test
  void anUpdateCostsAsMuchAsItsImages() {
    try (DataLoader train = Stripes.loader(8).build();
        Model model = Stripes.plainModel(backend);
        Optimizer optimizer = SGD.of(model.parameters()).build();
        TrainingSnapshot beginning = new TrainingSnapshot(model, optimizer)) {
      Subject subject =
          new Subject(
              model, new CrossEntropyLoss(), optimizer, train, null, 1, 1, new Accumulation(4));
      Trials trials =
          new Trials(subject, new Examiner(model), beginning, new LossRange(Math.log(3), 0), 1000);
      trials.run(Trial.from(Trial.Start.NOW, "the same").steps(8));
      assertEquals(8, trials.steps());
      trials.run(Trial.from(Trial.Start.NOW, "not accumulated").accumulate(1).steps(8));
      assertEquals(8 + 2, trials.steps());
      trials.run(Trial.from(Trial.Start.NOW, "batches of 32").batchSize(32).steps(8));
      assertEquals(8 + 2 + 8, trials.steps());
    }
  }

  @Test
  void theBudgetIsOfUpdatesUnlessTheyAreOfVeryManyBatches() {
    assertEquals(400, Trials.budget(10, Accumulation.NONE));
    assertEquals(400, Trials.budget(10, new Accumulation(8)));
    assertEquals(200, Trials.budget(10, new Accumulation(16)));
    assertEquals(160, Trials.budget(10, new Accumulation(1000)));
    assertEquals(500, Trials.budget(10_000, Accumulation.NONE));
    assertEquals(500, Trials.budget(10_000, new Accumulation(1000)));
  }

  @Test
  void changesWhatItSays() {
    TrialOutcome unchanged = outcome(Trial.from(Trial.Start.NOW, "nothing"));
    assertEquals(40, unchanged.losses().size());
    assertTrue(unchanged.skill() > 0.5, () -> "skill " + unchanged.skill());
    assertTrue(unchanged.lossAfter() < unchanged.lossBefore());
    TrialOutcome slow = outcome(Trial.from(Trial.Start.NOW, "slow").rate(1e-6));
    assertTrue(slow.gain() < 0.1 * unchanged.gain());
    assertTrue(unchanged.beats(slow));
    assertFalse(slow.beats(unchanged));
    TrialOutcome wild = outcome(Trial.from(Trial.Start.NOW, "wild").learningRate(1e30));
    assertEquals(Double.POSITIVE_INFINITY, wild.lossAfter());
    assertFalse(wild.learnsWhere(0));
    assertTrue(wild.losses().size() < 40);
    assertNotEquals(
        unchanged.losses(), outcome(Trial.from(Trial.Start.NOW, "plain").momentum(0)).losses());
    assertNotEquals(
        unchanged.losses(), outcome(Trial.from(Trial.Start.NOW, "short").clipNorm(0.1)).losses());
    assertNotEquals(
        unchanged.losses(), outcome(Trial.from(Trial.Start.NOW, "calm").withoutDropout()).losses());
  }

  @Test
  void endsWhenItsAnswerIsPlainAndCostsWhatItDid() {
    withTrials(
        trials -> {
          TrialOutcome sure =
              trials
                  .run(Trial.from(Trial.Start.NOW, "plain").until(losses -> losses.size() == 12))
                  .orElseThrow();
          assertEquals(12, sure.losses().size());
          assertEquals(12, trials.steps());
          TrialOutcome wild =
              trials.run(Trial.from(Trial.Start.NOW, "wild").learningRate(1e30)).orElseThrow();
          assertEquals(
              12 + wild.losses().size(), trials.steps(), "those it did not do are not spent");
          assertTrue(wild.losses().size() < 40);
        });
  }

  @Test
  void oneThatEndedEarlyGoesOnWhereMoreIsAsked() {
    withTrials(
        trials -> {
          long[] stepsAfter = {12, 12, 12 + 40, 12 + 40};
          int[] asked = {12, 12, 41, 12};
          for (int i = 0; i < asked.length; i++) {
            int steps = asked[i];
            trials.run(
                Trial.from(Trial.Start.BEGINNING, "same").until(losses -> losses.size() == steps));
            assertEquals(stepsAfter[i], trials.steps());
          }
        });
  }

  @Test
  void keepsToItsBudget() {
    try (DataLoader train = Stripes.loader(4).build();
        Model model = Stripes.model(backend, 3);
        Optimizer optimizer = SGD.of(model.parameters()).build();
        TrainingSnapshot beginning = new TrainingSnapshot(model, optimizer)) {
      Subject subject = new Subject(model, new CrossEntropyLoss(), optimizer, train, null, 1, 1);
      Trials trials =
          new Trials(subject, new Examiner(model), beginning, new LossRange(Math.log(3), 0), 100);
      Trial one = Trial.from(Trial.Start.NOW, "one");
      assertTrue(trials.canAfford(one), "with its control");
      assertTrue(trials.run(one).isPresent());
      assertEquals(40, trials.steps());
      assertFalse(trials.canAfford(one), "not both any more");
      // Sixteen times the batch is sixteen times the work.
      assertFalse(trials.canAfford(Trial.from(Trial.Start.NOW, "dear").batchSize(64)));
      assertTrue(trials.run(Trial.from(Trial.Start.NOW, "dear").batchSize(64)).isEmpty());
      assertTrue(trials.control(Trial.Start.NOW).isPresent());
      assertTrue(trials.control(Trial.Start.NOW).isPresent(), "known, so it costs nothing");
      assertEquals(80, trials.steps());
      assertTrue(trials.run(Trial.from(Trial.Start.NOW, "too much")).isEmpty());
      Trials none =
          new Trials(subject, new Examiner(model), null, new LossRange(Math.log(3), 0), 100);
      assertFalse(none.areAllowed());
      assertFalse(none.canAfford(one));
      assertTrue(none.run(Trial.from(Trial.Start.NOW, "forbidden")).isEmpty());
    }
  }
}
