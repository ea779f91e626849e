// Square tiles of the channels of a batch tensor, with zeros beyond its borders and where a mask is closed.
#pragma once
#include "../input.h"
#include "plan.h"

namespace gradus::GRADUS_TIER_NAMESPACE {

struct TileSource {
  Input input;
  const float* mask;  // shaped like data: what is not above 0 closes; null for none
  int channels, height, width;

  int64_t row_floats() const { return static_cast<int64_t>(width) * kLanes; }
  int64_t channel_floats() const { return static_cast<int64_t>(height) * row_floats(); }
};

// The tile of Size x Size pixels whose first is (row, column), possibly outside.
template <int Size>
struct SourceTile {
  int64_t first;        // of its first pixel in channel 0, in floats
  Range rows, columns;  // those that lie in the source

  static SourceTile at(const TileSource& s, int imageGroup, int row, int column) {
    return SourceTile{imageGroup * s.channels * s.channel_floats() + row * s.row_floats() + static_cast<int64_t>(column) * kLanes,
                      present(row, s.height), present(column, s.width)};
  }
  bool inside() const { return rows.begin == 0 && rows.end == Size && columns.begin == 0 && columns.end == Size; }

 private:
  static Range present(int first, int size) {
    const int begin = min(Size, max(0, -first));
    return Range{begin, max(begin, min(Size, size - first))};
  }
};

// The pixels of a tile, those before column First and from column End on being zeros.
template <class E, int Size, int First, int End>
struct BorderedPixels {
  const E* rows[Size];

  __attribute__((always_inline)) Vector operator()(int i, int j) const {
    return j < First || j >= End ? zero() : load(rows[i] + j * kLanes);
  }
};

constexpr int kAhead = 2;         // channels
constexpr int kSharedColumns = 2;  // of a tile and the one before

// Asks for the pixels of a tile in a channel that comes soon: a transform is so long that hardly more than one is under way
// at a time, and the waiting for memory would not overlap.
template <int Size, int First, int End, class E>
GRADUS_INLINE void prefetch_tile(const E* channel, int64_t rowStep, Range rows) {
#pragma GCC unroll 6
  for (int i = 0; i < Size; i++) {
    if (i < rows.begin || i >= rows.end) continue;
#pragma GCC unroll 6
    for (int j = First; j < End; j++) __builtin_prefetch(channel + i * rowStep + j * kLanes);
  }
}

// use(channel, pixels) for a tile whose columns [First, End) lie in the source.
template <class E, int Size, int First, int End, class Use>
inline void use_tile(const TileSource& s, const SourceTile<Size>& tile, const Use& use) {
  alignas(64) static constexpr E kZeros[Size * kLanes] = {};
  const int64_t rowStep = s.row_floats(), channelStep = s.channel_floats();
  const E* channel = s.input.as<E>() + tile.first;
  for (int c = 0; c < s.channels; c++, channel += channelStep) {
    BorderedPixels<E, Size, First, End> pixels;
    if (c + kAhead < s.channels) prefetch_tile<Size, First, End>(channel + kAhead * channelStep, rowStep, tile.rows);
#pragma GCC unroll 6
    for (int i = 0; i < Size; i++) {
      pixels.rows[i] = i >= tile.rows.begin && i < tile.rows.end ? channel + i * rowStep : kZeros;
    }
    use(c, pixels);
  }
}

template <class E, int Size, class Use>
inline void copy_tile(const TileSource& s, const SourceTile<Size>& tile, const Use& use) {
  alignas(64) float pixels[Size * Size * kLanes] = {};
  const int64_t width = static_cast<int64_t>(tile.columns.end - tile.columns.begin) * kLanes;
  int64_t channel = tile.first + tile.columns.begin * kLanes;
  for (int c = 0; c < s.channels; c++, channel += s.channel_floats()) {
    for (int i = tile.rows.begin; i < tile.rows.end; i++) {
      const int64_t from = channel + i * s.row_floats();
      float* to = pixels + (i * Size + tile.columns.begin) * kLanes;
      for (int64_t j = 0; j < width; j += kLanes) {
        const Vector value = load_once(s.input.as<E>() + from + j);  // and not a call of memcpy for some hundred bytes
        store(to + j, s.mask == nullptr || load(s.mask + from + j) > zero() ? value : zero());
      }
    }
    use(c, [&](int i, int j) __attribute__((always_inline)) { return load(pixels + (i * Size + j) * kLanes); });
  }
}

template <class E, int Size, class Use>
inline void for_tiles_of(const TileSource& s, const SourceTile<Size>* tiles, int count, const Use& use) {
  bool inside = false;
  for (int t = 0; t < count; t++) {
    const auto useTile = [&](int c, const auto& pixels) __attribute__((always_inline)) { use(t, c, pixels); };
    const Range columns = tiles[t].columns;
    // The usual borders have kernels of their own: one column of padding, on a map of whole tiles.
    if (s.mask != nullptr) {
      copy_tile<E, Size>(s, tiles[t], useTile);
    } else if (tiles[t].inside()) {
      inside = true;
    } else if (columns.begin == 0 && columns.end == Size) {
      use_tile<E, Size, 0, Size>(s, tiles[t], useTile);
    } else if (columns.begin == 0 && columns.end == Size - 1) {
      use_tile<E, Size, 0, Size - 1>(s, tiles[t], useTile);
    } else if (columns.begin == 1 && columns.end == Size) {
      use_tile<E, Size, 1, Size>(s, tiles[t], useTile);
    } else {
      copy_tile<E, Size>(s, tiles[t], useTile);
    }
  }
  if (!inside) return;
  // Channel by channel, because neighbouring tiles share pixels.
  const int64_t rowStep = s.row_floats();
  for (int c = 0; c < s.channels; c++) {
    for (int t = 0; t < count; t++) {
      if (!tiles[t].inside()) continue;
      const E* first = s.input.as<E>() + tiles[t].first + c * s.channel_floats();
      if (c + 1 < s.channels) prefetch_tile<Size, kSharedColumns, Size>(first + s.channel_floats(), rowStep, tiles[t].rows);
      use(t, c, [&](int i, int j) __attribute__((always_inline)) { return load(first + i * rowStep + j * kLanes); });
    }
  }
}

// use(tile, channel, pixels) for each of some tiles and every channel; pixels(row, column) needs no care for borders. Only with
// MayBePacked the source may be bfloat16.
template <int Size, bool MayBePacked, class Use>
inline void for_tiles(const TileSource& s, const SourceTile<Size>* tiles, int count, const Use& use) {
  if constexpr (MayBePacked) {
    if (s.input.packed) {
      for_tiles_of<uint16_t, Size>(s, tiles, count, use);
      return;
    }
  }
  for_tiles_of<float, Size>(s, tiles, count, use);
}

}  // namespace gradus::GRADUS_TIER_NAMESPACE
