package gradus.train;

import gradus.autograd.Pass;
import gradus.data.DataLoader;
import gradus.data.Epoch;
import gradus.layer.Model;
import gradus.layer.Parameter;
import gradus.tensor.Batch;

/**
 * Brings the running statistics of batch normalisation in line with weights that were set from
 * outside, such as an average: one epoch of training passes without gradients. PyTorch's update_bn;
 * that one takes the plain mean over the epoch, this keeps each layer's momentum, so that the last
 * {@code 1 / momentum} batches or so count.
 */
public final class BatchNormRecalibration {
  private BatchNormRecalibration() {}

  /**
   * Goes through the loader once; does nothing to a model without running statistics, nor to frozen
   * batch norms.
   */
  public static void run(Model model, DataLoader train) {
    if (model.state().stream().noneMatch(p -> p.kind() == Parameter.Kind.STATISTIC)) {
      return;
    }
    try (Epoch batches = train.epoch(0)) {
      for (Batch batch : batches) {
        try (Pass pass = Pass.training(model.backend())) {
          model.forward(pass.images(batch));
        }
      }
    }
  }
}
