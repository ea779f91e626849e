package gradus.doctor;

import gradus.GradusException;
import gradus.data.DataLoader;
import gradus.doctor.preflight.Preflight;
import gradus.doctor.treatment.Therapy;
import gradus.doctor.trial.TrialOutcome;
import gradus.doctor.trial.Trials;
import gradus.layer.Model;
import gradus.loss.Loss;
import gradus.optim.Optimizer;
import gradus.schedule.LearningRate;
import gradus.train.Accumulation;
import gradus.train.EpochReport;
import gradus.train.StepReport;
import gradus.train.StopReason;
import gradus.train.TrainingReport;
import gradus.train.TrainingSnapshot;
import gradus.train.Treatable;
import gradus.train.TreatingListener;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.Stream;

/**
 * Watches a training run and says why it does not converge, with the evidence and the remedy.
 *
 * <pre>{@code
 * try (Doctor doctor = Doctor.attach(model, loss, optimizer).data(train, validation)) {
 *   new Trainer(model, loss, optimizer).doctor(doctor).fit(train, validation, 10);
 *   doctor.findings().forEach(f -> System.out.println(f.sentence()));
 * }
 * }</pre>
 *
 * <p>In a loop of one's own, call {@link #onStart}, then {@link #onGradients} between backward and
 * {@code optimizer.step()}, {@link #onStep} after it, {@link #onEpoch} and {@link #onEnd}, and tell
 * it of the schedule by {@link #learningRate} and of updates from several batches by {@link
 * #accumulate}.
 */
public final class Doctor implements TreatingListener, AutoCloseable {
  private static final int SMALLEST_SAMPLE = 512;
  private static final int LARGEST_SAMPLE = 1000;
  private static final int SAMPLED_PART = 100; // so that judging takes about a percent of the time
  private static final int FEW_EPOCHS = 10;
  private static final int ENOUGH = 8; // judgements in a run
  private static final int FEW_IMAGES = 10_000;

  private final Model model;
  private final Loss loss;
  private final Optimizer optimizer;
  private final Examiner examiner;
  private DataLoader train;
  private DataLoader validation;
  private DoctorMode mode = DoctorMode.PROBE;
  private long seed;
  private Accumulation accumulation = Accumulation.NONE; // of a loop of one's own
  private Consumer<Finding> reporter = finding -> {};

  private List<Finding> examined; // null: not yet
  private Optional<Finding> defect = Optional.empty(); // certain before the first step
  private final UpdateBatches batches = new UpdateBatches();
  private Subject subject;
  private History history;
  private History since; // it was treated; until then the same
  private Vitals vitals;
  private DoubleUnaryOperator plan; // null in loops that do not tell
  private Treatable run; // null in loops that cannot be treated
  private Therapy therapy;
  private Trials trials;
  private TrainingSnapshot beginning;
  private Diagnostician diagnostician;
  private DataLoader trainSample;
  private DataLoader validationSample;
  private int checkupsPerEpoch;
  private boolean gradientsSeen;

