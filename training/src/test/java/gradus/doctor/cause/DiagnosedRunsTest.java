package gradus.doctor.cause;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gradus.TestBackend;
import gradus.backend.Backend;
import gradus.data.DataLoader;
import gradus.data.Dataset;
import gradus.data.Sample;
import gradus.data.image.Image;
import gradus.data.transform.Transform;
import gradus.doctor.Diagnosis;
import gradus.doctor.Doctor;
import gradus.doctor.Finding;
import gradus.doctor.Remedy;
import gradus.doctor.Symptom;
import gradus.layer.BatchNorm2d;
import gradus.layer.Conv2d;
import gradus.layer.Linear;
import gradus.layer.MaxPool2d;
import gradus.layer.Model;
import gradus.layer.ReLU;
import gradus.layer.Sequential;
import gradus.loss.CrossEntropyLoss;
import gradus.optim.Optimizer;
import gradus.optim.SGD;
import gradus.schedule.Schedule;
import gradus.tensor.Shape;
import gradus.train.Stripes;
import gradus.train.Trainer;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.IntUnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Small runs with one fault, whose cause only a model or a trial can tell. */
class DiagnosedRunsTest {
  private static final Dataset DATA = Stripes.DATA;

  /** Found before training, so that the checks, which would find copies, are not made. */
  private static final Finding NOTHING =
      Finding.note(Diagnosis.CAPACITY_TOO_HIGH, "nothing", Remedy.of("nothing"));

  private Backend backend;

  @BeforeEach
  void open() {
    backend = TestBackend.open();
  }

  @AfterEach
  void close() {
    backend.close();
  }

  /** The same pictures with other labels. */
  private record Labelled(IntUnaryOperator labels) implements Dataset {
    @Override
    public String name() {
      return "labelled";
    }

    @Override
    public int size() {
      return DATA.size();
    }

    @Override
    public Sample get(int index) {
      return new Sample(DATA.get(index).image(), label(index));
    }

    @Override
    public int label(int index) {
      return labels.applyAsInt(index);
    }

    @Override
    public List<String> classNames() {
      return DATA.classNames();
    }

    @Override
    public String contentHash() {
      return name();
    }
  }

  private static Image changed(Image image, boolean transposed, float shift) {
    int side = image.height();
    float[] values = new float[image.size()];
    for (int y = 0; y < side; y++) {
      for (int x = 0; x < side; x++) {
        values[y * side + x] = shift + (transposed ? image.value(0, x, y) : image.value(0, y, x));
      }
    }
    return Image.ofFloats(1, side, side, values);
  }

  private static Sequential plain() {
    return new Sequential(new Conv2d(4, 3).padding(1), new ReLU(), new MaxPool2d(2), new Linear(3));
  }

  private List<Finding> diagnose(
      Sequential net, Dataset train, Transform input, DataLoader held, Consumer<Trainer> settings) {
    return diagnose(net, train, input, held, settings, 0.05);
  }

  private List<Finding> diagnose(
      Sequential net,
      Dataset train,
      Transform input,
      DataLoader held,
      Consumer<Trainer> settings,
      double rate) {
    return diagnose(net, train, input, held, settings, rate, 0);
  }

  private List<Finding> diagnose(
      Sequential net,
      Dataset train,
      Transform input,
      DataLoader held,
      Consumer<Trainer> settings,
      double rate,
      double l1) {
    int[] order = new int[1600];
    for (int i = 0; i < order.length; i++) {
      order[i] = (i * 37 + i / 60) % 60;
    }
    DataLoader.Builder loader =
        DataLoader.of(train).batchSize(16).workers(0).sampler(epoch -> order).transform(input);
    CrossEntropyLoss loss = new CrossEntropyLoss();
    try (held;
        DataLoader batches = loader.build();
        Model model = Model.build(backend, net, Shape.of(1, 8, 8), 3);
        Optimizer optimizer = SGD.of(model.parameters()).learningRate(rate).l1(l1).build();
        Doctor doctor = Doctor.attach(model, loss, optimizer)) {
      doctor.data(batches, held).examined(List.of(NOTHING));
      Trainer trainer = new Trainer(model, loss, optimizer).seed(5).listener(doctor);
      settings.accept(trainer);
      trainer.fit(batches, held, 4);
      return doctor.findings();
    }
  }

  private static DataLoader judgedOn(Dataset data, Transform input) {
    return DataLoader.of(data).batchSize(20).workers(0).transform(input).build();
  }

  private static void assertPrimary(Diagnosis expected, List<Finding> findings) {
    assertEquals(
        expected,
        findings.isEmpty() ? null : findings.get(0).diagnosis(),
        () -> findings.stream().map(Finding::sentence).toList().toString());
  }

  /** Nothing that is changed now wakes them: it is tried from the beginning. */
  @Test
  void unitsThatTheRateHasKilled() {
    DataLoader held = judgedOn(DATA, (image, random) -> image);
    List<Finding> findings =
        diagnose(plain(), DATA, (image, random) -> image, held, trainer -> {}, 1.5);
    assertPrimary(Diagnosis.LR_TOO_HIGH, findings);
    assertEquals("--lr 0.15 --schedule cosine", findings.get(0).remedy().option());
  }

  @Test
  void nothingIsWrongWithTheRunTheFaultsArePutInto() {
    Transform same = Transform.identity();
    assertEquals(List.of(), diagnose(plain(), DATA, same, judgedOn(DATA, same), trainer -> {}));
  }

