package gradus.doctor.treatment;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gradus.TestBackend;
import gradus.backend.Backend;
import gradus.data.DataLoader;
import gradus.data.Sampler;
import gradus.data.image.Image;
import gradus.doctor.Checkup;
import gradus.doctor.Diagnosis;
import gradus.doctor.Doctor;
import gradus.doctor.DoctorMode;
import gradus.doctor.Finding;
import gradus.doctor.Remedy;
import gradus.doctor.Subject;
import gradus.doctor.Symptom;
import gradus.doctor.trial.Trial;
import gradus.layer.Conv2d;
import gradus.layer.Dropout;
import gradus.layer.Initializer;
import gradus.layer.Linear;
import gradus.layer.MaxPool2d;
import gradus.layer.Model;
import gradus.layer.Parameter;
import gradus.layer.ParameterStore;
import gradus.layer.ReLU;
import gradus.layer.Sequential;
import gradus.loss.CrossEntropyLoss;
import gradus.optim.GradientClipping;
import gradus.optim.Optimizer;
import gradus.optim.SGD;
import gradus.schedule.Schedule;
import gradus.tensor.Shape;
import gradus.train.Stripes;
import gradus.train.Trainer;
import gradus.train.TrainingListener;
import gradus.train.TrainingReport;
import gradus.train.TrainingSnapshot;
import gradus.train.Treatable;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Whole runs with one fault, of 1600 pictures an epoch, under a doctor that may treat. */
class TherapyTest {
  private static final int EPOCHS = 4;

  private Backend backend;
  private List<Finding> examined; // before training, by others: 60 pictures are too few for some

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

  private record Run(
      TrainingReport report,
      List<Float> weights,
      List<Finding> findings,
      Set<Symptom> symptoms,
      List<String> notices) {
    Finding cause() {
      return findings.get(0);
    }

    double accuracy() {
      return report.epochs().get(report.epochs().size() - 1).validationAccuracy();
    }

    boolean says(String what) {
      return cause().evidence().stream().anyMatch(fact -> fact.sentence().contains(what));
    }
  }

  private static int[] mixed(int epoch) {
    int[] order = new int[1600];
    for (int i = 0; i < order.length; i++) {
      order[i] = (i * 37 + i / 60 + epoch) % 60;
    }
    return order;
  }

  private static Sequential net(Initializer weights, float bias) {
    return new Sequential(
        new Conv2d(4, 3).padding(1).weights(weights),
        new ReLU(),
        new MaxPool2d(2),
        new Linear(8).weights(weights).bias(Initializer.constant(bias)),
        new ReLU(),
        new Linear(3).weights(weights));
  }

  private static Sequential net() {
    return net(Initializer.kaimingNormal(), 0);
  }

  private static Sequential plain() {
    return new Sequential(new Conv2d(4, 3).padding(1), new ReLU(), new MaxPool2d(2), new Linear(3));
  }

  private static Function<ParameterStore, Optimizer> sgd(double rate) {
    return parameters -> SGD.of(parameters).learningRate(rate).build();
  }

  private Run run(Sequential net, Function<ParameterStore, Optimizer> choice, DoctorMode mode) {
    return run(net, choice, mode, TherapyTest::mixed, 8, Schedule.constant());
  }

  private Run run(
      Sequential net,
      Function<ParameterStore, Optimizer> choice,
      DoctorMode mode,
      Sampler order,
      int batch,
      Schedule schedule) {
    try (DataLoader train = Stripes.loader(batch).sampler(order).build();
        DataLoader validation = Stripes.loader(8).build();
        Model model = Model.build(backend, net, Shape.of(1, 8, 8), 3);
        Optimizer optimizer = choice.apply(model.parameters());
        Doctor doctor = Doctor.attach(model, new CrossEntropyLoss(), optimizer)) {
      doctor.data(train, null).mode(mode); // the same pictures: to the doctor that is leakage
      if (examined != null) {
        doctor.examined(examined);
      }
      List<String> notices = new ArrayList<>();
      TrainingReport report =
          new Trainer(model, new CrossEntropyLoss(), optimizer)
              .seed(5)
              .schedule(schedule)
              .doctor(doctor)
              .listener(
                  new TrainingListener() {
                    @Override
                    public void onNotice(int epoch, String sentence) {
                      notices.add(sentence);
                    }
                  })
              .fit(train, validation, EPOCHS);
      return new Run(
          report, Stripes.weights(model), doctor.findings(), doctor.symptoms().keySet(), notices);
    }
  }

