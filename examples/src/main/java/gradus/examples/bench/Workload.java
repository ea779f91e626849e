package gradus.examples.bench;

import gradus.examples.net.Networks;
import gradus.tensor.Shape;

/** The networks, image sizes and batches speed is compared on. */
public enum Workload {
  /** LeNet on 28 x 28 grey, batch 64: many small steps. */
  W1("W1", Networks.LENET, 1, 28, 64),
  /** SimpleCNN on 32 x 32 colour, batch 64. */
  W2("W2", Networks.SIMPLECNN, 3, 32, 64),
  /** DeeperCNN on 32 x 32 colour, batch 64. */
  W3("W3", Networks.DEEPERCNN, 3, 32, 64),
  /** SimpleCNN on 256 x 256 colour, batch 32: large activations. */
  W2BIG("W2big", Networks.SIMPLECNN, 3, 256, 32),
  /** ResNet-20 on 32 x 32 colour, batch 128: deep, with batch norm. */
  W4("W4", Networks.RESNET20, 3, 32, 128),
  /** ResNet-18 on 32 x 32 colour, batch 32: wide and deep. */
  W5("W5", Networks.RESNET18_CIFAR, 3, 32, 32),
  /** FastCNN on 32 x 32 colour, batch 256: the network and the batch of the CIFAR-10 recipe. */
  W6("W6", Networks.FASTCNN, 3, 32, 256);

  private final String label;
  private final Networks network;
  private final int channels;
  private final int side;
  private final int batch;

  Workload(String label, Networks network, int channels, int side, int batch) {
    this.label = label;
    this.network = network;
    this.channels = channels;
    this.side = side;
    this.batch = batch;
  }

  /** What is trained. */
  public Networks network() {
    return network;
  }

  /** One image. */
  public Shape image() {
    return Shape.of(channels, side, side);
  }

  /** Images in a step. */
  public int batch() {
    return batch;
  }

  @Override
  public String toString() {
    return label;
  }
}
