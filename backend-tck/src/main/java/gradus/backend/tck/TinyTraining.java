package gradus.backend.tck;

import gradus.autograd.Pass;
import gradus.autograd.Tensor;
import gradus.backend.Backend;
import gradus.backend.spec.SgdSpec;
import gradus.layer.AdaptiveAvgPool2d;
import gradus.layer.BatchNorm2d;
import gradus.layer.Concat;
import gradus.layer.Conv2d;
import gradus.layer.Dropout;
import gradus.layer.Flatten;
import gradus.layer.GELU;
import gradus.layer.Layer;
import gradus.layer.Linear;
import gradus.layer.MaxPool2d;
import gradus.layer.Model;
import gradus.layer.Parameter;
import gradus.layer.ReLU;
import gradus.layer.Residual;
import gradus.layer.Sequential;
import gradus.loss.CrossEntropyLoss;
import gradus.tensor.Batch;
import gradus.tensor.Placement;
import gradus.tensor.Precision;
import gradus.tensor.Shape;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;

/** A small network and one batch of random images, trained step by step on a backend. */
final class TinyTraining implements AutoCloseable {
  private static final Shape IMAGE = Shape.of(3, 13, 13);
  private static final int CLASSES = 5;
  private static final float FLOAT16_SCALE = 1024; // of gradients on their way back

  private final Backend backend;
  private final Precision precision;
  private final Model model;
  private final Batch batch;
  private final CrossEntropyLoss loss = new CrossEntropyLoss();
  private int steps;

  TinyTraining(Backend backend, Layer network, int batchSize) {
    this(backend, network, batchSize, Precision.FP32);
  }

  TinyTraining(Backend backend, Layer network, int batchSize, Precision precision) {
    this.backend = backend;
    this.precision = precision;
    this.model = Model.build(backend, network, IMAGE, 42);
    RandomTensors random = new RandomTensors(7);
    Shape shape = IMAGE.withBatch(batchSize);
    this.batch =
        new Batch(
            shape,
            FloatBuffer.wrap(random.uniform(shape.size())),
            IntBuffer.wrap(random.labels(batchSize, CLASSES)));
  }

  /** Convolutions, ReLU, max-pools and linear layers: LeNet's kind. */
  static Layer plain() {
    return new Sequential(
        new Conv2d(7, 3).padding(1),
        new ReLU(),
        new MaxPool2d(2),
        new Conv2d(13, 3),
        new ReLU(),
        new MaxPool2d(2),
        new Flatten(),
        new Linear(31),
        new ReLU(),
        new Linear(CLASSES));
  }

  /** Batch norm, residual blocks, a concatenation and dropout: ResNet's kind and more. */
  static Layer modern() {
    Layer body =
        new Sequential(
            new Conv2d(8, 3).padding(1).withoutBias(),
            new BatchNorm2d(),
            new ReLU(),
            new Conv2d(8, 3).padding(1).withoutBias(),
            new BatchNorm2d());
    return new Sequential(
        new Conv2d(8, 3).padding(1).withoutBias(),
        new BatchNorm2d(),
        new ReLU(),
        new Residual(body),
        new ReLU(),
        new Concat(new Conv2d(5, 1), new Conv2d(8, 3).padding(1).groups(8)),
        new MaxPool2d(3).stride(2).padding(1),
        new Conv2d(16, 3).stride(2).padding(1),
        new GELU(),
        new Dropout(0.2),
        new AdaptiveAvgPool2d(2),
        new Flatten(),
        new Linear(CLASSES));
  }

  /** Freezes the batch norms, with statistics as if they had learned some. */
  TinyTraining freezeNorms() {
    RandomTensors random = new RandomTensors(8);
    for (Parameter parameter : model.state()) {
      if (parameter.kind() == Parameter.Kind.STATISTIC) {
        parameter.write(random.uniform(parameter.shape().size(), 0.1f, 1));
      }
      parameter.setFrozen(parameter.kind() == Parameter.Kind.NORM);
    }
    return this;
  }

  /** One step of SGD; the loss before it. */
  float step(float learningRate) {
    float value;
    try (Pass pass = Pass.training(backend, steps).withPrecision(precision)) {
      Tensor mean = loss.apply(model.forward(pass.images(batch)), pass.labels(batch));
      value = mean.item();
      goBack(pass, mean);
    }
    // Gaps between the parameters hold zeros in both arrays, so the whole is one range.
    SgdSpec spec = new SgdSpec(learningRate, 0, 0, false, 1e-4f, steps == 0);
    long count = model.parameters().values().elements();
    backend
        .optimizers()
        .sgd(spec, model.parameters().values(), model.parameters().gradients(), null, 0, count);
    model.parameters().forEach(Parameter::gradientUsed);
    steps++;
    return value;
  }

  private void goBack(Pass pass, Tensor mean) {
    float scale = precision == Precision.FP16 ? FLOAT16_SCALE : 1;
    pass.backward(mean, scale);
    if (scale != 1) {
      backend.math().scale(1 / scale, model.parameters().gradients());
    }
  }

  /** The gradients of all parameters after one training pass. */
  float[] gradients() {
    try (Pass pass = Pass.training(backend, 1).withPrecision(precision)) {
      goBack(pass, loss.apply(model.forward(pass.images(batch)), pass.labels(batch)));
    }
    Shape all = Shape.of(Math.toIntExact(model.parameters().gradients().elements()));
    FloatBuffer host = FloatBuffer.allocate(Math.toIntExact(all.size()));
    backend.memory().copyOut(model.parameters().gradients(), all, Placement.DENSE, host);
    model.parameters().forEach(Parameter::gradientUsed);
    return host.array();
  }

  /** The losses of so many steps. */
  float[] losses(int count, float learningRate) {
    float[] losses = new float[count];
    for (int i = 0; i < count; i++) {
      losses[i] = step(learningRate);
    }
    return losses;
  }

  /** The logits in an evaluation pass. */
  float[] evaluate() {
    try (Pass pass = Pass.evaluating(backend)) {
      return model.forward(pass.images(batch)).toArray();
    }
  }

  /** The logits in a training pass with that seed. */
  float[] trainingOutput(long seed) {
    try (Pass pass = Pass.training(backend, seed)) {
      return model.forward(pass.images(batch)).toArray();
    }
  }

  /** The values of every parameter and statistic, one after the other. */
  float[] state() {
    int size = model.state().stream().mapToInt(p -> (int) p.shape().size()).sum();
    FloatBuffer all = FloatBuffer.allocate(size);
    model.state().forEach(p -> all.put(p.read()));
    return all.array();
  }

  @Override
  public void close() {
    model.close();
  }
}