  private static void isCured(Run run, Diagnosis diagnosis) {
    assertEquals(diagnosis, run.cause().diagnosis());
    assertTrue(run.accuracy() > 0.9, () -> run.report() + " " + run.cause());
    assertEquals(EPOCHS, run.report().epochs().size());
    assertTrue(run.says("Treated for " + diagnosis.label()), run.cause()::toString);
    assertTrue(run.says("it has helped"), run.cause()::toString);
    assertEquals(2, run.notices().size(), run.notices()::toString);
    assertTrue(run.notices().get(0).startsWith("Treated for "), run.notices()::toString);
    assertTrue(run.notices().get(1).startsWith("Before the treatment"), run.notices()::toString);
  }

  @Test
  void aHealthyRunIsLeftAlone() {
    Run treated = run(net(), sgd(0.05), DoctorMode.TREAT);
    assertEquals(List.of(), treated.findings());
    assertEquals(List.of(), treated.notices());
    assertEquals(run(net(), sgd(0.05), DoctorMode.WATCH).weights(), treated.weights());
  }

  @Test
  void aRateThatIsTooHighIsMadeSmallerFromTheBeginning() {
    Run treated = run(plain(), sgd(1000), DoctorMode.TREAT);
    assertEquals(Diagnosis.LR_TOO_HIGH, treated.cause().diagnosis());
    assertTrue(treated.says("once more from the beginning"), treated.cause()::toString);
    assertEquals(EPOCHS, treated.report().epochs().size());
    for (float weight : treated.weights()) {
      assertTrue(Float.isFinite(weight));
    }
  }

  @Test
  void aTreatedRunShowsWhatItHasShownSince() {
    Run treated = run(plain(), sgd(1e30), DoctorMode.TREAT);
    isCured(treated, Diagnosis.LR_TOO_HIGH);
    assertEquals(Set.of(), treated.symptoms());
    Run probed = run(plain(), sgd(1e30), DoctorMode.PROBE);
    assertTrue(probed.symptoms().contains(Symptom.NON_FINITE), probed.symptoms()::toString);
  }

  /** Of validation images that are turned, what is learned makes the answers worse. */
  @Test
  void aRunWhoseTreatmentIsUndoneShowsWhatItHasShownSince() {
    try (DataLoader train = Stripes.loader(8).sampler(TherapyTest::mixed).build();
        DataLoader turned =
            Stripes.loader(8).transform((image, random) -> transposed(image)).build();
        Model model = Model.build(backend, net(), Shape.of(1, 8, 8), 3);
        Optimizer optimizer = sgd(1e-5).apply(model.parameters());
        Doctor doctor = Doctor.attach(model, new CrossEntropyLoss(), optimizer)) {
      doctor.data(train, turned).mode(DoctorMode.TREAT).examined(List.of());
      new Trainer(model, new CrossEntropyLoss(), optimizer)
          .seed(5)
          .doctor(doctor)
          .fit(train, turned, EPOCHS);
      Finding cause = doctor.findings().get(0);
      assertTrue(
          cause.evidence().stream().anyMatch(e -> e.sentence().endsWith("was undone.")),
          cause::toString);
      assertEquals(Set.of(Symptom.SLOW), doctor.symptoms().keySet());
    }
  }

  private static Image transposed(Image image) {
    float[] values = new float[image.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = image.value(0, i % image.height(), i / image.height());
    }
    return Image.ofFloats(1, image.height(), image.width(), values);
  }

  @Test
  void probingDoesNotTreat() {
    Run probed = run(net(), sgd(1e-5), DoctorMode.PROBE);
    assertEquals(List.of(), probed.notices());
    assertEquals(run(net(), sgd(1e-5), DoctorMode.WATCH).weights(), probed.weights());
  }

  @Test
  void aRateThatIsTooLowIsMadeLarger() {
    Run treated = run(net(), sgd(1e-5), DoctorMode.TREAT);
    isCured(treated, Diagnosis.LR_TOO_LOW);
    assertEquals(run(net(), sgd(1e-5), DoctorMode.TREAT).weights(), treated.weights());
  }