  @Test
  void validationLabelsThatAreNumberedOtherwise() {
    Transform same = Transform.identity();
    Dataset shifted = new Labelled(i -> (DATA.label(i) + 1) % 3);
    List<Finding> found = diagnose(plain(), DATA, same, judgedOn(shifted, same), trainer -> {});
    assertPrimary(Diagnosis.LABEL_NOISE, found);
    assertTrue(found.get(0).cause().contains("3 of 3 classes"), found.get(0)::cause);
  }

  @Test
  void validationImagesThatAreTurnedButNotScaled() {
    Transform same = Transform.identity();
    Transform turned = (image, random) -> changed(image, true, 0);
    List<Finding> found = diagnose(plain(), DATA, same, judgedOn(DATA, turned), trainer -> {});
    assertPrimary(Diagnosis.PREPROCESSING_MISMATCH, found);
  }

  @Test
  void runningStatisticsThatNeverMove() {
    Finding found = withStatisticsOf(0);
    assertTrue(found.cause().contains("what they were before training"), found::cause);
  }

  @Test
  void runningStatisticsThatHardlyFollow() {
    Finding found = withStatisticsOf(1e-4);
    assertTrue(found.cause().contains("do not follow the batches"), found::cause);
    String rest = "With the weights left as they are, 30 batches more bring it to ";
    assertTrue(found.toString().contains(rest), found::toString);
  }

  private Finding withStatisticsOf(double momentum) {
    Transform bright = (image, random) -> changed(image, false, 10);
    Sequential net =
        new Sequential(
            new Conv2d(8, 3).padding(1),
            new BatchNorm2d().momentum(momentum),
            new ReLU(),
            new MaxPool2d(2),
            new Linear(3));
    List<Finding> found = diagnose(net, DATA, bright, judgedOn(DATA, bright), trainer -> {});
    assertPrimary(Diagnosis.EVAL_MODE_ERROR, found);
    assertEquals(Case.CONFIRMED, found.get(0).confidence());
    return found.get(0);
  }

  @Test
  void anL1PenaltyThatLeavesNoWeights() {
    Transform same = Transform.identity();
    DataLoader held = judgedOn(DATA, same);
    List<Finding> found = diagnose(plain(), DATA, same, held, trainer -> {}, 0.05, 0.3);
    assertPrimary(Diagnosis.OVER_REGULARIZATION, found);
    assertEquals("An L1 penalty of 0.3 pulls harder than the data.", found.get(0).cause());
    assertEquals("--l1 0.03 --schedule cosine", found.get(0).remedy().option());
  }

  @Test
  void aWarmUpThatNeverEnds() {
    Transform same = Transform.identity();
    List<Finding> found =
        diagnose(
            plain(),
            DATA,
            same,
            judgedOn(DATA, same),
            trainer -> trainer.schedule(Schedule.constant().warmup(2e4)));
    assertPrimary(Diagnosis.LR_TOO_LOW, found);
  }

  /** At the end of it the optimizer's rate is nearly 0, whatever the run was made with. */
  @Test
  void aRateThatIsTooLowWhenTheRunIsOverBecauseOfItsCosine() {
    List<Finding> found = withCosineFrom(0.003);
    assertPrimary(Diagnosis.LR_TOO_LOW, found);
    assertEquals(Symptom.SLOW, found.get(0).symptom());
    assertTrue(found.get(0).cause().startsWith("A learning rate of 0.00015 "), found.get(0)::cause);
    assertEquals("--lr 0.15 --schedule cosine", found.get(0).remedy().option());
    assertEquals(List.of(), withCosineFrom(3), "the remedy");
  }

  /** As the steps of a staircase leave it: by then it is the rate of a few images at the end. */
  @Test
  void aRateThatIsTooLowWhenTheRunIsOverBecauseOfItsSteps() {
    Transform same = Transform.identity();
    List<Finding> found =
        diagnose(
            plain(),
            DATA,
            same,
            judgedOn(DATA, same),
            trainer ->
                trainer.schedule(
                    Schedule.lambda(epoch -> 0.003 * (epoch < 2 ? 1 : epoch < 3 ? 0.1 : 0.02))));
    assertPrimary(Diagnosis.LR_TOO_LOW, found);
    assertTrue(found.get(0).cause().startsWith("A learning rate of 0.00015 "), found.get(0)::cause);
    assertEquals("--lr 0.15 --schedule cosine", found.get(0).remedy().option());
  }

  private List<Finding> withCosineFrom(double factor) {
    Transform same = Transform.identity();
    Schedule cosine = Schedule.cosine(4);
    return diagnose(
        plain(),
        DATA,
        same,
        judgedOn(DATA, same),
        trainer -> trainer.schedule(epoch -> factor * cosine.factor(epoch)));
  }

  @Test
  void aRateSoLowThatStepsAreRoundedAway() {
    Transform same = Transform.identity();
    List<Finding> found =
        diagnose(
            plain(),
            DATA,
            same,
            judgedOn(DATA, same),
            trainer -> trainer.schedule(Schedule.lambda(epoch -> 1e-11)));
    assertPrimary(Diagnosis.LR_TOO_LOW, found);
  }

  @Test
  void aGradientThatIsClippedToNothing() {
    Transform same = Transform.identity();
    List<Finding> found =
        diagnose(
            plain(), DATA, same, judgedOn(DATA, same), trainer -> trainer.clipGradientNorm(1e-6));
    assertPrimary(Diagnosis.LR_TOO_LOW, found);
    assertTrue(found.get(0).cause().contains("shortens"), found.get(0)::cause);
  }
}
