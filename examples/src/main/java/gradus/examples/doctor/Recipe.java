package gradus.examples.doctor;

import gradus.backend.Backend;
import gradus.data.DataLoader;
import gradus.data.Dataset;
import gradus.data.Sampler;
import gradus.data.transform.BatchTransform;
import gradus.data.transform.Normalize;
import gradus.data.transform.RandomCrop;
import gradus.data.transform.RandomHorizontalFlip;
import gradus.data.transform.Transform;
import gradus.layer.Layer;
import gradus.layer.Model;
import gradus.layer.ParameterStore;
import gradus.layer.ReLU;
import gradus.loss.CrossEntropyLoss;
import gradus.loss.Loss;
import gradus.optim.Adam;
import gradus.optim.AdamW;
import gradus.optim.Optimizer;
import gradus.optim.SGD;
import gradus.schedule.Schedule;
import gradus.tensor.Shape;
import java.util.List;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.IntFunction;
import java.util.function.Supplier;

/**
 * All that a training run is made of, to be changed in one place: a setter changes this recipe and
 * returns it. The network gets its weights, the loader its order, from the seed of the run.
 */
public final class Recipe {
  private Pictures pictures;
  private Supplier<? extends Layer> network;
  private Function<ParameterStore, Optimizer> optimizer;
  private Function<Dataset, Loss> loss = train -> new CrossEntropyLoss();
  private Normalize input;
  private Transform validationInput;
  private BatchTransform mixing;
  private Consumer<Model> preparation = model -> {};
  private List<Transform> augmentation = List.of();
  private int batch = 64;
  private int epochs;
  private BiFunction<Dataset, Long, Sampler> order =
      (train, seed) -> Sampler.shuffled(train.size(), seed);
  private boolean optimizesCopy;
  private IntFunction<Schedule> schedule; // null: none was asked for
  private Loop loop = Loop.TRAINER;

  private Recipe(
      Pictures pictures,
      Supplier<? extends Layer> network,
      Function<ParameterStore, Optimizer> optimizer,
      int epochs) {
    this.pictures = pictures;
    this.network = network;
    this.optimizer = optimizer;
    this.input = pictures.normalize();
    this.epochs = epochs;
  }

  /** Twin A: the plain network, SGD of rate 0.05 and momentum 0.9, batches of 64, 5 epochs. */
  public static Recipe plain(Pictures grey) {
    return new Recipe(grey, Networks::plain, sgd(0.05), 5);
  }

  /**
   * Twin B: batch normalisation, AdamW of rate 0.01, which falls by a cosine, and decay 0.01,
   * random crops, 6 epochs. At a constant rate of 0.001 it would end at 57 %, and could not be
   * called healthy.
   */
  public static Recipe normalized(Pictures color) {
    return new Recipe(color, Networks::normalized, adamW(0.01, 0.01), 6)
        .schedule(Schedule::cosine)
        .augmentation(new RandomCrop(32, 2));
  }

  /** Twin C: LeNet, and the rest of A. */
  public static Recipe lenet(Pictures grey) {
    return plain(grey).network(() -> Networks.lenet(ReLU::new, 1));
  }

  /**
   * Twin D: batch normalisation on photographs, SGD of rate 0.1, which falls by a cosine, momentum
   * 0.9 and decay 0.0005, flips, 6 epochs.
   */
  public static Recipe photographs(Pictures natural) {
    return new Recipe(natural, NaturalNetworks::normalized, decayingSgd(0.1, 5e-4), 6)
        .schedule(Schedule::cosine)
        .augmentation(new RandomHorizontalFlip());
  }

  /** Twin E: the tutorials' network, Adam of rate 0.001, 8 epochs. */
  public static Recipe tutorial(Pictures natural) {
    return new Recipe(natural, NaturalNetworks::tutorial, adam(0.001), 8);
  }

  /** SGD with momentum 0.9. */
  public static Function<ParameterStore, Optimizer> sgd(double rate) {
    return parameters -> SGD.of(parameters).learningRate(rate).momentum(0.9).build();
  }

  /** SGD with momentum 0.9 and a weight decay that is added to the gradient. */
  public static Function<ParameterStore, Optimizer> decayingSgd(double rate, double decay) {
    return parameters ->
        SGD.of(parameters).learningRate(rate).momentum(0.9).weightDecay(decay).build();
  }

  /** Adam. */
  public static Function<ParameterStore, Optimizer> adam(double rate) {
    return parameters -> Adam.of(parameters).learningRate(rate).build();
  }

