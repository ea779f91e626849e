package gradus.backend.reference;

import gradus.backend.spec.AdaptivePoolSpec;
import gradus.backend.spec.PoolSpec;

/**
 * The windows of an average pooling, sliding or adaptive: output row i averages the input rows from
 * {@code rowFrom[i]} to before {@code rowTo[i]}, and likewise for columns.
 */
final class MeanWindows {
  private final int planes;
  private final int h;
  private final int w;
  private final int fixedArea; // what to divide by, or 0 for the pixels really in the window
  private final int[] rowFrom;
  private final int[] rowTo;
  private final int[] columnFrom;
  private final int[] columnTo;

  private MeanWindows(int planes, int h, int w, int outH, int outW, int fixedArea) {
    this.planes = planes;
    this.h = h;
    this.w = w;
    this.fixedArea = fixedArea;
    this.rowFrom = new int[outH];
    this.rowTo = new int[outH];
    this.columnFrom = new int[outW];
    this.columnTo = new int[outW];
  }

  static MeanWindows of(PoolSpec s) {
    int area = s.countPadding() ? s.kernelH() * s.kernelW() : 0;
    MeanWindows windows = new MeanWindows(s.n() * s.c(), s.h(), s.w(), s.outH(), s.outW(), area);
    slide(s.kernelH(), s.strideH(), s.padH(), s.h(), windows.rowFrom, windows.rowTo);
    slide(s.kernelW(), s.strideW(), s.padW(), s.w(), windows.columnFrom, windows.columnTo);
    return windows;
  }

  static MeanWindows of(AdaptivePoolSpec s) {
    MeanWindows windows = new MeanWindows(s.n() * s.c(), s.h(), s.w(), s.outH(), s.outW(), 0);
    divide(s.h(), windows.rowFrom, windows.rowTo);
    divide(s.w(), windows.columnFrom, windows.columnTo);
    return windows;
  }

  private static void slide(int kernel, int stride, int pad, int extent, int[] from, int[] to) {
    for (int i = 0; i < from.length; i++) {
      from[i] = Math.max(0, i * stride - pad);
      to[i] = Math.min(extent, i * stride - pad + kernel);
    }
  }

  private static void divide(int extent, int[] from, int[] to) {
    int outputs = from.length;
    for (int i = 0; i < outputs; i++) {
      from[i] = i * extent / outputs;
      to[i] = ((i + 1) * extent + outputs - 1) / outputs;
    }
  }

  /** y = the mean of each window. */
  void average(ReferenceBuffer x, ReferenceBuffer y) {
    int out = 0;
    for (int plane = 0; plane < planes; plane++) {
      for (int i = 0; i < rowFrom.length; i++) {
        for (int j = 0; j < columnFrom.length; j++) {
          double sum = 0;
          for (int row = rowFrom[i]; row < rowTo[i]; row++) {
            for (int column = columnFrom[j]; column < columnTo[j]; column++) {
              sum += x.get((plane * h + row) * w + column);
            }
          }
          y.set(out++, sum / area(i, j));
        }
      }
    }
  }

  /** dx += each dy spread over its window. */
  void spread(ReferenceBuffer dy, ReferenceBuffer dx) {
    int out = 0;
    for (int plane = 0; plane < planes; plane++) {
      for (int i = 0; i < rowFrom.length; i++) {
        for (int j = 0; j < columnFrom.length; j++) {
          double share = dy.get(out++) / area(i, j);
          for (int row = rowFrom[i]; row < rowTo[i]; row++) {
            for (int column = columnFrom[j]; column < columnTo[j]; column++) {
              dx.add((plane * h + row) * w + column, share);
            }
          }
        }
      }
    }
  }

  private int area(int i, int j) {
    return fixedArea > 0 ? fixedArea : (rowTo[i] - rowFrom[i]) * (columnTo[j] - columnFrom[j]);
  }
}
