#include "conv.h"
#include "forward.h"
#include "phase.h"
#include "weight_gradient.h"

namespace gradus::GRADUS_TIER_NAMESPACE {
namespace {

// For every phase of rows and of columns: [block of input channels][filter][tap row][tap column][channel of the block].
void pack_weights(ThreadPool& pool, const Geometry& g, const Blocks& blocks, const float* w, float* packed) {
  for_each_block(pool, g, blocks.count, [&](int block, int) {
    const int c0 = blocks.begin(block), channels = blocks.size(block), group = blocks.group(block);
    float* phaseBegin = packed;
    for (int a = 0; a < g.strideH; a++) {
      const Phase rows = phase(a, g.strideH, g.dilationH, g.r);
      for (int b = 0; b < g.strideW; b++) {
        const Phase columns = phase(b, g.strideW, g.dilationW, g.s);
        const int64_t taps = static_cast<int64_t>(rows.taps) * columns.taps;
        float* target = phaseBegin + c0 * g.filters * taps;
        for (int filter = 0; filter < g.filters; filter++) {
          const float* source =
              w + ((static_cast<int64_t>(group) * g.filters + filter) * g.inputs + c0 - group * g.inputs) * g.r * g.s;
          for (int i = 0; i < rows.taps; i++) {
            for (int j = 0; j < columns.taps; j++) {
              const int tap = (rows.lastTap - i * rows.tapStep) * g.s + columns.lastTap - j * columns.tapStep;
              for (int c = 0; c < channels; c++) *target++ = source[static_cast<int64_t>(c) * g.r * g.s + tap];
            }
          }
        }
        phaseBegin += g.c * g.filters * taps;
      }
    }
  });
}

// dw = (accumulate ? dw : 0) + the gradient of the filters of one block, summed over dy rows [rows) of one image group.
// sums: room for the block's weights.
void weights_gradient(const Geometry& g, const GradientBlocking& blocking, const Blocks& blocks, int block, Range rows,
                      const Panel& x, const Panel& dy, float* sums, float* dw, bool accumulate) {
  // Kernels of one row take neighbouring channels for the outer taps.
  const bool overChannels = g.r == 1;
  const int outer = overChannels ? g.inputs : g.r, channels = overChannels ? 1 : g.inputs;
  const Blocks outerBlocks(1, outer, blocking.outer);
  const int columns = blocking.columns;
  const int k0 = blocks.begin(block), filters = blocks.size(block);
  const GradientRegion region{rows.end - rows.begin,
                              g.outW,
                              overChannels ? x.channelStep : x.rowStep * g.dilationH,
                              x.rowStep * g.strideH,
                              static_cast<int64_t>(kLanes) * g.strideW,
                              dy.channelStep,
                              dy.rowStep};
  const float* dyAt = dy.at(k0, rows.begin, 0);
  LaneSums laneSums(sums);
  for (int channel = 0; channel < channels; channel++) {
    for (int o = 0; o < outerBlocks.count; o++) {
      const int size = outerBlocks.size(o);
      const WeightGradientKernel kernel = weight_gradient_kernel(filters, size, columns);
      for (int s = 0; s < g.s; s += columns) {
        const float* xAt = x.at(blocks.group(block) * g.inputs + channel, rows.begin * g.strideH - g.padTop,
                                s * g.dilationW - g.padLeft) +
                           outerBlocks.begin(o) * region.xOuterStep;
        kernel(region, xAt, dyAt, laneSums.next(filters * size * columns));
      }
    }
  }
  laneSums.finish();
  // In the order of the kernels above.
  for (int channel = 0; channel < channels; channel++) {
    for (int o = 0; o < outerBlocks.count; o++) {
      for (int s = 0; s < g.s; s += columns) {
        for (int f = 0; f < filters; f++) {
          float* target =
              dw + ((static_cast<int64_t>(k0 + f) * g.inputs + channel) * g.r + outerBlocks.begin(o)) * g.s + s;
          for (int i = 0; i < outerBlocks.size(o); i++, target += g.s) {
            for (int j = 0; j < columns; j++) target[j] = (accumulate ? target[j] : 0) + *sums++;
          }
        }
      }
    }
  }
}

Vector sum_rows(const Panel& panel, int channel, Range rows, int width) {
  Vector sum[4] = {};
  for (int row = rows.begin; row < rows.end; row++) {
    const float* p = panel.at(channel, row, 0);
    int i = 0;
    for (; i + 4 <= width; i += 4) {
      for (int j = 0; j < 4; j++) sum[j] += load(p + (i + j) * static_cast<int64_t>(kLanes));
    }
    for (; i < width; i++) sum[0] += load(p + i * static_cast<int64_t>(kLanes));
  }
  return (sum[0] + sum[1]) + (sum[2] + sum[3]);
}

// target = beta target + the sum of the chunks, in their order.
void add_chunks(ThreadPool& pool, const float* chunks, int count, int64_t stride, int64_t size, float* target, bool accumulate) {
  const auto add = [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; i += 256) {
      const int n = static_cast<int>(min64(256, end - i));
      float sum[256];
      for (int j = 0; j < n; j++) sum[j] = accumulate ? target[i + j] : 0;
      for (int chunk = 0; chunk < count; chunk++) {
        const float* source = chunks + chunk * stride + i;
        for (int j = 0; j < n; j++) sum[j] += source[j];
      }
      for (int j = 0; j < n; j++) target[i + j] = sum[j];
    }
  };
  constexpr int64_t kPart = 4096;
  if (size * count < 65536) {
    add(0, size);
  } else {
    parallel(pool, static_cast<int>((size + kPart - 1) / kPart),
             [&](int task, int) { add(task * kPart, min64(size, (task + 1) * kPart)); });
  }
}

// fill(imageGroup, channel, rows, own, panel) writes some rows of the gradient with respect to the convolution's own
// output and returns the sum of those that are in own. direct: the tensor that already holds that gradient, or null.
template <class Fill>
void backward(ThreadPool& pool, const Geometry& g, const float* x, const float* w, const float* direct, const Fill& fill, float* dx,
              float dx_beta, float* dw, float* db, float weights_beta) {
  const int plainColumns = g.dilationW == 1 && (g.s == 3 || g.s == 5 || g.s == 7) ? g.s : 1;
  const GradientBlocking blocking = gradient_blocking(plainColumns);
  const Blocks filterBlocks(g.groups, g.filters, blocking.filters), channelBlocks(g.groups, g.inputs, kFilterBlock);

  const bool both = dx != nullptr && dw != nullptr;
  const int64_t imageFloats = (static_cast<int64_t>(g.k) * g.outH * g.outW + static_cast<int64_t>(g.c) * g.h * g.w) * kLanes;
  // A band sums its weight gradients over the lanes at its end: with fewer pixels that would cost more than a few
  // percent.
  constexpr int kFewestPixels = 96;
  const Tasks tasks = plan_tasks(g.imageGroups, g.group_work() * (both ? 2 : 1), imageFloats,
                                 max(1, min(g.outH, g.outH * g.outW / kFewestPixels)),
                                 static_cast<int64_t>(g.inputs) * g.r * g.s * (both ? 2 : 1) / 2,
                                 min(dx != nullptr ? channelBlocks.count : filterBlocks.count, filterBlocks.count));

  const auto xWindow = [&](Range rows) {
    return Window{rows.begin * g.strideH - g.padTop, (rows.end - 1) * g.strideH - g.padTop + (g.r - 1) * g.dilationH + 1,
                  -g.padLeft, max(g.w, (g.outW - 1) * g.strideW - g.padLeft + (g.s - 1) * g.dilationW + 1)};
  };
  const auto dyWindow = [&](Range own, Range rows) {
    Window window{own.begin, own.end, 0, g.outW};
    if (dx != nullptr && rows.begin < rows.end) {
      const Range needed = dy_rows(g, rows);
      if (needed.begin < needed.end) {
        window.rowBegin = min(window.rowBegin, needed.begin);
        window.rowEnd = max(window.rowEnd, needed.end);
      }
      window.columnBegin = min(0, floor_div(g.padLeft - (g.s - 1) * g.dilationW, g.strideW));
      window.columnEnd = max(g.outW, floor_div(g.w - 1 + g.padLeft, g.strideW) + 1);
    }
    return window;
  };
  int64_t dyFloats = 0, xFloats = 0;
  for (int band = 0; band < tasks.bands; band++) {
    const Range own = part(g.outH, band, tasks.bands), rows = part(g.h, band, tasks.bands);
    const Window dyWanted = dyWindow(own, rows), xWanted = xWindow(own);
    if (direct == nullptr || !dyWanted.inside(g.outH, g.outW)) dyFloats = max64(dyFloats, g.k * dyWanted.channel_floats());
    if (dw != nullptr && !xWanted.inside(g.h, g.w)) xFloats = max64(xFloats, g.c * xWanted.channel_floats());
  }
  const int64_t blockSums = round_up(static_cast<int64_t>(blocking.filters) * g.inputs * g.r * g.s, kLanes);
  const size_t workerBytes = static_cast<size_t>(dyFloats + xFloats + blockSums) * sizeof(float);
  for (int worker = 0; worker < pool.threads(); worker++) pool.scratch(worker, workerBytes);

  // Bands that go into one partial sum, one after the other: it must not take more memory than the tensors.
  constexpr int kMostChunks = 64;
  const int groupChunks = min(tasks.bands, max(1, kMostChunks / g.imageGroups));
  const int chunks = g.imageGroups * groupChunks;
  const int64_t dwCount = dw == nullptr ? 0 : g.weight_count();
  const int64_t dbAt = round_up(dwCount, 16), stride = dbAt + (db == nullptr ? 0 : round_up(g.k, 16));
  const int64_t packedFloats = dx == nullptr ? 0 : round_up(g.weight_count(), 16);
  float* packed = static_cast<float*>(pool.shared_scratch((packedFloats + chunks * stride) * sizeof(float)));
  float* partial = packed + packedFloats;
  if (dx != nullptr) pack_weights(pool, g, channelBlocks, w, packed);

  const auto runBand = [&](int imageGroup, int band, bool firstOfChunk, Range mine, Range myChannels, float* chunkSums,
                           float* scratch) {
    const Range own = part(g.outH, band, tasks.bands), rows = part(g.h, band, tasks.bands);
    const Window window = dyWindow(own, rows);
    const bool filled = direct == nullptr || !window.inside(g.outH, g.outW);
    const Panel dy = filled ? scratch_panel(window, scratch)
                            : whole_image(direct + imageGroup * g.y_group_floats(), g.outH, g.outW);
    const Panel xPanel =
        dw == nullptr ? Panel{}
                      : padded_panel(x + imageGroup * g.x_group_floats(), g.c, g.h, g.w, xWindow(own), scratch + dyFloats);
    // Block by block, so that the weights' kernel finds dy in the nearest cache.
    for (int block = 0; block < filterBlocks.count; block++) {
      const bool isMine = block >= mine.begin && block < mine.end;
      if (!isMine && dx == nullptr) continue;
      for (int channel = filterBlocks.begin(block); channel < filterBlocks.begin(block) + filterBlocks.size(block); channel++) {
        Vector ownSum = zero();
        if (filled) {
          zero_border(dy, channel, g.outH, g.outW, window);
          ownSum = fill(imageGroup, channel, Range{window.rowBegin, window.rowEnd}, own, dy);
        } else if (db != nullptr && isMine) {
          ownSum = sum_rows(dy, channel, own, g.outW);
        }
        if (db != nullptr && isMine) {
          chunkSums[dbAt + channel] = (firstOfChunk ? 0 : chunkSums[dbAt + channel]) + sum_lanes(ownSum);
        }
      }
      if (dw != nullptr && isMine) {
        weights_gradient(g, blocking, filterBlocks, block, own, xPanel, dy, scratch + dyFloats + xFloats, chunkSums,
                         !firstOfChunk);
      }
    }
    if (dx != nullptr) {
      data_gradient(g, GradientRows<FloatProducts>{g, channelBlocks, myChannels, g.filters, dy}, rows, Range{0, g.w}, dy, packed,
                    dx + imageGroup * g.x_group_floats(), dx_beta != 0);
    }
  };
  parallel(pool, chunks * tasks.splits, [&](int task, int worker) {
    const int split = task % tasks.splits, chunk = task / tasks.splits, imageGroup = chunk / groupChunks;
    const Range bands = part(tasks.bands, chunk % groupChunks, groupChunks);
    for (int band = bands.begin; band < bands.end; band++) {
      runBand(imageGroup, band, band == bands.begin, part(filterBlocks.count, split, tasks.splits),
              part(channelBlocks.count, split, tasks.splits), partial + chunk * stride,
              static_cast<float*>(pool.scratch(worker, workerBytes)));
    }
  });
  if (dw != nullptr) add_chunks(pool, partial, chunks, stride, dwCount, dw, weights_beta != 0);
  if (db != nullptr) add_chunks(pool, partial + dbAt, chunks, stride, g.k, db, weights_beta != 0);
}

}  // namespace

