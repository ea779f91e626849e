package gradus.backend.reference;

import gradus.backend.Buffer;
import gradus.backend.NnOps;
import gradus.backend.spec.AdaptivePoolSpec;
import gradus.backend.spec.BatchNormSpec;
import gradus.backend.spec.ChannelCopySpec;
import gradus.backend.spec.ChannelScaleSpec;
import gradus.backend.spec.Conv2dSpec;
import gradus.backend.spec.DropoutSpec;
import gradus.backend.spec.GroupNormSpec;
import gradus.backend.spec.LinearSpec;
import gradus.backend.spec.PoolSpec;
import gradus.backend.spec.SoftmaxSpec;

/** The primitives of convolutional networks as sums over their logical indices. */
final class ReferenceNnOps implements NnOps {
  private static final int NOWHERE = 255;

  @Override
  public void conv2d(Conv2dSpec spec, Buffer x, Buffer w, Buffer b, Buffer y) {
    ReferenceBuffer in = ReferenceBuffer.of(x);
    ReferenceBuffer weights = ReferenceBuffer.of(w);
    ReferenceBuffer out = ReferenceBuffer.of(y);
    int pixels = spec.outH() * spec.outW();
    for (int i = 0; i < out.length(); i++) {
      out.set(i, b == null ? 0 : ReferenceBuffer.of(b).get(i / pixels % spec.k()));
    }
    int xRow = spec.strideH() * spec.w();
    int xColumn = spec.strideW();
    int yRow = spec.outW();
    ConvolutionBlocks.forEach(
        spec,
        (xAt, wAt, yAt, rows, columns) -> {
          double weight = weights.get(wAt);
          for (int i = 0; i < rows; i++) {
            for (int j = 0; j < columns; j++) {
              out.add(yAt + i * yRow + j, weight * in.get(xAt + i * xRow + j * xColumn));
            }
          }
        });
    out.round();
  }

  @Override
  public void conv2dBackwardData(Conv2dSpec spec, Buffer w, Buffer dy, Buffer dx, float beta) {
    ReferenceBuffer weights = ReferenceBuffer.of(w);
    ReferenceBuffer outGradient = ReferenceBuffer.of(dy);
    ReferenceBuffer inGradient = ReferenceBuffer.of(dx);
    inGradient.startSum(beta);
    int xRow = spec.strideH() * spec.w();
    int xColumn = spec.strideW();
    int yRow = spec.outW();
    ConvolutionBlocks.forEach(
        spec,
        (xAt, wAt, yAt, rows, columns) -> {
          double weight = weights.get(wAt);
          for (int i = 0; i < rows; i++) {
            for (int j = 0; j < columns; j++) {
              inGradient.add(
                  xAt + i * xRow + j * xColumn, weight * outGradient.get(yAt + i * yRow + j));
            }
          }
        });
    inGradient.round();
  }

  @Override
  public void conv2dBackwardWeights(
      Conv2dSpec spec, Buffer x, Buffer dy, Buffer dw, Buffer db, float beta) {
    ReferenceBuffer in = ReferenceBuffer.of(x);
    ReferenceBuffer outGradient = ReferenceBuffer.of(dy);
    ReferenceBuffer weightGradient = ReferenceBuffer.of(dw);
    weightGradient.startSum(beta);
    int xRow = spec.strideH() * spec.w();
    int xColumn = spec.strideW();
    int yRow = spec.outW();
    ConvolutionBlocks.forEach(
        spec,
        (xAt, wAt, yAt, rows, columns) -> {
          double sum = 0;
          for (int i = 0; i < rows; i++) {
            for (int j = 0; j < columns; j++) {
              sum += in.get(xAt + i * xRow + j * xColumn) * outGradient.get(yAt + i * yRow + j);
            }
          }
          weightGradient.add(wAt, sum);
        });
    sumPerChannel(outGradient, db, spec.k(), spec.outH() * spec.outW(), beta);
  }

  /** db = beta db + the sum of dy over everything but the channel, unless db is null. */
  private static void sumPerChannel(
      ReferenceBuffer dy, Buffer db, int channels, int pixels, float beta) {
    if (db == null) {
      return;
    }
    ReferenceBuffer sums = ReferenceBuffer.of(db);
    sums.startSum(beta);
    for (int i = 0; i < dy.length(); i++) {
      sums.add(i / pixels % channels, dy.get(i));
    }
  }

  @Override
  public void linear(LinearSpec spec, Buffer x, Buffer w, Buffer b, Buffer y) {
    ReferenceBuffer in = ReferenceBuffer.of(x);
    ReferenceBuffer weights = ReferenceBuffer.of(w);
    ReferenceBuffer out = ReferenceBuffer.of(y);
    for (int row = 0; row < spec.n(); row++) {
      for (int o = 0; o < spec.out(); o++) {
        double sum = b == null ? 0 : ReferenceBuffer.of(b).get(o);
        for (int i = 0; i < spec.in(); i++) {
          sum += in.get(row * spec.in() + i) * weights.get(o * spec.in() + i);
        }
        out.set(row * spec.out() + o, sum);
      }
    }
  }

