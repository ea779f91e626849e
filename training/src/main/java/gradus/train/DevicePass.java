package gradus.train;

import gradus.autograd.Pass;
import gradus.autograd.Tensor;
import gradus.backend.Reading;
import gradus.layer.Model;
import gradus.loss.Loss;
import gradus.metric.Accuracy;
import gradus.tensor.Batch;
import gradus.tensor.DType;
import java.util.function.Consumer;

/** On one device. */
final class DevicePass implements ForwardPass {
  private final Pass pass;
  private final Tensor value;
  private final Reading loss;
  private final Reading correct;

  DevicePass(Model model, Loss function, Batch batch, PassSettings settings) {
    this(model, function, batch, settings, opened -> {});
  }

  /**
   * @param whenOpened is given the pass before anything is done in it
   */
  DevicePass(
      Model model, Loss function, Batch batch, PassSettings settings, Consumer<Pass> whenOpened) {
    pass = settings.open(model.backend());
    try {
      whenOpened.accept(pass);
      // All copies first: between kernels they would part a sequence that can be one graph.
      Tensor images = pass.images(batch);
      Tensor target = function.target(pass, batch, model.outputShape().dim(0));
      Tensor labels = target.dtype() == DType.I32 ? target : pass.labels(batch);
      Tensor logits = model.forward(images);
      value = function.apply(logits, target);
      loss = value.itemLater();
      correct = Accuracy.correct(logits, labels).itemLater();
      model.backend().memory().flush(); // the device begins while backward is being worked out
    } catch (RuntimeException | Error failure) {
      pass.close();
      throw failure;
    }
  }

  @Override
  public float loss() {
    return loss.value();
  }

  @Override
  public int correct() {
    return (int) correct.value();
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