  @Test
  void equalWeightsAreDrawnAnew() {
    isCured(
        run(net(Initializer.constant(0.01f), 0), sgd(0.05), DoctorMode.TREAT),
        Diagnosis.BAD_INITIALIZATION);
  }

  @Test
  void unitsThatBeginDeadAreWokenBeforeTheFirstStep() {
    examined = List.of(Finding.certain(Diagnosis.DEAD_RELU, "8 of 8 units", Remedy.of("")));
    Run treated = run(net(Initializer.kaimingNormal(), -50), sgd(0.05), DoctorMode.TREAT);
    isCured(treated, Diagnosis.DEAD_RELU);
    assertTrue(treated.says("40 steps with biases that begin at 0"), treated.cause()::toString);
    assertTrue(treated.notices().get(1).contains("in epoch 0"), treated.notices()::toString);
    Run probed = run(net(Initializer.kaimingNormal(), -50), sgd(0.05), DoctorMode.PROBE);
    assertTrue(probed.accuracy() < 0.6, () -> probed.report().toString());
    assertEquals(Diagnosis.DEAD_RELU, probed.cause().diagnosis());
  }

  @Test
  void penaltiesThatOutweighTheDataBecomeWeaker() {
    Run treated =
        run(net(), p -> SGD.of(p).learningRate(0.05).weightDecay(0.8).build(), DoctorMode.TREAT);
    assertEquals(Diagnosis.OVER_REGULARIZATION, treated.cause().diagnosis());
    assertTrue(treated.says("it has helped"), treated.cause()::toString);
  }

  @Test
  void penaltiesThatHoldTheRunBackAreSeenWhileItStillLearns() {
    Run treated =
        run(net(), p -> SGD.of(p).learningRate(0.05).weightDecay(0.3).build(), DoctorMode.TREAT);
    isCured(treated, Diagnosis.OVER_REGULARIZATION);
    assertTrue(
        treated.says("Symptom: weight decay pulls the weights back"), treated.cause()::toString);
  }

  @Test
  void dropoutIsLeftOutByTheRemedyAsByTheTreatment() {
    Sequential net =
        new Sequential(
            new Conv2d(4, 3).padding(1),
            new ReLU(),
            new MaxPool2d(2),
            new Dropout(0.97),
            new Linear(3));
    Run treated =
        run(net, sgd(0.05), DoctorMode.TREAT, TherapyTest::mixed, 16, Schedule.constant());
    assertEquals(Diagnosis.OVER_REGULARIZATION, treated.cause().diagnosis());
    assertTrue(treated.says("no dropout"), treated.cause()::toString);
    assertEquals("--dropout 0 --schedule cosine", treated.cause().remedy().option());
    Run held =
        run(net(), p -> SGD.of(p).learningRate(0.05).weightDecay(0.3).build(), DoctorMode.TREAT);
    assertEquals("--weight-decay 0.03 --schedule cosine", held.cause().remedy().option());
    assertEquals(
        "optimizer.setPenaltyFactor(0.1); trainer.schedule(Schedule.cosine(4))",
        held.cause().remedy().java());
  }

  @Test
  void aScheduleThatHasCollapsedIsReplaced() {
    Run treated =
        run(net(), sgd(0.02), DoctorMode.TREAT, TherapyTest::mixed, 8, Schedule.exponential(1e-9));
    assertEquals(Diagnosis.LR_SCHEDULE_COLLAPSE, treated.cause().diagnosis());
    assertTrue(treated.says("as a cosine"), treated.cause()::toString);
    assertTrue(treated.says("it has helped"), treated.cause()::toString);
  }

  @Test
  void sameSeedSameBits() {
    Run once = run(plain(), sgd(1000), DoctorMode.TREAT);
    assertEquals(once.weights(), run(plain(), sgd(1000), DoctorMode.TREAT).weights());
    assertNotEquals(once.weights(), run(plain(), sgd(1000), DoctorMode.PROBE).weights());
  }

  /** Writes down what is done to it. */
  private static final class Chart implements Treatable {
    private final List<String> done = new ArrayList<>();
    private final List<String> told = new ArrayList<>();
    private int marks;

    @Override
    public double plannedRate(double time) {
      return 1;
    }

    @Override
    public boolean validatesAverage() {
      return false;
    }

