package gradus.doctor.trial;

import gradus.data.DataLoader;
import gradus.doctor.Subject;
import gradus.layer.Model;
import gradus.layer.ParameterStore;
import gradus.optim.Optimizer;
import gradus.train.Accumulation;
import java.util.List;
import java.util.OptionalDouble;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;

/**
 * A short piece of a run with one thing changed.
 *
 * <pre>{@code
 * Trial.from(Start.BEGINNING, "a tenth of the learning rate").rate(0.1)
 * }</pre>
 */
public final class Trial {
  /** Which state of the run it goes on from. */
  public enum Start {
    /** Before the first step. */
    BEGINNING,
    /** As it is now. */
    NOW
  }

  private static final int STEPS = 40;

  private final Start start;
  private final String name;
  private UnaryOperator<DataLoader.Builder> data = settings -> settings;
  private Consumer<Model> preparation = model -> {};
  private Function<ParameterStore, Optimizer> optimizer;
  private double rate = 1;
  private double fixedRate = Double.NaN;
  private double momentum = Double.NaN; // the run's
  private double clipNorm = Double.NaN; // not clipped
  private boolean clipping = true;
  private boolean penalties = true;
  private boolean dropout = true;
  private boolean thawed;
  private int steps = STEPS;
  private Predicate<List<Double>> end = losses -> false;
  private boolean full;
  private int batch; // 0: the run's
  private Accumulation accumulation; // null: the run's
  private List<DataLoader> others = List.of();

  private Trial(Start start, String name) {
    this.start = start;
    this.name = name;
  }

  /** One that changes nothing yet; the name says what is changed. */
  public static Trial from(Start start, String name) {
    return new Trial(start, name);
  }

  /** Other settings of the loader. */
  public Trial data(UnaryOperator<DataLoader.Builder> change) {
    data = change;
    return this;
  }

  /** Batches of that size, with an update after each. */
  public Trial batchSize(int images) {
    batch = images;
    return accumulate(1);
  }

  /** An update after so many batches, whatever the run's are made of. */
  public Trial accumulate(int batches) {
    accumulation = new Accumulation(batches);
    return this;
  }

  /** The learning rate times a factor. */
  public Trial rate(double factor) {
    rate = factor;
    return this;
  }

  /** A learning rate of its own. */
  public Trial learningRate(double value) {
    fixedRate = value;
    return this;
  }

  /** SGD with another momentum. */
  public Trial momentum(double value) {
    momentum = value;
    return this;
  }

  /** The gradient shortened to this norm. */
  public Trial clipNorm(double value) {
    clipNorm = value;
    return this;
  }

  /** Gradients as they are, where the run shortens them. */
  public Trial withoutClipping() {
    clipping = false;
    return this;
  }

  /** No weight decay and no L1 penalty. */
  public Trial withoutPenalties() {
    penalties = false;
    return this;
  }

  /** No dropout. */
  public Trial withoutDropout() {
    dropout = false;
    return this;
  }

  /** All parameters trained, those that are frozen in the run as well. */
  public Trial thawed() {
    thawed = true;
    return this;
  }

  /** What is done to the model before the first step. */
  public Trial prepare(Consumer<Model> change) {
    preparation = change;
    return this;
  }

  /** Another optimizer than the run's. */
  public Trial optimizer(Function<ParameterStore, Optimizer> other) {
    optimizer = other;
    return this;
  }

  /** What else it is judged on in the end; see {@link TrialOutcome#others}. */
  public Trial judgedOn(DataLoader... samples) {
    others = List.of(samples);
    return this;
  }

  /** How many steps, which are updates; 40 by default. */
  public Trial steps(int count) {
    steps = count;
    return this;
  }

  /** Ends it early, once the losses of its batches so far have answered what it asks. */
  public Trial until(Predicate<List<Double>> answered) {
    end = answered;
    return this;
  }

  /** Does all steps even when it is plain that it helps, to be compared with others that do. */
  public Trial inFull() {
    full = true;
    return this;
  }

  /** Where it starts. */
  public Start start() {
    return start;
  }

  /** What is changed, in words. */
  public String name() {
    return name;
  }

  /** How many it has at most. */
  public int steps() {
    return steps;
  }

  /** Whether it is to be compared with others that help. */
  public boolean isInFull() {
    return full;
  }

  boolean endsAfter(List<Double> losses) {
    return losses.size() == steps || end.test(losses);
  }

  /** Whether it would have ended where one like it has ended. */
  boolean isAnsweredBy(TrialOutcome known) {
    return !Double.isFinite(known.lossAfter()) || endsAfter(known.losses());
  }

  DataLoader.Builder settings(DataLoader given) {
    DataLoader.Builder settings = data.apply(given.toBuilder());
    return batch == 0 ? settings : settings.batchSize(batch).dropLast(false); // all, if too few
  }

  /** How many batches make an update where {@code given} do in the run. */
  Accumulation accumulationOf(Accumulation given) {
    return accumulation == null ? given : accumulation;
  }

  /** Images that an update of it sees, as a trial of that run. */
  public long imagesPerUpdate(Subject run) {
    int size = batch == 0 ? run.train().batchSize() : batch;
    return accumulationOf(run.accumulation()).images(size);
  }

  /** Does to the model what is done before the first step. */
  public void prepare(Model model) {
    preparation.accept(model);
  }

  Function<ParameterStore, Optimizer> optimizer() {
    return optimizer;
  }

  /** Its learning rate where the run's is {@code given}. */
  public double rateFor(double given) {
    return Double.isNaN(fixedRate) ? given * rate : fixedRate;
  }

  /** Its momentum; empty where it is the run's. */
  public OptionalDouble momentum() {
    return Double.isNaN(momentum) ? OptionalDouble.empty() : OptionalDouble.of(momentum);
  }

  /** What it shortens the gradient to; empty where it does not. */
  public OptionalDouble clipNorm() {
    return Double.isNaN(clipNorm) ? OptionalDouble.empty() : OptionalDouble.of(clipNorm);
  }

  boolean penalises() {
    return penalties;
  }

  boolean clips() {
    return clipping;
  }

  boolean drops() {
    return dropout;
  }

  boolean thaws() {
    return thawed;
  }

  List<DataLoader> others() {
    return others;
  }
}
