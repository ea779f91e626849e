package gradus.doctor.treatment;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gradus.TestBackend;
import gradus.backend.Backend;
import gradus.data.DataLoader;
import gradus.data.Sampler;
import gradus.data.image.Image;
import gradus.doctor.Diagnosis;
import gradus.doctor.Doctor;
import gradus.doctor.DoctorMode;
import gradus.doctor.Finding;
import gradus.doctor.Remedy;
import gradus.doctor.Symptom;
import gradus.layer.Conv2d;
import gradus.layer.Dropout;
import gradus.layer.Initializer;
import gradus.layer.Linear;
import gradus.layer.MaxPool2d;
import gradus.layer.Model;
import gradus.layer.ParameterStore;
import gradus.layer.ReLU;
import gradus.layer.Sequential;
import gradus.loss.CrossEntropyLoss;
import gradus.optim.Optimizer;
import gradus.optim.SGD;
import gradus.schedule.Schedule;
import gradus.tensor.Shape;
import gradus.train.Stripes;
import gradus.train.Trainer;
import gradus.train.TrainingListener;
import gradus.train.TrainingReport;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Whole runs with one fault, of 1600 pictures an epoch, under a doctor that may treat. */
class TreatedFaultsTest {
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
    return run(net, choice, mode, TreatedFaultsTest::mixed, 8, Schedule.constant());
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
    try (DataLoader train = Stripes.loader(8).sampler(TreatedFaultsTest::mixed).build();
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
        run(net, sgd(0.05), DoctorMode.TREAT, TreatedFaultsTest::mixed, 16, Schedule.constant());
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
        run(
            net(),
            sgd(0.02),
            DoctorMode.TREAT,
            TreatedFaultsTest::mixed,
            8,
            Schedule.exponential(1e-9));
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
}