void conv2d_backward(ThreadPool& pool, const Conv2dSpec& spec, const float* x, const float* w, const float* y, const float* dy,
                     float* dx, float dx_beta, float* dw, float* db, float weights_beta) {
  const Geometry g(spec);
  const int64_t rowFloats = static_cast<int64_t>(g.outW) * kLanes;
  const auto fill = [&](int imageGroup, int channel, Range rows, Range own, const Panel& panel, const auto& gradientAt) {
    Vector ownSum = zero();
    for (int row = rows.begin; row < rows.end; row++) {
      const int64_t at = ((static_cast<int64_t>(imageGroup) * g.k + channel) * g.outH + row) * rowFloats;
      float* target = panel_row(panel, channel, row);
      Vector sum = zero();
      for (int64_t i = 0; i < rowFloats; i += kLanes) {
        const Vector gradient = gradientAt(at + i);
        sum += gradient;
        store(target + i, gradient);
      }
      if (row >= own.begin && row < own.end) ownSum += sum;
    }
    return ownSum;
  };
  if (y == nullptr) {
    backward(
        pool, g, x, w, dy,
        [&](int imageGroup, int channel, Range rows, Range own, const Panel& panel) {
          return fill(imageGroup, channel, rows, own, panel, [&](int64_t at) { return load(dy + at); });
        },
        dx, dx_beta, dw, db, weights_beta);
  } else {
    backward(
        pool, g, x, w, nullptr,
        [&](int imageGroup, int channel, Range rows, Range own, const Panel& panel) {
          return fill(imageGroup, channel, rows, own, panel,
                      [&](int64_t at) { return load(y + at) > zero() ? load(dy + at) : zero(); });
        },
        dx, dx_beta, dw, db, weights_beta);
  }
}

