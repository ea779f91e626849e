package gradus.examples.net;

import gradus.data.Dataset;
import gradus.data.transform.Normalize;
import gradus.layer.Layer;
import gradus.layer.Model;
import java.util.Locale;

/** The networks that can be chosen by name. */
public enum Networks implements Network {
  /** {@link LeNet}. */
  LENET,
  /** {@link SimpleCNN}. */
  SIMPLECNN,
  /** {@link DeeperCNN}. */
  DEEPERCNN,
  /** {@link VggSmall}. */
  VGGSMALL,
  /** {@link CifarResNet} of 20 layers. */
  RESNET20,
  /** {@link CifarResNet} of 32 layers. */
  RESNET32,
  /** {@link CifarResNet} of 56 layers. */
  RESNET56,
  /** {@link ResNet} of 18 layers for images of 224 x 224. */
  RESNET18,
  /** {@link ResNet} of 18 layers for images of 32 x 32. */
  RESNET18_CIFAR,
  /** {@link ResNet} of 50 layers for images of 224 x 224. */
  RESNET50,
  /** {@link ResNet} of 50 layers for images of 32 x 32. */
  RESNET50_CIFAR,
  /** {@link WideResNet} of 16 layers, four times as wide. */
  WRN16_4,
  /** {@link ConvMixer} of 256 channels and 8 blocks. */
  CONVMIXER,
  /** {@link MobileNetV2} for images of 224 x 224. */
  MOBILENET_V2,
  /** {@link EfficientNet} B0 for images of 224 x 224. */
  EFFICIENTNET_B0,
  /** {@link SmallInception} for images of 32 x 32. */
  INCEPTION_SMALL,
  /** {@link FastCNN}. */
  FASTCNN;

  @Override
  public Layer create(int classes) {
    return switch (this) {
      case LENET -> LeNet.create(classes);
      case SIMPLECNN -> SimpleCNN.create(classes);
      case DEEPERCNN -> DeeperCNN.create(classes);
      case VGGSMALL -> VggSmall.create(classes);
      case RESNET20 -> CifarResNet.create(20, classes);
      case RESNET32 -> CifarResNet.create(32, classes);
      case RESNET56 -> CifarResNet.create(56, classes);
      case RESNET18 -> ResNet.resnet18(classes, ResNet.Stem.IMAGENET);
      case RESNET18_CIFAR -> ResNet.resnet18(classes, ResNet.Stem.CIFAR);
      case RESNET50 -> ResNet.resnet50(classes, ResNet.Stem.IMAGENET);
      case RESNET50_CIFAR -> ResNet.resnet50(classes, ResNet.Stem.CIFAR);
      case WRN16_4 -> WideResNet.create(16, 4, 0, classes);
      case CONVMIXER -> ConvMixer.create(256, 8, 5, 2, classes);
      case MOBILENET_V2 -> MobileNetV2.create(classes);
      case EFFICIENTNET_B0 -> EfficientNet.b0(classes);
      case INCEPTION_SMALL -> SmallInception.create(classes);
      case FASTCNN -> FastCNN.create(classes);
    };
  }

  @Override
  public void prepare(Model model, Dataset train, Normalize normalize) {
    if (this == FASTCNN) {
      FastCNN.prepare(model, train, normalize);
    }
  }

  /** The name to choose it by, in lower case. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
