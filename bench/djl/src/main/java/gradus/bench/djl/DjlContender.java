package gradus.bench.djl;

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.DefaultTrainingConfig;
import ai.djl.training.GradientCollector;
import ai.djl.training.Trainer;
import ai.djl.training.loss.Loss;
import ai.djl.training.optimizer.Optimizer;
import ai.djl.training.tracker.Tracker;
import gradus.backend.Backend;
import gradus.backend.Backends;
import gradus.bench.step.Contender;
import gradus.bench.step.ContenderProcess;
import gradus.bench.step.Task;
import gradus.examples.bench.StepBenchmark;
import gradus.examples.bench.StepBenchmark.Mode;
import gradus.layer.Model;
import gradus.tensor.Batch;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;

/** DJL with its PyTorch engine, used as its own training examples use it. */
public final class DjlContender implements Contender {
  private final DjlNetwork network = new DjlNetwork();
  private final ai.djl.Model model;
  private final Trainer trainer;
  private final FloatBuffer images;
  private final LongBuffer labels;
  private final Shape shape;

  DjlContender(Task task) {
    System.setProperty("ai.djl.pytorch.num_threads", Integer.toString(task.threads()));
    try (Backend backend = Backends.named("reference");
        Model built =
            Model.build(
                backend,
                task.workload().network().create(StepBenchmark.CLASSES),
                task.workload().image(),
                StepBenchmark.SEED)) {
      built.export(network, 0);
    }
    model = ai.djl.Model.newInstance("bench", Device.cpu());
    model.setBlock(network);
    trainer =
        model.newTrainer(
            new DefaultTrainingConfig(Loss.softmaxCrossEntropyLoss())
                .optDevices(new Device[] {Device.cpu()})
                .optOptimizer(
                    Optimizer.sgd()
                        .setLearningRateTracker(Tracker.fixed((float) StepBenchmark.LEARNING_RATE))
                        .optMomentum((float) StepBenchmark.MOMENTUM)
                        .build()));
    Batch batch = StepBenchmark.randomBatch(task.workload(), task.batch());
    gradus.tensor.Shape size = batch.shape();
    shape = new Shape(size.dim(0), size.dim(1), size.dim(2), size.dim(3));
    images = batch.images();
    labels = LongBuffer.allocate(batch.size());
    for (int i = 0; i < batch.size(); i++) {
      labels.put(i, batch.labels().get(i));
    }
    trainer.initialize(shape);
    network.copyWeights();
  }

  /** Times a task. */
  public static void main(String[] arguments) {
    ContenderProcess.main(arguments, DjlContender::new);
  }

  @Override
  public String version() {
    Engine engine = Engine.getInstance();
    return "DJL %s, %s %s"
        .formatted(Engine.getDjlVersion(), engine.getEngineName(), engine.getVersion());
  }

  @Override
  public long parameters() {
    return network.count();
  }

  @Override
  public float step(Mode mode) {
    try (NDManager manager = trainer.getManager().newSubManager()) { // frees a step's arrays
      NDArray x = manager.create(images.duplicate(), shape);
      NDArray y = manager.create(labels.duplicate(), new Shape(shape.get(0)));
      return mode == Mode.TRAIN ? train(x, y) : infer(x, y);
    }
  }

  private float train(NDArray x, NDArray y) {
    float loss;
    try (GradientCollector collector = trainer.newGradientCollector()) {
      NDList logits = trainer.forward(new NDList(x));
      NDArray value = trainer.getLoss().evaluate(new NDList(y), logits);
      collector.backward(value);
      loss = value.getFloat();
    }
    trainer.step();
    return loss;
  }

  private float infer(NDArray x, NDArray y) {
    NDArray logits = trainer.evaluate(new NDList(x)).head();
    return logits.argMax(1).eq(y).sum().getLong();
  }

  @Override
  public void close() {
    trainer.close();
    model.close();
  }
}
