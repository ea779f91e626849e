// The processor's tiles (AMX): eight registers of up to 16 rows of 64 bytes. Written as assembly, so that no compiler moves a
// load or store of memory across one of a tile, and so that the tier needs no more than its own instruction set to be compiled.
// With GRADUS_EMULATED_TILES they are computed in memory: for machines without them, and for sanitizers, which see no tile.
#pragma once
#include "vector.h"

namespace gradus::GRADUS_TIER_NAMESPACE {

constexpr int kTileRows = 16, kTilePairs = 16;  // pairs of bfloat16 values, in the place of floats
constexpr int kTileFloats = kTileRows * kTilePairs;

#ifdef GRADUS_EMULATED_TILES

struct alignas(64) EmulatedTile {
  float values[kTileRows][16];
  int rows, bytes;
};
extern thread_local EmulatedTile emulated_tiles[8];

// No thread has another's tiles, and watching them would take the thread sanitizer most of an hour.
__attribute__((noinline, no_sanitize("thread"))) inline void multiply(EmulatedTile& sum, const EmulatedTile& left, const EmulatedTile& right) {
  for (int m = 0; m < sum.rows; m++) {
    Vector row = load(sum.values[m]);
    for (int p = 0; p < right.rows; p++) {
      int32_t pair;
      __builtin_memcpy(&pair, &left.values[m][p], 4);
      const Ints pairs = Ints{} + pair, others = reinterpret_cast<Ints>(load(right.values[p]));
      row += reinterpret_cast<Vector>(pairs << 16) * reinterpret_cast<Vector>(others << 16);
      row += reinterpret_cast<Vector>(pairs & -65536) * reinterpret_cast<Vector>(others & -65536);
    }
    store(sum.values[m], row);
  }
}

#endif

// The shapes of the tiles while it lives, on this thread. Sums are whole tiles; those from firstLeft to firstRight - 1 are left
// factors, rows of `pairs` pairs; those behind are right factors, `pairs` rows.
class TileShapes {
 public:
  TileShapes(int firstLeft, int firstRight, int pairs) {
    struct alignas(64) Configuration {
      uint8_t palette = 1, startRow = 0, reserved[14] = {};
      uint16_t bytes[16] = {};
      uint8_t rows[16] = {};
    } c;
    static_assert(sizeof(Configuration) == 64);
    for (int i = 0; i < 8; i++) {
      c.bytes[i] = static_cast<uint16_t>(i >= firstLeft && i < firstRight ? 4 * pairs : 64);
      c.rows[i] = static_cast<uint8_t>(i >= firstRight ? pairs : kTileRows);
    }
#ifdef GRADUS_EMULATED_TILES
    for (int i = 0; i < 8; i++) emulated_tiles[i].rows = c.rows[i], emulated_tiles[i].bytes = c.bytes[i];
#else
    asm volatile("ldtilecfg %0" : : "m"(c));
#endif
  }
  // A thread with tiles in use is dearer to switch away from.
  ~TileShapes() {
#ifndef GRADUS_EMULATED_TILES
    asm volatile("tilerelease" : : : "memory");
#endif
  }
  TileShapes(const TileShapes&) = delete;
  TileShapes& operator=(const TileShapes&) = delete;
};

// Steps are in floats, from row to row.
template <int Tile>
GRADUS_INLINE void load_tile(const float* from, int64_t step) {
#ifdef GRADUS_EMULATED_TILES
  EmulatedTile& tile = emulated_tiles[Tile];
  for (int i = 0; i < tile.rows; i++) __builtin_memcpy(tile.values[i], from + i * step, tile.bytes);
#else
  asm volatile("tileloadd (%0,%1,1), %%tmm%c2" : : "r"(from), "r"(4 * step), "i"(Tile) : "memory");
#endif
}

template <int Tile>
GRADUS_INLINE void store_tile(float* to, int64_t step) {
#ifdef GRADUS_EMULATED_TILES
  const EmulatedTile& tile = emulated_tiles[Tile];
  for (int i = 0; i < tile.rows; i++) __builtin_memcpy(to + i * step, tile.values[i], tile.bytes);
#else
  asm volatile("tilestored %%tmm%c2, (%0,%1,1)" : : "r"(to), "r"(4 * step), "i"(Tile) : "memory");
#endif
}

template <int Tile>
GRADUS_INLINE void zero_tile() {
#ifdef GRADUS_EMULATED_TILES
  __builtin_memset(emulated_tiles[Tile].values, 0, sizeof emulated_tiles[Tile].values);
#else
  asm volatile("tilezero %%tmm%c0" : : "i"(Tile));
#endif
}

// Sum[m][n] += the products of the pairs Left[m][p] and Right[p][n], over all p. Numbers below the least normal one count as 0.
template <int Sum, int Left, int Right>
GRADUS_INLINE void multiply_tiles() {
#ifdef GRADUS_EMULATED_TILES
  multiply(emulated_tiles[Sum], emulated_tiles[Left], emulated_tiles[Right]);
#else
  asm volatile("tdpbf16ps %%tmm%c2, %%tmm%c1, %%tmm%c0" : : "i"(Sum), "i"(Left), "i"(Right));
#endif
}

}  // namespace gradus::GRADUS_TIER_NAMESPACE