  @Override
  public void linearBackwardData(LinearSpec spec, Buffer w, Buffer dy, Buffer dx, float beta) {
    ReferenceBuffer weights = ReferenceBuffer.of(w);
    ReferenceBuffer outGradient = ReferenceBuffer.of(dy);
    ReferenceBuffer inGradient = ReferenceBuffer.of(dx);
    inGradient.startSum(beta);
    for (int row = 0; row < spec.n(); row++) {
      for (int o = 0; o < spec.out(); o++) {
        double gradient = outGradient.get(row * spec.out() + o);
        for (int i = 0; i < spec.in(); i++) {
          inGradient.add(row * spec.in() + i, gradient * weights.get(o * spec.in() + i));
        }
      }
    }
  }

  @Override
  public void linearBackwardWeights(
      LinearSpec spec, Buffer x, Buffer dy, Buffer dw, Buffer db, float beta) {
    ReferenceBuffer in = ReferenceBuffer.of(x);
    ReferenceBuffer outGradient = ReferenceBuffer.of(dy);
    ReferenceBuffer weightGradient = ReferenceBuffer.of(dw);
    weightGradient.startSum(beta);
    for (int row = 0; row < spec.n(); row++) {
      for (int o = 0; o < spec.out(); o++) {
        double gradient = outGradient.get(row * spec.out() + o);
        for (int i = 0; i < spec.in(); i++) {
          weightGradient.add(o * spec.in() + i, gradient * in.get(row * spec.in() + i));
        }
      }
    }
    sumPerChannel(outGradient, db, spec.out(), 1, beta);
  }

  @Override
  public void maxPool(PoolSpec spec, Buffer x, Buffer y, Buffer index) {
    ReferenceBuffer in = ReferenceBuffer.of(x);
    ReferenceBuffer out = ReferenceBuffer.of(y);
    int at = 0;
    for (int plane = 0; plane < spec.n() * spec.c(); plane++) {
      for (int i = 0; i < spec.outH(); i++) {
        for (int j = 0; j < spec.outW(); j++) {
          int place = placeOfMaximum(spec, in, plane, i, j);
          out.set(at, in.get(inputOf(spec, plane, i, j, place)));
          if (index != null) {
            ReferenceBuffer.of(index).set(at, place);
          }
          at++;
        }
      }
    }
  }

  private static int placeOfMaximum(PoolSpec spec, ReferenceBuffer x, int plane, int i, int j) {
    int bestPlace = NOWHERE;
    double best = Double.NEGATIVE_INFINITY;
    for (int row = 0; row < spec.kernelH(); row++) {
      for (int column = 0; column < spec.kernelW(); column++) {
        int h = i * spec.strideH() - spec.padH() + row;
        int w = j * spec.strideW() - spec.padW() + column;
        if (h < 0 || h >= spec.h() || w < 0 || w >= spec.w()) {
          continue;
        }
        double value = x.get((plane * spec.h() + h) * spec.w() + w);
        boolean firstNan = Double.isNaN(value) && !Double.isNaN(best);
        if (bestPlace == NOWHERE || value > best || firstNan) {
          best = value;
          bestPlace = row * spec.kernelW() + column;
        }
      }
    }
    return bestPlace;
  }

  /** The input pixel at a place of the window of output (i, j). */
  private static int inputOf(PoolSpec spec, int plane, int i, int j, int place) {
    int h = i * spec.strideH() - spec.padH() + place / spec.kernelW();
    int w = j * spec.strideW() - spec.padW() + place % spec.kernelW();
    return (plane * spec.h() + h) * spec.w() + w;
  }

  @Override
  public void maxPoolBackward(PoolSpec spec, Buffer dy, Buffer index, Buffer dx, float beta) {
    ReferenceBuffer outGradient = ReferenceBuffer.of(dy);
    ReferenceBuffer places = ReferenceBuffer.of(index);
    ReferenceBuffer inGradient = ReferenceBuffer.of(dx);
    inGradient.startSum(beta);
    int at = 0;
    for (int plane = 0; plane < spec.n() * spec.c(); plane++) {
      for (int i = 0; i < spec.outH(); i++) {
        for (int j = 0; j < spec.outW(); j++, at++) {
          int place = (int) places.get(at);
          if (place != NOWHERE) {
            inGradient.add(inputOf(spec, plane, i, j, place), outGradient.get(at));
          }
        }
      }
    }
    inGradient.round();
  }

