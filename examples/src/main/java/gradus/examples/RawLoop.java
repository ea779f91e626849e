package gradus.examples;

import gradus.autograd.Pass;
import gradus.autograd.Tensor;
import gradus.backend.Backend;
import gradus.backend.Backends;
import gradus.data.DataLoader;
import gradus.data.DataSplits;
import gradus.data.Shapes;
import gradus.data.transform.Normalize;
import gradus.layer.Conv2d;
import gradus.layer.Layer;
import gradus.layer.Linear;
import gradus.layer.MaxPool2d;
import gradus.layer.Model;
import gradus.layer.ReLU;
import gradus.layer.Sequential;
import gradus.loss.CrossEntropyLoss;
import gradus.metric.Accuracy;
import gradus.optim.SGD;
import gradus.tensor.Batch;

/** A network, and the training loop written out by hand: all there is to it, without a trainer. */
public final class RawLoop {
  private RawLoop() {}

  private static Layer network(int classes) {
    return new Sequential(
        new Conv2d(16, 3).padding(1),
        new ReLU(),
        new MaxPool2d(2),
        new Conv2d(32, 3).padding(1),
        new ReLU(),
        new MaxPool2d(2),
        new Linear(classes));
  }

  /** Trains for as many epochs as the first argument says, 3 without one. */
  public static void main(String[] arguments) {
    int epochs = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 3;
    DataSplits data = Shapes.splits();
    int classes = data.train().classNames().size();
    Normalize normalize = Normalize.from(data.train().take(1000).images());
    CrossEntropyLoss crossEntropy = new CrossEntropyLoss();
    try (Backend backend = Backends.best();
        DataLoader train =
            DataLoader.of(data.train()).batchSize(64).shuffle(1).transform(normalize).build();
        DataLoader test = DataLoader.of(data.test()).batchSize(64).transform(normalize).build();
        Model model = Model.build(backend, network(classes), train.imageShape(), 1);
        SGD optimizer = SGD.of(model.parameters()).learningRate(0.02).momentum(0.9).build()) {
      System.out.println(model.summary());
      for (int epoch = 0; epoch < epochs; epoch++) {
        double lossSum = 0;
        for (Batch batch : train.epoch(epoch)) {
          try (Pass pass = Pass.training(backend)) {
            Tensor logits = model.forward(pass.images(batch));
            Tensor loss = crossEntropy.apply(logits, pass.labels(batch));
            pass.backward(loss);
            optimizer.step();
            lossSum += loss.item() * batch.size(); // last, as it waits for the device
          }
        }
        long correct = 0;
        for (Batch batch : test.epoch(epoch)) {
          try (Pass pass = Pass.evaluating(backend)) {
            Tensor logits = model.forward(pass.images(batch));
            correct += (long) Accuracy.correct(logits, pass.labels(batch)).item();
          }
        }
        System.out.printf(
            "epoch %d: loss %.3f, test accuracy %.1f %%%n",
            epoch + 1, lossSum / data.train().size(), 100.0 * correct / data.test().size());
      }
    }
  }
}