    @Override
    public GradientClipping clipping() {
      return null;
    }

    @Override
    public void multiplyLearningRate(double factor) {
      done.add("rate " + factor);
    }

    @Override
    public void setMomentum(double momentum) {
      done.add("momentum " + momentum);
    }

    @Override
    public void clipGradientNorm(double maxNorm) {
      done.add("clip " + maxNorm);
    }

    @Override
    public void restartSchedule(double peak) {
      done.add("cosine " + peak);
    }

    @Override
    public void multiplyPenalties(double factor) {
      done.add("penalties " + factor);
    }

    @Override
    public void withoutDropout() {
      done.add("no dropout");
    }

    @Override
    public void accumulate(int factor) {
      done.add("accumulate " + factor);
    }

    @Override
    public void shuffle(long seed) {
      done.add("shuffle " + seed);
    }

    @Override
    public void changeState(Runnable change) {
      done.add("state");
      change.run();
    }

    @Override
    public Mark mark() {
      marks++;
      return new Mark() {
        @Override
        public void goBack() {
          done.add("back");
        }

        @Override
        public void close() {
          marks--;
        }
      };
    }

    @Override
    public void stop() {
      done.add("stop");
    }

    @Override
    public void tell(String sentence) {
      told.add(sentence);
    }
  }

  /** What is done for a diagnosis; afterwards the bias of the last layer is looked at. */
  private List<String> done(Diagnosis diagnosis, double confidence, Trial cure) {
    try (DataLoader train = Stripes.loader(2).build();
        Model model = Model.build(backend, zeroBias(), Shape.of(1, 8, 8), 3);
        Optimizer optimizer = sgd(0.1).apply(model.parameters());
        TrainingSnapshot beginning = new TrainingSnapshot(model, optimizer)) {
      Subject subject =
          new Subject(model, new CrossEntropyLoss(), optimizer, train, train, EPOCHS, 77);
      Chart chart = new Chart();
      try (Therapy therapy = new Therapy(chart, subject, beginning)) {
        Parameter bias = model.parameters().list().get(3);
        therapy.epochDone(checkup(1, 0.5));
        bias.write(new float[] {1, 2, 3});
        therapy.epochDone(checkup(2, 0.4));
        bias.write(new float[] {4, 5, 6});
        therapy.epochDone(checkup(3, 0.6));
        Finding finding = finding(diagnosis, confidence);
        Finding treated = therapy.treat(finding, cure, 0.3, checkup(3, 0.6));
        assertEquals(chart.done.isEmpty() ? 0 : 1, treated.evidence().size());
        assertEquals(!chart.done.isEmpty(), therapy.isGiven());
        therapy.treat(finding, cure, 0.3, checkup(3, 0.6));
        chart.done.add("bias " + bias.read()[1]);
        assertTrue(chart.told.stream().allMatch(t -> t.startsWith("Treated for ")));
        return chart.done; // the second time nothing was added
      }
    }
  }

  @Test
  void whatDoesNotHelpIsUndone() {
    assertEquals(List.of("cosine 0.05", "back"), after(0.6));
    assertEquals(List.of("cosine 0.05", "back"), after(Double.POSITIVE_INFINITY));
    assertEquals(List.of("cosine 0.05"), after(0.59));
  }

  /** What is done to a run with a loss of 0.6, and with this one an epoch after its treatment. */
  private List<String> after(double loss) {
    try (DataLoader train = Stripes.loader(2).build();
        Model model = Model.build(backend, zeroBias(), Shape.of(1, 8, 8), 3);
        Optimizer optimizer = sgd(0.1).apply(model.parameters());
        TrainingSnapshot beginning = new TrainingSnapshot(model, optimizer)) {
      Subject subject =
          new Subject(model, new CrossEntropyLoss(), optimizer, train, train, EPOCHS, 77);
      Chart chart = new Chart();
      boolean helps = loss < 0.6;
      try (Therapy therapy = new Therapy(chart, subject, beginning)) {
        Finding finding = finding(Diagnosis.LR_TOO_HIGH, 0.9);
        therapy.treat(finding, now().rate(0.5), 0.1, checkup(3, 0.6));
        assertEquals(!helps, therapy.follow(checkup(4, loss)));
        assertFalse(therapy.follow(checkup(5, 0.9)), "only the first epoch decides");
        assertEquals(2, chart.told.size());
        assertEquals(!helps, chart.told.get(1).startsWith("Undone: Before"), chart.told.get(1));
        String result = therapy.result(checkup(5, 0.5)).sentence();
        assertEquals(helps, result.endsWith("it has helped."), result);
        assertEquals(!helps, result.endsWith("was undone."), result);
      }
      assertEquals(0, chart.marks, "its memory is given back");
      return chart.done;
    }
  }