  private Doctor(Model model, Loss loss, Optimizer optimizer) {
    this.model = model;
    this.loss = loss;
    this.optimizer = optimizer;
    this.examiner = new Examiner(model, loss);
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

  /** The seed of its samples and trials. Default 0. */
  public Doctor seed(long value) {
    seed = value;
    return this;
  }

  /**
   * What the checks before training have found; empty where none are wanted. By default the doctor
   * makes them when the run starts.
   */
  public Doctor examined(List<Finding> findings) {
    examined = List.copyOf(findings);
    return this;
  }

  /**
   * The learning rate of a loop of one's own, so that the doctor knows what is planned: while a
   * schedule is yet to lower the rate much, a loss that jumps or stays is no symptom. A {@code
   * Trainer} tells of its own.
   */
  public Doctor learningRate(LearningRate value) {
    plan = value::planned;
    return this;
  }

  /**
   * How many batches make an update in a loop of one's own, which tells of every batch by {@link
   * #onStep}. A {@code Trainer} tells of its own. Default 1.
   */
  public Doctor accumulate(int batches) {
    accumulation = new Accumulation(batches);
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
    close();
    subject = subject(epochs);
    List<Finding> preflight = examined == null ? Preflight.examine(subject) : examined;
    defect = preflight.stream().filter(Finding::isDiagnosis).findFirst();
    defect.ifPresent(reporter); // before anything is computed: it may not be possible
    vitals = new Vitals(model);
    history = begun(preflight);
    since = history;
    History.Facts facts = history.facts();
    if (mode != DoctorMode.WATCH) {
      beginning = new TrainingSnapshot(model, optimizer);
    }
    trials =
        new Trials(
            subject,
            examiner,
            beginning,
            facts.judged(),
            Trials.budget(facts.plannedSteps(), facts.accumulation()));
    if (run != null) {
      trials.clipping(run.clipping());
      trials.precision(run.precision());
    }
    diagnostician = new Diagnostician(subject, history, trials);
    if (mode == DoctorMode.TREAT && run != null) {
      therapy = new Therapy(run, subject, beginning);
    }
    trainSample = Examiner.sample(train, sampleSize(facts.trainingImages()), seed);
    validationSample =
        validation == null
            ? null
            : Examiner.sample(validation, sampleSize(facts.trainingImages()), seed);
    checkupsPerEpoch = checkupsPerEpoch(facts.trainingImages(), epochs);
    checkUp(0);
    if (therapy != null) {
      diagnostician
          .primary()
          .map(cause -> therapy.treatAtStart(cause, trials, history.last()))
          .ifPresent(diagnostician::update);
      if (isTreated()) {
        beginAnew();
      }
    }
  }

  private Subject subject(int epochs) {
    return new Subject(model, loss, optimizer, train, validation, epochs, seed, accumulation());
  }

  private Accumulation accumulation() {
    return run == null ? accumulation : run.accumulation();
  }

  private History begun(List<Finding> preflight) {
    History.Facts facts = RunFacts.of(subject, examiner);
    StepLog steps = new StepLog();
    steps.start((int) Math.max(10, facts.stepsPerEpoch() / 10));
    History begun = new History(facts, steps, vitals, preflight);
    begun.plan(plan);
    if (run != null && run.validatesAverage()) {
      begun.validatesAverage();
    }
    return begun;
  }

  /** The run goes on otherwise than before: what it has shown says nothing of what it shows. */
  private void beginAnew() {
    subject = subject(subject.epochs()); // it may make updates of more batches now
    since = begun(history.preflight());
    since.follows(history);
    since.add(new Checkup(0, 0, judged(trainSample), judged(validationSample)));
  }

  private void record(Consumer<History> news) {
    news.accept(history);
    if (since != history) {
      news.accept(since);
    }
  }

  @Override
  public void onResume(List<EpochReport> earlier) {
    boolean treated = run != null && run.isRateChanged();
    record(told -> told.resume(earlier, treated));
  }

  /** Many where epochs are few; a sample of few images is a large part of them. */
  private static int checkupsPerEpoch(int images, int epochs) {
    if (epochs >= FEW_EPOCHS) {
      return 1;
    }
    int most = images <= FEW_IMAGES ? 4 : 2;
    return images < 5 * SMALLEST_SAMPLE ? Math.max(1, Math.min(most, ENOUGH / epochs)) : most;
  }

  private static int sampleSize(int images) {
    return Math.max(SMALLEST_SAMPLE, Math.min(LARGEST_SAMPLE, images / SAMPLED_PART));
  }

  @Override
  public void treats(Treatable value) {
    run = value;
    plan = value::plannedRate;
  }

  @Override
  public void onGradients() {
    gradientsSeen = true;
    vitals.gradientsReady();
  }

  @Override
  public void onStep(StepReport report) {
    if (gradientsSeen) {
      vitals.stepDone();
      gradientsSeen = false;
    }
    if (!Float.isFinite(report.loss())) {
      record(History::sawNonFinite);
    }
    if (batches.add(report, accumulation())) {
      batches.tell(history.steps());
      if (since != history) {
        batches.tell(since.steps());
      }
      batches.forget();
    }
    int quarter = report.steps() / checkupsPerEpoch;
    if (quarter > 0
        && report.step() % quarter == 0
        && report.steps() - report.step() >= quarter
        && Float.isFinite(report.loss())
        && history.steps().steps() > history.last().step()) { // else nothing has changed
      checkUp(report.epoch());
    }
  }

  @Override
  public void onEpoch(EpochReport report) {
    record(told -> told.add(report));
    checkUp(report.epoch());
    trials.at(report.epoch(), history.steps().peakRate());
    if (isTreated()) {
      if (therapy.follow(history.last())) {
        beginAnew();
      }
      return;
    }
    if (therapy != null) {
      therapy.epochDone(history.last());
    }
    if (report.epoch() < history.facts().epochs()) { // else at the end, which follows
      diagnostician.examine(this::treated).ifPresent(reporter);
    }
  }

  @Override
  public boolean rescue(StopReason failure) {
    if (therapy == null || isTreated()) {
      return false;
    }
    history.sawNonFinite();
    checkUp(history.epochs().size() + 1);
    trials.at(history.epochs().size(), history.steps().peakRate());
    diagnostician.examine(this::treated).ifPresent(reporter);
    return isTreated();
  }

  private boolean isTreated() {
    return therapy != null && therapy.isGiven();
  }

  private Finding treated(Finding finding) {
    if (therapy == null) {
      return finding;
    }
    Finding treated =
        therapy.treat(finding, trials.latest(), history.steps().peakRate(), history.last());
    if (isTreated()) {
      beginAnew();
    }
    return treated;
  }

  @Override
  public void onEnd(TrainingReport report) {
    record(told -> told.end(report.reason()));
    if (isTreated()) {
      checkUp(report.epochs().size());
      diagnostician
          .primary()
          .map(cause -> cause.confirmed(cause.confidence(), therapy.result(history.last())))
          .ifPresent(diagnostician::update);
      return;
    }
    if (history.isNonFinite()) {
      checkUp(report.epochs().size() + 1);
    }
    if (report.reason() == StopReason.REQUESTED) {
      return; // the diagnosis stands as it is: who stops a run does not wait for trials
    }
    trials.at(report.epochs().size(), history.steps().peakRate());
    diagnostician.examine(finding -> finding).ifPresent(reporter);
    diagnostician.unexplained().ifPresent(reporter);
  }

  private void checkUp(int epoch) {
    Checkup.Judgement onTrain = judged(trainSample);
    Checkup.Judgement onValidation = judged(validationSample);
    record(told -> told.add(new Checkup(epoch, told.steps().steps(), onTrain, onValidation)));
  }

  private Checkup.Judgement judged(DataLoader sample) {
    return sample == null ? null : examiner.judge(sample);
  }

  /** What is known of the run so far. */
  public History history() {
    return history;
  }

  /**
   * What the run shows now, and in which numbers: since its treatment, where it was treated. Empty
   * before training.
   */
  public Map<Symptom, String> symptoms() {
    return since == null ? Map.of() : Symptoms.of(since);
  }

  /** What was tried to find the cause. */
  public List<TrialOutcome> trials() {
    return trials == null ? List.of() : trials.outcomes();
  }

  /** Updates spent on trials, in units of the run's. */
  public long trialSteps() {
    return trials == null ? 0 : trials.steps();
  }

  /** The diagnosis: what was certain beforehand, the cause, then at most two mechanisms. */
  public List<Finding> findings() {
    return diagnostician == null ? defect.stream().toList() : diagnostician.findings();
  }

  /**
   * What is unusual, but has done no harm that the run shows; and what shows in a run that has
   * ended without a known cause.
   */
  public List<Finding> notes() {
    if (history == null) {
      return List.of();
    }
    Stream<Finding> unusual = history.preflight().stream().filter(f -> !f.isDiagnosis());
    return Stream.concat(unusual, diagnostician.unexplained().stream()).toList();
  }

  /** Gives its memory on the device back; what it has found stays. */
  @Override
  public void close() {
    if (vitals != null) {
      vitals.close();
      vitals = null;
    }
    if (therapy != null) {
      therapy.close();
      therapy = null;
    }
    if (beginning != null) {
      beginning.close();
      beginning = null;
    }
    if (trainSample != null) {
      trainSample.close();
      trainSample = null;
    }
    if (validationSample != null) {
      validationSample.close();
      validationSample = null;
    }
  }
}
