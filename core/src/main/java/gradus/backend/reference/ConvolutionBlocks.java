package gradus.backend.reference;

import gradus.backend.spec.Conv2dSpec;

/**
 * The index arithmetic of a convolution, shared by its forward and both of its gradients: every
 * multiply-add of the layer, as pairs of blocks of pixels that meet at one weight.
 */
final class ConvolutionBlocks {
  private ConvolutionBlocks() {}

  /**
   * What to do with {@code rows x columns} outputs from {@code y} on, whose inputs lie {@code
   * strideH} rows and {@code strideW} columns apart from {@code x} on, and the weight at {@code w}.
   */
  interface Block {
    void accept(int x, int w, int y, int rows, int columns);
  }

  /** Visits every block; parts of a window in the padding are left out. */
  static void forEach(Conv2dSpec s, Block visitor) {
    int channelsPerGroup = s.c() / s.groups();
    int filtersPerGroup = s.k() / s.groups();
    for (int image = 0; image < s.n(); image++) {
      for (int filter = 0; filter < s.k(); filter++) {
        int firstChannel = filter / filtersPerGroup * channelsPerGroup;
        int yPlane = (image * s.k() + filter) * s.outH();
        for (int channel = 0; channel < channelsPerGroup; channel++) {
          int xPlane = (image * s.c() + firstChannel + channel) * s.h();
          int wPlane = (filter * channelsPerGroup + channel) * s.r() * s.s();
          forEachInPlane(s, xPlane, wPlane, yPlane, visitor);
        }
      }
    }
  }

  private static void forEachInPlane(
      Conv2dSpec s, int xPlane, int wPlane, int yPlane, Block visitor) {
    for (int row = 0; row < s.r(); row++) {
      int shiftH = row * s.dilationH() - s.padTop();
      int rowFrom = firstInside(shiftH, s.strideH());
      int rowTo = endInside(shiftH, s.strideH(), s.h(), s.outH());
      for (int column = 0; column < s.s(); column++) {
        int shiftW = column * s.dilationW() - s.padLeft();
        int columnFrom = firstInside(shiftW, s.strideW());
        int columnTo = endInside(shiftW, s.strideW(), s.w(), s.outW());
        if (rowFrom < rowTo && columnFrom < columnTo) {
          visitor.accept(
              (xPlane + rowFrom * s.strideH() + shiftH) * s.w() + columnFrom * s.strideW() + shiftW,
              wPlane + row * s.s() + column,
              (yPlane + rowFrom) * s.outW() + columnFrom,
              rowTo - rowFrom,
              columnTo - columnFrom);
        }
      }
    }
  }

  /** The first output whose input, {@code output * stride + shift}, is not before the image. */
  private static int firstInside(int shift, int stride) {
    return shift >= 0 ? 0 : (-shift + stride - 1) / stride;
  }

  /** One past the last output whose input is not behind the image. */
  private static int endInside(int shift, int stride, int extent, int outputs) {
    int lastReachable = extent - 1 - shift;
    return lastReachable < 0 ? 0 : Math.min(outputs, lastReachable / stride + 1);
  }
}