void conv2d_relu_max_pool_backward(ThreadPool& pool, const Conv2dSpec& conv, const PoolSpec&, const float* x, const float* w,
                                   const float* y, const uint8_t* index, const float* dy, float* dx, float dx_beta, float* dw,
                                   float* db, float weights_beta) {
  const Geometry g(conv);
  const int pooledRows = g.outH / 2, pooledColumns = g.outW / 2;
  // Both rows of a line of windows at once; the one outside `rows` is not written.
  const auto fill = [&](int imageGroup, int channel, Range rows, Range own, const Panel& panel) {
    Vector ownSum = zero();
    for (int line = rows.begin / 2; 2 * line < rows.end; line++) {
      const Range pair{max(rows.begin, 2 * line), min(rows.end, 2 * line + 2)};
      if (line >= pooledRows) {
        fill_zero(panel_row(panel, channel, pair.begin), g.outW);
        continue;
      }
      const int64_t begin = ((static_cast<int64_t>(imageGroup) * g.k + channel) * pooledRows + line) *
                            static_cast<int64_t>(pooledColumns) * kLanes;
      float* top = panel_row(panel, channel, pair.begin);
      float* bottom = panel_row(panel, channel, pair.end - 1);
      const Ints topLeft = (pair.begin % 2 * 2) - Ints{}, bottomLeft = ((pair.end - 1) % 2 * 2) - Ints{};
      Vector topSum = zero(), bottomSum = zero();
      for (int column = 0; column < pooledColumns; column++, top += 2 * kLanes, bottom += 2 * kLanes) {
        const int64_t at = begin + static_cast<int64_t>(column) * kLanes;
        const Ints place = reinterpret_cast<Ints>(load_bytes(index + at));
        const Vector gradient = load(y + at) > zero() ? load(dy + at) : zero();
        const Vector a = place == topLeft ? gradient : zero(), b = place == topLeft + 1 ? gradient : zero();
        const Vector c = place == bottomLeft ? gradient : zero(), d = place == bottomLeft + 1 ? gradient : zero();
        topSum += a + b;
        bottomSum += c + d;
        store(top, a);
        store(top + kLanes, b);
        store(bottom, c);
        store(bottom + kLanes, d);
      }
      if (g.outW % 2 != 0) {
        store(top, zero());
        store(bottom, zero());
      }
      if (pair.begin >= own.begin && pair.begin < own.end) ownSum += topSum;
      if (pair.end - pair.begin == 2 && pair.end > own.begin && pair.end <= own.end) ownSum += bottomSum;
    }
    return ownSum;
  };
  backward(pool, g, x, w, nullptr, fill, dx, dx_beta, dw, db, weights_beta);
}

}  // namespace gradus::GRADUS_TIER_NAMESPACE
