package gradus.examples.command;

import gradus.data.image.Image;
import gradus.data.image.PaddingMode;
import gradus.data.transform.BatchTransform;
import gradus.data.transform.ColorJitter;
import gradus.data.transform.CutMix;
import gradus.data.transform.Cutout;
import gradus.data.transform.GaussianBlur;
import gradus.data.transform.GaussianNoise;
import gradus.data.transform.MixUp;
import gradus.data.transform.RandAugment;
import gradus.data.transform.RandomAffine;
import gradus.data.transform.RandomCrop;
import gradus.data.transform.RandomErasing;
import gradus.data.transform.RandomGrayscale;
import gradus.data.transform.RandomHorizontalFlip;
import gradus.data.transform.RandomResizedCrop;
import gradus.data.transform.RandomRotation;
import gradus.data.transform.RandomVerticalFlip;
import gradus.data.transform.Transform;
import gradus.data.transform.TrivialAugmentWide;
import java.util.Locale;

/** The augmentations that can be chosen by name, with settings that usually work. */
enum Augmentation {
  CROP,
  RESIZED_CROP,
  FLIP,
  VERTICAL_FLIP,
  ROTATE,
  SHIFT,
  ZOOM,
  SHEAR,
  COLOR,
  GRAYSCALE,
  NOISE,
  BLUR,
  ERASE,
  CUTOUT,
  RANDAUGMENT,
  TRIVIALAUGMENT,
  MIXUP,
  CUTMIX;

  /** Whether it changes whole batches rather than single images. */
  boolean isOfBatch() {
    return this == MIXUP || this == CUTMIX;
  }

  /** The change of one image; lengths are shares of the size that {@code example} has. */
  Transform transform(Image example) {
    int height = example.height();
    int width = example.width();
    int shorter = Math.min(height, width);
    return switch (this) {
      case CROP -> new RandomCrop(height, width, Math.max(1, shorter / 8), PaddingMode.REFLECT, 0);
      case RESIZED_CROP -> new RandomResizedCrop(height, width, 0.35, 1, 3.0 / 4, 4.0 / 3);
      case FLIP -> new RandomHorizontalFlip();
      case VERTICAL_FLIP -> new RandomVerticalFlip();
      case ROTATE -> new RandomRotation(15);
      case SHIFT -> new RandomAffine(0).translate(0.1, 0.1);
      case ZOOM -> new RandomAffine(0).scale(0.8, 1.2);
      case SHEAR -> new RandomAffine(0).shear(10);
      case COLOR -> new ColorJitter(0.2, 0.2, 0.2, 0.05);
      case GRAYSCALE -> new RandomGrayscale();
      case NOISE -> new GaussianNoise(0, 0.05);
      case BLUR -> new GaussianBlur(3, 0.1, 1);
      case ERASE -> new RandomErasing();
      case CUTOUT -> new Cutout(Math.max(1, shorter / 4));
      case RANDAUGMENT -> new RandAugment();
      case TRIVIALAUGMENT -> new TrivialAugmentWide();
      case MIXUP, CUTMIX -> throw new IllegalStateException(this + " changes whole batches.");
    };
  }

  /** The change of a batch. */
  BatchTransform batchTransform() {
    return switch (this) {
      case MIXUP -> new MixUp(0.2);
      case CUTMIX -> new CutMix();
      default -> throw new IllegalStateException(this + " changes single images.");
    };
  }

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
