// Between kLanes bytes in memory and a vector of integers from 0 to 255: the compiler's own conversion goes byte by byte.
#pragma once
#include <immintrin.h>

#include <cstdint>
#include <cstring>

namespace gradus::GRADUS_TIER_NAMESPACE {

#if GRADUS_LANES == 16
typedef __m512i ByteLanes;
#elif GRADUS_LANES == 8
typedef __m256i ByteLanes;
#else
typedef __m128i ByteLanes;
#endif

inline __attribute__((always_inline)) ByteLanes load_bytes(const uint8_t* p) {
#if GRADUS_LANES == 16
  // The forms with a mask draw no false warning from gcc 12.
  return _mm512_maskz_cvtepu8_epi32(0xffff, _mm_loadu_si128(reinterpret_cast<const __m128i*>(p)));
#elif GRADUS_LANES == 8
  return _mm256_cvtepu8_epi32(_mm_loadl_epi64(reinterpret_cast<const __m128i*>(p)));
#else
  int32_t bytes;
  memcpy(&bytes, p, 4);
  const __m128i zero = _mm_setzero_si128();
  return _mm_unpacklo_epi16(_mm_unpacklo_epi8(_mm_cvtsi32_si128(bytes), zero), zero);
#endif
}

inline __attribute__((always_inline)) void store_bytes(uint8_t* p, ByteLanes v) {
#if GRADUS_LANES == 16
  _mm_storeu_si128(reinterpret_cast<__m128i*>(p), _mm512_maskz_cvtepi32_epi8(0xffff, v));
#elif GRADUS_LANES == 8
  const __m128i words = _mm_packs_epi32(_mm256_castsi256_si128(v), _mm256_extracti128_si256(v, 1));
  _mm_storel_epi64(reinterpret_cast<__m128i*>(p), _mm_packus_epi16(words, words));
#else
  const __m128i words = _mm_packs_epi32(v, v);
  const int32_t bytes = _mm_cvtsi128_si32(_mm_packus_epi16(words, words));
  memcpy(p, &bytes, 4);
#endif
}

}  // namespace gradus::GRADUS_TIER_NAMESPACE
