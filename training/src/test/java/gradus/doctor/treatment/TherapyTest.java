package gradus.doctor.treatment;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gradus.TestBackend;
import gradus.backend.Backend;
import gradus.data.DataLoader;
import gradus.doctor.Checkup;
import gradus.doctor.Diagnosis;
import gradus.doctor.Finding;
import gradus.doctor.Remedy;
import gradus.doctor.Subject;
import gradus.doctor.Symptom;
import gradus.doctor.trial.Trial;
import gradus.layer.Conv2d;
import gradus.layer.Initializer;
import gradus.layer.Linear;
import gradus.layer.Model;
import gradus.layer.Parameter;
import gradus.layer.ReLU;
import gradus.layer.Sequential;
import gradus.loss.CrossEntropyLoss;
import gradus.optim.GradientClipping;
import gradus.optim.Optimizer;
import gradus.optim.SGD;
import gradus.tensor.Precision;
import gradus.tensor.Shape;
import gradus.train.Accumulation;
import gradus.train.Stripes;
import gradus.train.TrainingSnapshot;
import gradus.train.Treatable;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a therapy does to a run, which here only writes it down. */
class TherapyTest {
  private static final int EPOCHS = 4;

  private Backend backend;

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
    public boolean isRateChanged() {
      return false;
    }

    @Override
    public boolean validatesAverage() {
      return false;
    }

    @Override
    public Precision precision() {
      return Precision.FP32;
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
    public Accumulation accumulation() {
      return Accumulation.NONE;
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
    return done(diagnosis, confidence, cure, 0.3);
  }

  private List<String> done(Diagnosis diagnosis, double confidence, Trial cure, double peakRate) {
    try (DataLoader train = Stripes.loader(2).build();
        Model model = Model.build(backend, zeroBias(), Shape.of(1, 8, 8), 3);
        Optimizer optimizer = SGD.of(model.parameters()).learningRate(0.1).build();
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
        Finding treated = therapy.treat(finding, cure, peakRate, checkup(3, 0.6));
        assertEquals(chart.done.isEmpty() ? 0 : 1, treated.evidence().size());
        assertEquals(!chart.done.isEmpty(), therapy.isGiven());
        therapy.treat(finding, cure, peakRate, checkup(3, 0.6));
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
        Optimizer optimizer = SGD.of(model.parameters()).learningRate(0.1).build();
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

  /** At what the schedule has left, new weights would learn nothing. */
  @Test
  void fromTheBeginningItGoesOnAtTheRateOfThenIfThatHasFallen() {
    assertEquals(
        List.of("state", "shuffle 77", "cosine 0.3", "bias 0.0"),
        done(Diagnosis.DATA_NOT_SHUFFLED, 0.9, anew()));
    assertEquals(
        List.of("state", "clip 1.0", "cosine 0.3", "bias 0.0"),
        done(Diagnosis.EXPLODING_GRADIENTS, 0.9, anew().clipNorm(1)));
    assertEquals(
        List.of("state", "accumulate 32", "cosine 0.3", "bias 0.0"),
        done(Diagnosis.BATCH_TOO_SMALL, 0.9, anew().batchSize(32)));
    assertEquals(
        List.of("accumulate 32", "bias 5.0"),
        done(Diagnosis.BATCH_TOO_SMALL, 0.9, now().batchSize(32)));
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
        done(Diagnosis.EXPLODING_GRADIENTS, 0.9, anew().clipNorm(1), 0.15));
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
        List.of("state", "shuffle 77", "bias 0.0"),
        done(Diagnosis.DATA_NOT_SHUFFLED, 0.9, anew(), 0.15));
    assertEquals(
        List.of("accumulate 32", "bias 5.0"),
        done(Diagnosis.BATCH_TOO_SMALL, 0.9, now().batchSize(32)));
    assertEquals(
        List.of("penalties 0.1", "no dropout", "cosine 0.1", "bias 5.0"),
        done(Diagnosis.OVER_REGULARIZATION, 0.9, now().withoutPenalties()));
    assertEquals(
        List.of("state", "penalties 0.1", "no dropout", "cosine 0.3", "bias 0.0"),
        done(Diagnosis.OVER_REGULARIZATION, 0.9, anew().withoutPenalties()),
        "from the beginning, at the rate of the beginning");
    assertEquals(
        List.of("state", "stop", "bias 2.0"), done(Diagnosis.OVERFITTING, 0.9, null), "the best");
  }

  /** The loader's batches are of two images. */
  @Test
  void updatesAreMadeOfMoreBatchesThanBefore() {
    Trial larger = now().batchSize(64);
    assertEquals(List.of("accumulate 32"), accumulated(1, larger, 32));
    assertEquals(List.of("accumulate 8"), accumulated(4, larger, 32));
    assertEquals(List.of("accumulate 8"), accumulated(4, now().batchSize(16), 32));
    Trial ofNorms = now().batchSize(16).accumulate(4);
    assertEquals(List.of(), accumulated(32, ofNorms, 0), "norms would see what they saw");
  }

  /** What is done to a run that accumulates so many, told as that many batches. */
  private List<String> accumulated(int batches, Trial cure, int told) {
    try (DataLoader train = Stripes.loader(2).sampler(epoch -> new int[600]).build();
        Model model = Model.build(backend, zeroBias(), Shape.of(1, 8, 8), 3);
        Optimizer optimizer = SGD.of(model.parameters()).build();
        TrainingSnapshot beginning = new TrainingSnapshot(model, optimizer)) {
      Subject subject =
          new Subject(
              model,
              new CrossEntropyLoss(),
              optimizer,
              train,
              train,
              EPOCHS,
              77,
              new Accumulation(batches));
      Chart chart = new Chart();
      try (Therapy therapy = new Therapy(chart, subject, beginning)) {
        therapy.treat(finding(Diagnosis.BATCH_TOO_SMALL, 0.9), cure, 0.1, checkup(3, 0.6));
      }
      String end = "one update from every " + told + " batches";
      assertTrue(chart.told.stream().allMatch(words -> words.endsWith(end)), chart.told::toString);
      return chart.done;
    }
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
