package gradus.data.transform;

import gradus.data.image.Image;

/**
 * torchvision's {@code adjust_sharpness}: {@code factor * value + (1 - factor) * smooth}, where
 * smooth is the mean of the 3 x 3 pixels around with weight 5 of 13 in the middle. Pixels of the
 * border stay.
 */
final class Sharpness {
  private Sharpness() {}

  static Image adjust(Image image, float factor) {
    int height = image.height();
    int width = image.width();
    if (height <= 2 || width <= 2) {
      return image;
    }
    Canvas canvas = Canvas.copyOf(image);
    for (int c = 0; c < image.channels(); c++) {
      for (int y = 1; y < height - 1; y++) {
        for (int x = 1; x < width - 1; x++) {
          int at = (c * height + y) * width + x;
          float sum = 4 * image.valueAt(at);
          for (int row = at - width; row <= at + width; row += width) {
            sum += image.valueAt(row - 1) + image.valueAt(row) + image.valueAt(row + 1);
          }
          float value = factor * image.valueAt(at) + (1 - factor) * sum / 13;
          canvas.set(at, Math.max(0f, Math.min(1f, value)));
        }
      }
    }
    return canvas.image();
  }
}