  @Override
  public void avgPool(PoolSpec spec, Buffer x, Buffer y) {
    MeanWindows.of(spec).average(ReferenceBuffer.of(x), ReferenceBuffer.of(y));
  }

  @Override
  public void avgPoolBackward(PoolSpec spec, Buffer dy, Buffer dx, float beta) {
    ReferenceBuffer.of(dx).startSum(beta);
    MeanWindows.of(spec).spread(ReferenceBuffer.of(dy), ReferenceBuffer.of(dx));
  }

  @Override
  public void adaptiveAvgPool(AdaptivePoolSpec spec, Buffer x, Buffer y) {
    MeanWindows.of(spec).average(ReferenceBuffer.of(x), ReferenceBuffer.of(y));
  }

  @Override
  public void adaptiveAvgPoolBackward(AdaptivePoolSpec spec, Buffer dy, Buffer dx, float beta) {
    ReferenceBuffer.of(dx).startSum(beta);
    MeanWindows.of(spec).spread(ReferenceBuffer.of(dy), ReferenceBuffer.of(dx));
  }

  @Override
  public void batchNormTraining(
      BatchNormSpec spec,
      Buffer x,
      Buffer gamma,
      Buffer beta,
      Buffer runningMean,
      Buffer runningVar,
      Buffer y,
      Buffer savedMean,
      Buffer savedInvStd) {
    ReferenceBatchNorm.training(
        spec,
        ReferenceBuffer.of(x),
        ReferenceBuffer.of(gamma),
        ReferenceBuffer.of(beta),
        ReferenceBuffer.of(runningMean),
        ReferenceBuffer.of(runningVar),
        ReferenceBuffer.of(y),
        ReferenceBuffer.of(savedMean),
        ReferenceBuffer.of(savedInvStd));
    ReferenceBuffer.of(y).round();
  }

  @Override
  public void batchNormInference(
      BatchNormSpec spec,
      Buffer x,
      Buffer gamma,
      Buffer beta,
      Buffer runningMean,
      Buffer runningVar,
      Buffer y) {
    ReferenceBatchNorm.inference(
        spec,
        ReferenceBuffer.of(x),
        ReferenceBuffer.of(gamma),
        ReferenceBuffer.of(beta),
        ReferenceBuffer.of(runningMean),
        ReferenceBuffer.of(runningVar),
        ReferenceBuffer.of(y));
    ReferenceBuffer.of(y).round();
  }

  @Override
  public void batchNormBackward(
      BatchNormSpec spec,
      Buffer x,
      Buffer gamma,
      Buffer savedMean,
      Buffer savedInvStd,
      Buffer dy,
      Buffer dx,
      float dxBeta,
      Buffer dgamma,
      Buffer dbeta,
      float weightsBeta) {
    ReferenceBatchNorm.backward(
        spec,
        ReferenceBuffer.of(x),
        ReferenceBuffer.of(gamma),
        ReferenceBuffer.of(savedMean),
        ReferenceBuffer.of(savedInvStd),
        ReferenceBuffer.of(dy),
        dx == null ? null : ReferenceBuffer.of(dx),
        dxBeta,
        ReferenceBuffer.of(dgamma),
        ReferenceBuffer.of(dbeta),
        weightsBeta);
    if (dx != null) {
      ReferenceBuffer.of(dx).round();
    }
  }

  @Override
  public void batchNormInferenceBackward(
      BatchNormSpec spec, Buffer gamma, Buffer runningVar, Buffer dy, Buffer dx, float dxBeta) {
    ReferenceBatchNorm.inferenceBackward(
        spec,
        ReferenceBuffer.of(gamma),
        ReferenceBuffer.of(runningVar),
        ReferenceBuffer.of(dy),
        ReferenceBuffer.of(dx),
        dxBeta);
    ReferenceBuffer.of(dx).round();
  }

  @Override
  public void groupNorm(
      GroupNormSpec spec,
      Buffer x,
      Buffer gamma,
      Buffer beta,
      Buffer y,
      Buffer savedMean,
      Buffer savedInvStd) {
    ReferenceGroupNorm.forward(
        spec,
        ReferenceBuffer.of(x),
        ReferenceBuffer.of(gamma),
        ReferenceBuffer.of(beta),
        ReferenceBuffer.of(y),
        ReferenceBuffer.of(savedMean),
        ReferenceBuffer.of(savedInvStd));
  }

