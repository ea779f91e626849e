package gradus.data.transform;

import gradus.data.image.Image;

/**
 * Where each pixel of a result comes from: {@code x' = xx x + xy y + x0}, {@code y' = yx x + yy y +
 * y0}, in pixels from the middle of the image, x to the right and y down.
 */
record AffineMap(double xx, double xy, double x0, double yx, double yy, double y0) {

  /**
   * The inverse of: shear, rotate clockwise, scale (all about a centre), then translate; the
   * composition of torchvision's {@code affine}.
   *
   * @param degrees clockwise
   * @param centerX of rotation, shear and scale, in pixels from the middle of the image
   */
  static AffineMap of(
      double degrees,
      double translateX,
      double translateY,
      double scale,
      double shearXDegrees,
      double shearYDegrees,
      double centerX,
      double centerY) {
    double angle = Math.toRadians(degrees);
    double shearX = Math.toRadians(shearXDegrees);
    double shearY = Math.toRadians(shearYDegrees);
    // Forward [a b; c d] = rotation(angle) * shearY * shearX, of determinant 1.
    double a = Math.cos(angle - shearY) / Math.cos(shearY);
    double b = -a * Math.tan(shearX) - Math.sin(angle);
    double c = Math.sin(angle - shearY) / Math.cos(shearY);
    double d = -c * Math.tan(shearX) + Math.cos(angle);
    double xx = d / scale;
    double xy = -b / scale;
    double yx = -c / scale;
    double yy = a / scale;
    double fromX = -centerX - translateX;
    double fromY = -centerY - translateY;
    return new AffineMap(
        xx, xy, xx * fromX + xy * fromY + centerX, yx, yy, yx * fromX + yy * fromY + centerY);
  }

  /** The image seen through this map; what comes from outside has the value {@code fill}. */
  Image apply(Image image, Interpolation interpolation, float fill) {
    Canvas result = Canvas.like(image);
    int height = image.height();
    int width = image.width();
    for (int y = 0; y < height; y++) {
      double py = y + 0.5 - height / 2.0;
      for (int x = 0; x < width; x++) {
        double px = x + 0.5 - width / 2.0;
        // From places to pixel numbers: pixel i covers i to i + 1.
        double fromX = xx * px + xy * py + x0 + width / 2.0 - 0.5;
        double fromY = yx * px + yy * py + y0 + height / 2.0 - 0.5;
        if (interpolation == Interpolation.NEAREST) {
          nearest(image, fromX, fromY, fill, result, y * width + x);
        } else {
          bilinear(image, fromX, fromY, fill, result, y * width + x);
        }
      }
    }
    return result.image();
  }

  private static void nearest(
      Image image, double fromX, double fromY, float fill, Canvas result, int to) {
    int x = (int) Math.rint(fromX);
    int y = (int) Math.rint(fromY);
    boolean inside = x >= 0 && x < image.width() && y >= 0 && y < image.height();
    int plane = result.plane();
    for (int c = 0; c < image.channels(); c++) {
      result.set(c * plane + to, inside ? image.value(c, y, x) : fill);
    }
  }

  private static void bilinear(
      Image image, double fromX, double fromY, float fill, Canvas result, int to) {
    int x = (int) Math.floor(fromX);
    int y = (int) Math.floor(fromY);
    float right = (float) (fromX - x);
    float down = (float) (fromY - y);
    int plane = result.plane();
    for (int c = 0; c < image.channels(); c++) {
      float upper = mix(at(image, c, y, x, fill), at(image, c, y, x + 1, fill), right);
      float lower = mix(at(image, c, y + 1, x, fill), at(image, c, y + 1, x + 1, fill), right);
      result.set(c * plane + to, mix(upper, lower, down));
    }
  }

  private static float at(Image image, int c, int y, int x, float fill) {
    boolean inside = x >= 0 && x < image.width() && y >= 0 && y < image.height();
    return inside ? image.value(c, y, x) : fill;
  }

  private static float mix(float first, float second, float share) {
    return first + (second - first) * share;
  }
}
