package gradus.doctor;

import gradus.GradusException;
import gradus.data.DataLoader;
import gradus.doctor.preflight.Preflight;
import gradus.layer.Model;
import gradus.loss.Loss;
import gradus.optim.Optimizer;
import gradus.train.EpochReport;
import gradus.train.StepReport;
import gradus.train.TrainingListener;
import gradus.train.TrainingReport;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * Watches a training run and says why it does not converge, with the evidence and the remedy.
 *
 * <pre>{@code
 * try (Doctor doctor = Doctor.attach(model, loss, optimizer).data(train, validation)) {
 *   new Trainer(model, loss, optimizer).listener(doctor).fit(train, validation, 10);
 *   doctor.findings().forEach(f -> System.out.println(f.sentence()));
 * }
 * }</pre>
 *
 * <p>In a loop of one's own, call {@link #onStart}, then {@link #onGradients} between backward and
 * {@code optimizer.step()}, {@link #onStep} after it, {@link #onEpoch} and {@link #onEnd}.
 */
public final class Doctor implements TrainingListener, AutoCloseable {
  private final Model model;
  private final Loss loss;
  private final Optimizer optimizer;
  private DataLoader train;
  private DataLoader validation;
  private DoctorMode mode = DoctorMode.PROBE;
  private long seed;
  private Consumer<Finding> reporter = finding -> {};
  private final List<Finding> preflight = new ArrayList<>();

  private Doctor(Model model, Loss loss, Optimizer optimizer) {
    this.model = model;
    this.loss = loss;
    this.optimizer = optimizer;
  }

  /** A doctor for a run of {@code model}; {@link #data} must follow. */
  public static Doctor attach(Model model, Loss loss, Optimizer optimizer) {
    return new Doctor(model, loss, optimizer);
  }

  /**
   * The loaders of the run, which the doctor only reads the settings of.
   *
   * @param heldOut what the run is judged on, or null
   */
  public Doctor data(DataLoader training, DataLoader heldOut) {
    train = training;
    validation = heldOut;
    return this;
  }

  /** How much it may do; {@link DoctorMode#PROBE} by default. */
  public Doctor mode(DoctorMode value) {
    mode = value;
    return this;
  }

  /** How much it may do. */
  public DoctorMode mode() {
    return mode;
  }

  /** The seed of its samples and trials. Default 0. */
  public Doctor seed(long value) {
    seed = value;
    return this;
  }

  /** Who is told of each finding when it is made, once. */
  public Doctor onFinding(Consumer<Finding> value) {
    reporter = value;
    return this;
  }

  @Override
  public void onStart(int epochs) {
    if (train == null) {
      throw new GradusException(
          "The doctor needs to know the data: call data(trainLoader, validationLoader).");
    }
    preflight.clear();
    preflight.addAll(
        Preflight.examine(new Subject(model, loss, optimizer, train, validation, epochs, seed)));
    findings().forEach(reporter);
  }

  @Override
  public void onGradients() {}

  @Override
  public void onStep(StepReport report) {}

  @Override
  public void onEpoch(EpochReport report) {}

  @Override
  public void onEnd(TrainingReport report) {}

  /** The diagnosis as it stands: the cause first, then at most two mechanisms. */
  public List<Finding> findings() {
    return preflight.stream().filter(Finding::isDiagnosis).toList();
  }

  /** What is unusual, but has done no harm that the run shows. */
  public List<Finding> notes() {
    return preflight.stream().filter(f -> !f.isDiagnosis()).toList();
  }

  @Override
  public void close() {}
}