  @Override
  public void groupNormBackward(
      GroupNormSpec spec,
      Buffer x,
      Buffer gamma,
      Buffer savedMean,
      Buffer savedInvStd,
      Buffer dy,
      Buffer dx,
      float dxBeta,
      Buffer dgamma,
      Buffer dbeta,
      float weightsBeta) {
    ReferenceGroupNorm.backward(
        spec,
        ReferenceBuffer.of(x),
        ReferenceBuffer.of(gamma),
        ReferenceBuffer.of(savedMean),
        ReferenceBuffer.of(savedInvStd),
        ReferenceBuffer.of(dy),
        dx == null ? null : ReferenceBuffer.of(dx),
        dxBeta,
        dgamma == null ? null : ReferenceBuffer.of(dgamma),
        dbeta == null ? null : ReferenceBuffer.of(dbeta),
        weightsBeta);
  }

  @Override
  public void softmax(SoftmaxSpec spec, Buffer x, Buffer y) {
    ReferenceBuffer in = ReferenceBuffer.of(x);
    ReferenceBuffer out = ReferenceBuffer.of(y);
    double[] row = new double[spec.c()];
    for (int place = 0; place < spec.n() * spec.pixels(); place++) {
      int first = firstOf(spec, place);
      for (int c = 0; c < spec.c(); c++) {
        row[c] = in.get(first + c * spec.pixels());
      }
      LogSoftmax.inPlace(row);
      for (int c = 0; c < spec.c(); c++) {
        out.set(first + c * spec.pixels(), Math.exp(row[c]));
      }
    }
  }

  @Override
  public void softmaxBackward(SoftmaxSpec spec, Buffer y, Buffer dy, Buffer dx, float beta) {
    ReferenceBuffer out = ReferenceBuffer.of(y);
    ReferenceBuffer outGradient = ReferenceBuffer.of(dy);
    ReferenceBuffer inGradient = ReferenceBuffer.of(dx);
    for (int place = 0; place < spec.n() * spec.pixels(); place++) {
      int first = firstOf(spec, place);
      double sum = 0;
      for (int c = 0; c < spec.c(); c++) {
        int at = first + c * spec.pixels();
        sum += outGradient.get(at) * out.get(at);
      }
      for (int c = 0; c < spec.c(); c++) {
        int at = first + c * spec.pixels();
        inGradient.put(at, beta, out.get(at) * (outGradient.get(at) - sum));
      }
    }
  }

  /** The element of channel 0 of the place-th pixel of the batch. */
  private static int firstOf(SoftmaxSpec spec, int place) {
    return place / spec.pixels() * spec.c() * spec.pixels() + place % spec.pixels();
  }

  @Override
  public void dropout(DropoutSpec spec, Buffer x, Buffer y) {
    dropoutBackward(spec, x, y, 0); // a linear op that is its own transpose
  }

  @Override
  public void dropoutBackward(DropoutSpec spec, Buffer dy, Buffer dx, float beta) {
    ReferenceBuffer outGradient = ReferenceBuffer.of(dy);
    ReferenceBuffer inGradient = ReferenceBuffer.of(dx);
    double kept = 1 / (1 - (double) spec.probability());
    for (int i = 0; i < spec.n() * spec.features(); i++) {
      inGradient.put(i, beta, spec.isDropped(i) ? 0 : outGradient.get(i) * kept);
    }
  }

  @Override
  public void copyChannels(ChannelCopySpec spec, Buffer x, Buffer y, float beta) {
    ReferenceBuffer in = ReferenceBuffer.of(x);
    ReferenceBuffer out = ReferenceBuffer.of(y);
    int count = spec.channels() * spec.pixels();
    for (int image = 0; image < spec.n(); image++) {
      int from = (image * spec.fromChannels() + spec.fromOffset()) * spec.pixels();
      int to = (image * spec.toChannels() + spec.toOffset()) * spec.pixels();
      for (int i = 0; i < count; i++) {
        out.put(to + i, beta, in.get(from + i));
      }
    }
  }

  @Override
  public void scaleChannels(ChannelScaleSpec spec, Buffer x, Buffer s, Buffer y, float beta) {
    ReferenceBuffer in = ReferenceBuffer.of(x);
    ReferenceBuffer factors = ReferenceBuffer.of(s);
    ReferenceBuffer out = ReferenceBuffer.of(y);
    for (int i = 0; i < spec.n() * spec.c() * spec.pixels(); i++) {
      out.put(i, beta, factors.get(i / spec.pixels()) * in.get(i));
    }
  }

  @Override
  public void dotChannels(ChannelScaleSpec spec, Buffer a, Buffer b, Buffer out, float beta) {
    ReferenceBuffer left = ReferenceBuffer.of(a);
    ReferenceBuffer right = ReferenceBuffer.of(b);
    ReferenceBuffer sums = ReferenceBuffer.of(out);
    for (int plane = 0; plane < spec.n() * spec.c(); plane++) {
      double sum = 0;
      for (int i = plane * spec.pixels(); i < (plane + 1) * spec.pixels(); i++) {
        sum += left.get(i) * right.get(i);
      }
      sums.put(plane, beta, sum);
    }
  }
}
