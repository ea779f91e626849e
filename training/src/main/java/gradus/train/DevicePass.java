package gradus.train;

import gradus.autograd.Pass;
import gradus.autograd.Tensor;
import gradus.layer.Model;
import gradus.loss.Loss;
import gradus.metric.Accuracy;
import gradus.tensor.Batch;

/** On one device. */
final class DevicePass implements ForwardPass {
  private final Pass pass;
  private final Tensor value;
  private final float loss;
  private final int correct;

  DevicePass(Model model, Loss function, Batch batch, PassSettings settings) {
    pass = settings.open(model.backend());
    try {
      Tensor logits = model.forward(pass.images(batch));
      Tensor labels = pass.labels(batch);
      Tensor target = batch.targets() == null ? labels : pass.targets(batch);
      value = function.apply(logits, target);
      Tensor right = Accuracy.correct(logits, labels);
      loss = value.item();
      correct = (int) right.item();
    } catch (RuntimeException | Error failure) {
      pass.close();
      throw failure;
    }
  }

  @Override
  public float loss() {
    return loss;
  }

  @Override
  public int correct() {
    return correct;
  }

  @Override
  public void backward(float scale) {
    pass.backward(value, scale);
  }

  @Override
  public void close() {
    pass.close();
  }
}
