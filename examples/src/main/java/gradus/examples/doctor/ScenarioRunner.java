package gradus.examples.doctor;

import gradus.backend.Backend;
import gradus.data.DataLoader;
import gradus.doctor.Doctor;
import gradus.doctor.DoctorMode;
import gradus.doctor.Finding;
import gradus.layer.Model;
import gradus.layer.Parameter;
import gradus.loss.Loss;
import gradus.optim.Optimizer;
import gradus.tensor.Shape;
import gradus.train.EpochReport;
import gradus.train.Evaluator;
import gradus.train.StepReport;
import gradus.train.TrainingListener;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32C;

/** Trains scenarios, with a doctor or without. */
public final class ScenarioRunner {
  private final Backend backend;

  /** On this backend, which the caller closes. */
  public ScenarioRunner(Backend backend) {
    this.backend = backend;
  }

  /** Trains without a doctor. */
  public Outcome withoutDoctor(Scenario scenario, long seed) {
    return withRate(scenario, seed, 1);
  }

  /** Trains under the eyes of a doctor. */
  public Outcome withDoctor(Scenario scenario, long seed, DoctorMode mode) {
    return run(scenario, seed, mode, 1);
  }

  /** Trains without a doctor, with the learning rate of the recipe times {@code rateFactor}. */
  Outcome withRate(Scenario scenario, long seed, double rateFactor) {
    return run(scenario, seed, null, rateFactor);
  }

  private Outcome run(Scenario scenario, long seed, DoctorMode mode, double rateFactor) {
    Recipe recipe = scenario.recipe().get();
    try (DataLoader train = recipe.trainLoader(seed);
        DataLoader validation = recipe.validationLoader()) {
      Shape image = train.imageShape();
      try (Model model = recipe.newModel(backend, image, seed);
          Model copy = recipe.isOptimizingCopy() ? recipe.newModel(backend, image, seed) : null;
          Optimizer optimizer = recipe.newOptimizer(model, copy)) {
        optimizer.setLearningRate(rateFactor * optimizer.learningRate());
        Loss loss = recipe.newLoss();
        Journal journal = new Journal();
        if (mode == null) {
          Loop.Run run =
              new Loop.Run(
                  model,
                  loss,
                  optimizer,
                  train,
                  validation,
                  recipe.epochs(),
                  recipe.newSchedule(),
                  seed,
                  List.of(journal));
          return train(scenario, recipe, run, journal, null);
        }
        try (Doctor doctor = Doctor.attach(model, loss, optimizer)) {
          doctor.data(train, validation).mode(mode).seed(seed).onFinding(journal::found);
          Loop.Run run =
              new Loop.Run(
                  model,
                  loss,
                  optimizer,
                  train,
                  validation,
                  recipe.epochs(),
                  recipe.newSchedule(),
                  seed,
                  List.of(journal, doctor));
          return train(scenario, recipe, run, journal, doctor);
        }
      }
    }
  }

  /** A run that fails is a result as well: the others go on. */
  private static Outcome train(
      Scenario scenario, Recipe recipe, Loop.Run run, Journal journal, Doctor doctor) {
    String failure = null;
    long start = System.nanoTime();
    try {
      recipe.loop().train(run);
    } catch (RuntimeException e) {
      failure = e.toString();
    }
    double seconds = (System.nanoTime() - start) * 1e-9;
    return new Outcome(
        scenario,
        run.seed(),
        journal.accuracy(run),
        journal.epochs,
        journal.nonFinite,
        recipe.plannedSteps(),
        journal.steps,
        seconds,
        checksum(run.model()),
        doctor == null ? List.of() : doctor.findings(),
        doctor == null ? List.of() : doctor.notes(),
        journal.diagnosedAt,
        doctor == null ? 0 : doctor.trialSteps(),
        failure);
  }

  private static long checksum(Model model) {
    CRC32C checksum = new CRC32C();
    for (Parameter parameter : model.state()) {
      float[] values = parameter.read();
      ByteBuffer bytes = ByteBuffer.allocate(values.length * Float.BYTES);
      bytes.asFloatBuffer().put(values);
      checksum.update(bytes);
    }
    return checksum.getValue();
  }

  /** What a run says of itself. */
  private static final class Journal implements TrainingListener {
    private final List<EpochReport> epochs = new ArrayList<>();
    private boolean nonFinite;
    private long steps;
    private long diagnosedAt = -1;

    @Override
    public void onStep(StepReport report) {
      steps++;
      nonFinite |= !Float.isFinite(report.loss());
    }

    @Override
    public void onEpoch(EpochReport report) {
      epochs.add(report);
    }

    void found(Finding finding) {
      if (finding.isDiagnosis() && diagnosedAt < 0) {
        diagnosedAt = steps;
      }
    }

    double accuracy(Loop.Run run) {
      return epochs.size() == run.epochs()
          ? epochs.get(epochs.size() - 1).validationAccuracy()
          : new Evaluator(run.model(), run.loss()).evaluate(run.validation()).accuracy();
    }
  }
}
