package gradus.doctor.cause;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gradus.backend.Backend;
import gradus.backend.reference.ReferenceBackend;
import gradus.data.DataLoader;
import gradus.data.Dataset;
import gradus.doctor.Diagnosis;
import gradus.doctor.Doctor;
import gradus.doctor.DoctorMode;
import gradus.doctor.Finding;
import gradus.doctor.Symptom;
import gradus.layer.AdaptiveAvgPool2d;
import gradus.layer.BatchNorm2d;
import gradus.layer.Conv2d;
import gradus.layer.Flatten;
import gradus.layer.Linear;
import gradus.layer.MaxPool2d;
import gradus.layer.Model;
import gradus.layer.Parameter;
import gradus.layer.ReLU;
import gradus.layer.Sequential;
import gradus.loss.CrossEntropyLoss;
import gradus.optim.Optimizer;
import gradus.optim.SGD;
import gradus.tensor.Shape;
import gradus.train.Stripes;
import gradus.train.Trainer;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Where statistics are mostly noise, a run is another one if sums are rounded otherwise. */
class NormsOfFewImagesTest {
  private static final Dataset DATA =
      Stripes.DATA.subset(IntStream.range(0, 480).map(i -> i % 60).toArray());

  private Backend backend;
  private Set<Symptom> symptoms;

  @BeforeEach
  void open() {
    backend = new ReferenceBackend();
  }

  @AfterEach
  void close() {
    backend.pool().trim();
    assertEquals(0, backend.memory().liveBytes());
    backend.close();
  }

  /** Each norm sees many numbers of a channel, of however few images. */
  private static Sequential wide() {
    return new Sequential(conv(6), new BatchNorm2d(), new ReLU(), new MaxPool2d(2))
        .add(conv(8))
        .add(new BatchNorm2d())
        .add(new ReLU())
        .add(new AdaptiveAvgPool2d())
        .add(new Flatten())
        .add(new Linear(3));
  }

  private static Conv2d conv(int filters) {
    return new Conv2d(filters, 3).padding(1);
  }

  /** The norm sees one number of each channel of an image. */
  private static Sequential narrow() {
    return new Sequential(
        new Flatten(), new Linear(16), new BatchNorm2d(), new ReLU(), new Linear(3));
  }

  /** The same of the second norm, after convolutions. */
  private static Sequential narrowing() {
    return new Sequential(
        conv(6).stride(2),
        new BatchNorm2d(),
        new ReLU(),
        new Conv2d(8, 3).stride(2),
        new BatchNorm2d(),
        new ReLU(),
        new Flatten(),
        new Linear(3));
  }

  private List<Finding> diagnose(Sequential net, int batch, double rate) {
    return diagnose(net, batch, rate, model -> {}, DoctorMode.PROBE);
  }

  private List<Finding> diagnose(
      Sequential net, int batch, double rate, Consumer<Model> change, DoctorMode mode) {
    CrossEntropyLoss loss = new CrossEntropyLoss();
    try (DataLoader train = DataLoader.of(DATA).workers(0).batchSize(batch).shuffle(11).build();
        DataLoader held = Stripes.loader(20).build();
        Model model = Model.build(backend, net, Shape.of(1, 8, 8), 3);
        Optimizer optimizer = SGD.of(model.parameters()).learningRate(rate).build();
        Doctor doctor = Doctor.attach(model, loss, optimizer)) {
      change.accept(model);
      doctor.data(train, held).mode(mode).examined(List.of());
      new Trainer(model, loss, optimizer).seed(5).doctor(doctor).fit(train, held, 5);
      symptoms = doctor.symptoms().keySet();
      return doctor.findings();
    }
  }

  private static Finding tooSmall(List<Finding> found) {
    assertEquals(Diagnosis.BATCH_TOO_SMALL, found.get(0).diagnosis(), found::toString);
    String remedy = found.get(0).remedy().sentence();
    assertTrue(remedy.contains("to accumulate small ones does not help batch norms"), remedy);
    assertTrue(remedy.contains("GroupNorm"), remedy);
    assertEquals("--batch 64", found.get(0).remedy().option());
    return found.get(0);
  }

  /** No trial can be afforded: one of sixteen images is as dear as sixteen of the run's steps. */
  @Test
  void whatSingleImagesTeachDoesNotHoldInEvaluation() {
    Finding finding = tooSmall(diagnose(wide(), 1, 0.02));
    assertTrue(symptoms.contains(Symptom.INCONSISTENT), symptoms::toString);
    assertEquals(Case.LIKELY, finding.confidence());
    assertTrue(finding.cause().startsWith("Batch norms see 1 image at a time"), finding::cause);
    assertTrue(finding.toString().contains("with the statistics of batches of 1 image, as in"));
    tooSmall(diagnose(wide(), 1, 0.02, model -> {}, DoctorMode.WATCH));
  }

  @Test
  void nothingPassesANormOfSingleNumbers() {
    for (Sequential net : List.of(narrow(), narrowing())) {
      Finding finding = tooSmall(diagnose(net, 1, 0.02));
      assertEquals(Symptom.FLAT, finding.symptom());
      assertTrue(finding.cause().contains("sees one number of each channel"), finding::cause);
    }
  }

  @Test
  void hardlyAnythingPassesANormOfPairs() {
    Finding finding = tooSmall(diagnose(narrowing(), 2, 0.02));
    assertEquals(Case.CONFIRMED, finding.confidence(), "by a trial");
    assertTrue(finding.cause().contains("sees two numbers of each channel"), finding::cause);
    Finding untreated = tooSmall(diagnose(narrowing(), 2, 0.02, model -> {}, DoctorMode.TREAT));
    assertEquals(finding, untreated, "accumulated batches would change nothing for the norm");
  }

  @Test
  void whatLearnsHasNoCause() {
    for (int batch : new int[] {4, 8, 16}) {
      for (Sequential net : List.of(wide(), narrow(), narrowing())) {
        assertEquals(List.of(), diagnose(net, batch, 0.02), () -> "batches of " + batch);
      }
    }
    assertEquals(List.of(), diagnose(wide(), 2, 0.02), "nor do pairs, where they learn");
    assertEquals(List.of(), diagnose(narrow(), 2, 0.02));
  }

  /** They normalise by their running statistics, whatever the batch. */
  @Test
  void frozenNormsNeedNoBatch() {
    List<Finding> found =
        diagnose(
            narrow(),
            1,
            1e-7,
            model ->
                model.parameters().list().stream()
                    .filter(p -> p.kind() == Parameter.Kind.NORM)
                    .forEach(p -> p.setFrozen(true)),
            DoctorMode.WATCH);
    assertTrue(symptoms.contains(Symptom.FLAT), symptoms::toString);
    assertTrue(
        found.stream().noneMatch(f -> f.diagnosis() == Diagnosis.BATCH_TOO_SMALL), found::toString);
  }
}
