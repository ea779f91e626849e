package gradus.backend.reference;

import gradus.backend.spec.Conv2dSpec;

/**
 * The index arithmetic of a convolution, shared by its forward and both of its gradients: every
 * multiply-add of the layer, as pairs of row pieces that meet at one weight.
 */
final class ConvolutionRows {
  private ConvolutionRows() {}

  /**
   * What to do with {@code count} outputs from {@code y}, whose inputs lie {@code strideW} apart
   * from {@code x} on, and the weight at {@code w}.
   */
  interface RowPiece {
    void accept(int x, int w, int y, int count);
  }

  /** Visits every row piece; parts of a window in the padding are left out. */
  static void forEach(Conv2dSpec s, RowPiece visitor) {
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
      Conv2dSpec s, int xPlane, int wPlane, int yPlane, RowPiece visitor) {
    for (int row = 0; row < s.r(); row++) {
      int shiftH = row * s.dilationH() - s.padTop();
      int rowFrom = firstInside(shiftH, s.strideH());
      int rowTo = endInside(shiftH, s.strideH(), s.h(), s.outH());
      for (int column = 0; column < s.s(); column++) {
        int shiftW = column * s.dilationW() - s.padLeft();
        int from = firstInside(shiftW, s.strideW());
        int count = endInside(shiftW, s.strideW(), s.w(), s.outW()) - from;
        for (int out = rowFrom; count > 0 && out < rowTo; out++) {
          int xRow = (xPlane + out * s.strideH() + shiftH) * s.w();
          visitor.accept(
              xRow + from * s.strideW() + shiftW,
              wPlane + row * s.s() + column,
              (yPlane + out) * s.outW() + from,
              count);
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
