// Both kernels keep the state and the last sixteen words of a message in vectors; see sha1_kernels.h.
#include "pack/sha1_kernels.h"

#if defined(__x86_64__)

// GCC 12 takes the undefined vectors inside its own AVX-512 intrinsics for uses of them (PR 105593).
#pragma GCC diagnostic ignored "-Wuninitialized"
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"

#include <cpuid.h>
#include <immintrin.h>

#include <utility>

namespace packscope::pack {

namespace {

constexpr std::size_t kBlock = 64;

// Four rounds of each lane: group `kGroup` of twenty. w: the last sixteen message words of each lane, four a vector.
template <unsigned kGroup, unsigned kCount>
__attribute__((target("sha,sse4.1"), always_inline)) inline void four_rounds(__m128i (&abcd)[kCount], __m128i (&e)[kCount],
                                                                             __m128i (&w)[kCount][4]) {
  for (unsigned lane = 0; lane < kCount; ++lane) {
    __m128i& now = w[lane][kGroup % 4];
    if constexpr (kGroup >= 4)
      now = _mm_sha1msg2_epu32(_mm_xor_si128(_mm_sha1msg1_epu32(now, w[lane][(kGroup + 1) % 4]), w[lane][(kGroup + 2) % 4]),
                               w[lane][(kGroup + 3) % 4]);
    const __m128i with_e = kGroup == 0 ? _mm_add_epi32(e[lane], now) : _mm_sha1nexte_epu32(e[lane], now);
    e[lane] = abcd[lane];
    abcd[lane] = _mm_sha1rnds4_epu32(abcd[lane], with_e, kGroup / 5);
  }
}

// More lanes than fit the sixteen registers that SHA instructions can name: what spills costs less than waiting. On a
// Zen 4: 1.9 GB/s by OpenSSL, 3.2 with two lanes, 4.0 with three, 4.6 with four. On a Sapphire Rapids two are as fast
// as it gets, 2.3 GB/s; there sixteen lanes of AVX-512 reach 6.7.
template <unsigned kCount>
__attribute__((target("sha,sse4.1"))) void narrow(Sha1States& states, const std::uint8_t* const* at, std::size_t blocks) {
  const __m128i big_endian = _mm_set_epi64x(0x0001020304050607, 0x08090a0b0c0d0e0f);
  __m128i abcd[kCount], e[kCount], w[kCount][4];
  const auto word = [&](unsigned row, unsigned lane) { return static_cast<int>(states.word[row][lane]); };
  for (unsigned lane = 0; lane < kCount; ++lane) {
    abcd[lane] = _mm_set_epi32(word(0, lane), word(1, lane), word(2, lane), word(3, lane));
    e[lane] = _mm_set_epi32(word(4, lane), 0, 0, 0);
  }
  for (std::size_t from = 0; from < blocks * kBlock; from += kBlock) {
    __m128i abcd_before[kCount], e_before[kCount];
    for (unsigned lane = 0; lane < kCount; ++lane) {
      abcd_before[lane] = abcd[lane];
      e_before[lane] = e[lane];
      for (unsigned i = 0; i < 4; ++i)
        w[lane][i] = _mm_shuffle_epi8(_mm_loadu_si128(reinterpret_cast<const __m128i*>(at[lane] + from + 16 * i)), big_endian);
    }
    [&]<unsigned... kGroup>(std::integer_sequence<unsigned, kGroup...>) __attribute__((target("sha,sse4.1"), always_inline)) {
      (four_rounds<kGroup>(abcd, e, w), ...);
    }(std::make_integer_sequence<unsigned, 20>());
    for (unsigned lane = 0; lane < kCount; ++lane) {
      e[lane] = _mm_sha1nexte_epu32(e[lane], e_before[lane]);
      abcd[lane] = _mm_add_epi32(abcd[lane], abcd_before[lane]);
    }
  }
  for (unsigned lane = 0; lane < kCount; ++lane) {
    alignas(16) std::uint32_t dcba[4];
    _mm_store_si128(reinterpret_cast<__m128i*>(dcba), abcd[lane]);
    for (unsigned row = 0; row < 4; ++row) states.word[row][lane] = dcba[3 - row];
    states.word[4][lane] = static_cast<std::uint32_t>(_mm_extract_epi32(e[lane], 3));
  }
}

void narrow_any(Sha1States& states, const std::uint8_t* const* at, unsigned count, std::size_t blocks) {
  constexpr void (*kBy[])(Sha1States&, const std::uint8_t* const*, std::size_t) = {narrow<1>, narrow<2>, narrow<3>, narrow<4>};
  kBy[count - 1](states, at, blocks);
}

#define WIDE __attribute__((target("avx512f,avx512bw"), always_inline)) inline

// Rows of sixteen words to columns: pairs, fours, then quarters of vectors.
WIDE void transpose(__m512i (&w)[16]) {
  __m512i t[16];
#pragma GCC unroll 16
  for (unsigned i = 0; i < 16; i += 2) {
    t[i] = _mm512_unpacklo_epi32(w[i], w[i + 1]);
    t[i + 1] = _mm512_unpackhi_epi32(w[i], w[i + 1]);
  }
#pragma GCC unroll 4
  for (unsigned i = 0; i < 16; i += 4) {
    w[i] = _mm512_unpacklo_epi64(t[i], t[i + 2]);
    w[i + 1] = _mm512_unpackhi_epi64(t[i], t[i + 2]);
    w[i + 2] = _mm512_unpacklo_epi64(t[i + 1], t[i + 3]);
    w[i + 3] = _mm512_unpackhi_epi64(t[i + 1], t[i + 3]);
  }
#pragma GCC unroll 4
  for (unsigned i = 0; i < 4; ++i) {
    const __m512i low01 = _mm512_shuffle_i32x4(w[i], w[i + 4], 0x88), high01 = _mm512_shuffle_i32x4(w[i], w[i + 4], 0xdd);
    const __m512i low23 = _mm512_shuffle_i32x4(w[i + 8], w[i + 12], 0x88);
    const __m512i high23 = _mm512_shuffle_i32x4(w[i + 8], w[i + 12], 0xdd);
    t[i] = _mm512_shuffle_i32x4(low01, low23, 0x88);
    t[i + 4] = _mm512_shuffle_i32x4(high01, high23, 0x88);
    t[i + 8] = _mm512_shuffle_i32x4(low01, low23, 0xdd);
    t[i + 12] = _mm512_shuffle_i32x4(high01, high23, 0xdd);
  }
#pragma GCC unroll 16
  for (unsigned i = 0; i < 16; ++i) w[i] = t[i];
}

// s: a, b, c, d, e of all lanes; which is which moves on by one a round.
template <unsigned kRound>
WIDE void round(__m512i (&s)[5], __m512i (&w)[16]) {
  constexpr int kSums[] = {0x5a827999, 0x6ed9eba1, static_cast<int>(0x8f1bbcdc), static_cast<int>(0xca62c1d6)};
  constexpr int kChoose = 0xca, kParity = 0x96, kMajority = 0xe8; // truth tables of three inputs
  constexpr int kLogic[] = {kChoose, kParity, kMajority, kParity};
  constexpr unsigned kPart = kRound / 20, a = (80 - kRound) % 5, b = (a + 1) % 5, c = (a + 2) % 5, d = (a + 3) % 5, e = (a + 4) % 5;
  __m512i& now = w[kRound % 16];
  if constexpr (kRound >= 16)
    now = _mm512_rol_epi32(_mm512_xor_si512(now, _mm512_ternarylogic_epi32(w[(kRound + 13) % 16], w[(kRound + 8) % 16],
                                                                           w[(kRound + 2) % 16], kParity)), 1);
  const __m512i logic = _mm512_ternarylogic_epi32(s[b], s[c], s[d], kLogic[kPart]);
  const __m512i sum = _mm512_add_epi32(_mm512_add_epi32(s[e], _mm512_add_epi32(now, _mm512_set1_epi32(kSums[kPart]))), logic);
  s[e] = _mm512_add_epi32(sum, _mm512_rol_epi32(s[a], 5));
  s[b] = _mm512_rol_epi32(s[b], 30);
}

__attribute__((target("avx512f,avx512bw"))) void wide(Sha1States& states, const std::uint8_t* const* at, unsigned count,
                                                      std::size_t blocks) {
  const __m512i big_endian = _mm512_broadcast_i32x4(_mm_set_epi64x(0x0c0d0e0f08090a0b, 0x0405060700010203));
  const std::uint8_t* from[kSha1Lanes];
  for (unsigned lane = 0; lane < kSha1Lanes; ++lane) from[lane] = at[lane < count ? lane : 0];
  __m512i s[5], before[5], w[16];
  for (unsigned row = 0; row < 5; ++row) s[row] = _mm512_load_si512(states.word[row]);
  for (std::size_t offset = 0; offset < blocks * kBlock; offset += kBlock) {
#pragma GCC unroll 16
    for (unsigned lane = 0; lane < 16; ++lane)
      w[lane] = _mm512_shuffle_epi8(_mm512_loadu_si512(from[lane] + offset), big_endian);
    transpose(w);
    for (unsigned row = 0; row < 5; ++row) before[row] = s[row];
    [&]<unsigned... kRound>(std::integer_sequence<unsigned, kRound...>)
        __attribute__((target("avx512f,avx512bw"), always_inline)) { (round<kRound>(s, w), ...); }
    (std::make_integer_sequence<unsigned, 80>());
    for (unsigned row = 0; row < 5; ++row) s[row] = _mm512_add_epi32(s[row], before[row]);
  }
  for (unsigned row = 0; row < 5; ++row) _mm512_store_si512(states.word[row], s[row]);
}

#undef WIDE

bool has_sha_instructions() {
  unsigned a = 0, b = 0, c = 0, d = 0;
  constexpr unsigned kShaBit = 29;
  return __get_cpuid_count(7, 0, &a, &b, &c, &d) != 0 && (b >> kShaBit & 1) != 0 && __builtin_cpu_supports("sse4.1");
}

} // namespace

Sha1Kernel sha1_narrow() {
  static const bool has = has_sha_instructions();
  return has ? narrow_any : nullptr;
}

Sha1Kernel sha1_wide() {
  static const bool has = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw");
  return has ? wide : nullptr;
}

} // namespace packscope::pack

#else

namespace packscope::pack {
Sha1Kernel sha1_narrow() { return nullptr; }
Sha1Kernel sha1_wide() { return nullptr; }
} // namespace packscope::pack

#endif