  private static Finding finding(Diagnosis diagnosis, double confidence) {
    return new Finding(
        diagnosis,
        Finding.Role.PRIMARY,
        confidence,
        Symptom.FLAT,
        "",
        List.of(),
        Remedy.of(""),
        3,
        9);
  }

  private static Sequential zeroBias() {
    return new Sequential(new Conv2d(4, 3), new ReLU(), new Linear(3).bias(Initializer.zeros()));
  }

  private static Checkup checkup(int epoch, double validationLoss) {
    Checkup.Judgement judged =
        new Checkup.Judgement(3, validationLoss, 0, List.of(), List.of(), List.of());
    return new Checkup(epoch, epoch, judged, judged);
  }

  private static Trial anew() {
    return Trial.from(Trial.Start.BEGINNING, "something else");
  }

  private static Trial now() {
    return Trial.from(Trial.Start.NOW, "something else");
  }

  @Test
  void eachDiagnosisHasItsTreatment() {
    assertEquals(
        List.of("state", "cosine 0.03", "bias 0.0"),
        done(Diagnosis.LR_TOO_HIGH, 0.9, anew().rate(0.1)));
    assertEquals(
        List.of("cosine 10.0", "bias 5.0"), done(Diagnosis.LR_TOO_LOW, 0.9, now().rate(100)));
    assertEquals(
        List.of("state", "cosine 0.009", "momentum 0.9", "bias 0.0"),
        done(Diagnosis.LR_TOO_HIGH, 0.9, anew().rate(0.03).momentum(0.9)));
    assertEquals(
        List.of("state", "clip 1.0", "bias 0.0"),
        done(Diagnosis.EXPLODING_GRADIENTS, 0.9, anew().clipNorm(1)));
    assertEquals(
        List.of("cosine 0.3", "bias 5.0"), done(Diagnosis.LR_SCHEDULE_COLLAPSE, 0.9, now()));
    assertEquals(
        List.of("cosine 0.1", "bias 5.0"),
        done(Diagnosis.LR_SCHEDULE_COLLAPSE, 0.9, now().learningRate(0.1)));
    assertEquals(
        List.of("state", "bias 8.0"),
        done(
            Diagnosis.DEAD_RELU,
            0.9,
            anew()
                .prepare(model -> model.parameters().list().get(3).write(new float[] {7, 8, 9}))));
    assertEquals(
        List.of("state", "shuffle 77", "bias 0.0"), done(Diagnosis.DATA_NOT_SHUFFLED, 0.9, anew()));
    assertEquals(
        List.of("accumulate 32", "bias 5.0"),
        done(Diagnosis.BATCH_TOO_SMALL, 0.9, now().batchSize(32)));
    assertEquals(
        List.of("penalties 0.1", "no dropout", "cosine 0.1", "bias 5.0"),
        done(Diagnosis.OVER_REGULARIZATION, 0.9, now().withoutPenalties()));
    assertEquals(
        List.of("state", "stop", "bias 2.0"), done(Diagnosis.OVERFITTING, 0.9, null), "the best");
  }

  @Test
  void whatIsNotConfirmedOrNotOfTheRunIsNotTreated() {
    assertEquals(List.of("bias 5.0"), done(Diagnosis.LR_TOO_HIGH, 0.75, anew().rate(0.1)));
    assertEquals(List.of("bias 5.0"), done(Diagnosis.LR_TOO_HIGH, 0.9, null));
    assertEquals(List.of("bias 5.0"), done(Diagnosis.LABEL_NOISE, 1, anew()));
    assertEquals(List.of("bias 5.0"), done(Diagnosis.EXPLODING_GRADIENTS, 0.9, anew().rate(0.01)));
    assertEquals(List.of("bias 5.0"), done(Diagnosis.INPUT_NOT_NORMALIZED, 0.9, anew()));
  }
}