  /** AdamW. */
  public static Function<ParameterStore, Optimizer> adamW(double rate, double decay) {
    return parameters -> AdamW.of(parameters).learningRate(rate).weightDecay(decay).build();
  }

  /** What it is trained with and judged on. */
  public Recipe pictures(Pictures value) {
    pictures = value;
    return this;
  }

  /** Makes the network; it is built for the images of the loader. */
  public Recipe network(Supplier<? extends Layer> value) {
    network = value;
    return this;
  }

  /** Makes the optimizer. */
  public Recipe optimizer(Function<ParameterStore, Optimizer> value) {
    optimizer = value;
    return this;
  }

  /** Gives the optimizer the parameters of another model of the same kind. */
  public Recipe optimizesCopy() {
    optimizesCopy = true;
    loop = new OwnLoop(); // a Trainer refuses such an optimizer
    return this;
  }

  /** Makes the loss, for a training set. */
  public Recipe loss(Function<Dataset, Loss> value) {
    loss = value;
    return this;
  }

  /** What is done to every picture, in training and validation. */
  public Recipe input(Normalize value) {
    input = value;
    return this;
  }

  /** What is done to the pictures of validation instead. */
  public Recipe validationInput(Transform value) {
    validationInput = value;
    return this;
  }

  /** What is done to whole training batches at last. */
  public Recipe mixing(BatchTransform value) {
    mixing = value;
    return this;
  }

  /** What is done to the model before the run begins. */
  public Recipe preparation(Consumer<Model> value) {
    preparation = value;
    return this;
  }

  /** What is done to the training pictures before that. */
  public Recipe augmentation(Transform... value) {
    augmentation = List.of(value);
    return this;
  }

  /** Images in a training batch. */
  public Recipe batch(int images) {
    batch = images;
    return this;
  }

  /** How often all images are seen. */
  public Recipe epochs(int value) {
    epochs = value;
    return this;
  }

  /** Trains in the order of the data set. */
  public Recipe unshuffled() {
    return order((train, seed) -> Sampler.sequential(train.size()));
  }

  /** Makes what says which picture comes next, for a training set and a seed. */
  public Recipe order(BiFunction<Dataset, Long, Sampler> value) {
    order = value;
    return this;
  }

  /** How the learning rate changes, given the number of epochs; {@link Loop#TRAINER} heeds it. */
  public Recipe schedule(IntFunction<Schedule> value) {
    schedule = value;
    return this;
  }

  /** Has the learning rate fall as a cosine, unless the recipe has a schedule of its own. */
  public Recipe cosineByDefault() {
    return schedule == null ? schedule(Schedule::cosine) : this;
  }

  /** Trains with another loop. */
  public Recipe loop(Loop value) {
    loop = value;
    return this;
  }

  /** The pictures of the run. */
  Pictures pictures() {
    return pictures;
  }

  /** How often all images are seen. */
  int epochs() {
    return epochs;
  }

  /** Whether the optimizer is to have the parameters of another model. */
  boolean isOptimizingCopy() {
    return optimizesCopy;
  }

  /** How the learning rate changes. */
  Schedule newSchedule() {
    return schedule == null ? Schedule.constant() : schedule.apply(epochs);
  }

  /** How it is trained. */
  Loop loop() {
    return loop;
  }

  /** Steps that are planned. */
  long plannedSteps() {
    int samples = order.apply(pictures.train(), 0L).order(0).length;
    return (long) epochs * ((samples + batch - 1) / batch);
  }

  /** A new loss. */
  Loss newLoss() {
    return loss.apply(pictures.train());
  }

  /** A new model. */
  Model newModel(Backend backend, Shape image, long seed) {
    Model model = Model.build(backend, network.get(), image, seed);
    preparation.accept(model);
    return model;
  }

  /** A new optimizer of {@code model}, or of {@code copy} if that is the fault. */
  Optimizer newOptimizer(Model model, Model copy) {
    return optimizer.apply((optimizesCopy ? copy : model).parameters());
  }

  /** A new loader of the training pictures. */
  DataLoader trainLoader(long seed) {
    DataLoader.Builder loader =
        DataLoader.of(pictures.train())
            .batchSize(batch)
            .seed(seed)
            .sampler(order.apply(pictures.train(), seed))
            .workers(1)
            .transform(augmentation.toArray(new Transform[0]))
            .transform(input);
    return (mixing == null ? loader : loader.batchTransform(mixing)).build();
  }

  /** A new loader of the pictures to judge on. */
  DataLoader validationLoader() {
    return DataLoader.of(pictures.validation())
        .batchSize(250)
        .workers(1)
        .transform(validationInput == null ? input : validationInput)
        .build();
  }
}
