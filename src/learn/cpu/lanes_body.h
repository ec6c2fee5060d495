// Sixteen floats at a time, the same on every processor, and exp, log and tanh over them.
//
// The idea: lanes are part of the program, not of the machine. A compiler lowers one Lanes operation to four SSE, two
// AVX or one AVX-512 instruction; each lane is one IEEE 754 operation, so the bits are the same. libm is not asked: its
// exp differs between versions. (-ffp-contract=off keeps multiply and add apart.)
//
// Included once an instruction set by kernels.cc (a vector may only be passed between functions of one target), hence no
// guard; PACKSCOPE_TARGET is the copy's target attribute.

PACKSCOPE_INLINE PACKSCOPE_TARGET Lanes load(const float* at) {
  Lanes lanes;
  std::memcpy(&lanes, at, sizeof lanes);
  return lanes;
}
PACKSCOPE_INLINE PACKSCOPE_TARGET void store(float* at, Lanes lanes) { std::memcpy(at, &lanes, sizeof lanes); }
PACKSCOPE_INLINE PACKSCOPE_TARGET Lanes all(float value) { return value - Lanes{}; }
PACKSCOPE_INLINE PACKSCOPE_TARGET IntLanes bits(Lanes lanes) { return reinterpret_cast<IntLanes>(lanes); }
PACKSCOPE_INLINE PACKSCOPE_TARGET Lanes floats(IntLanes lanes) { return reinterpret_cast<Lanes>(lanes); }
// `mask`: all ones or all zeros a lane, as comparisons give it.
PACKSCOPE_INLINE PACKSCOPE_TARGET Lanes choose(IntLanes mask, Lanes yes, Lanes no) {
  return floats((bits(yes) & mask) | (bits(no) & ~mask));
}

// A whole register of the instruction set, for what a compiler takes apart through memory, or lane by lane, where a vector is
// wider: a row's sums, comparisons.
using Register [[gnu::vector_size(kRegister * 4)]] = float;
PACKSCOPE_INLINE PACKSCOPE_TARGET Register load_register(const float* from) {
  Register value;
  std::memcpy(&value, from, sizeof value);
  return value;
}
PACKSCOPE_INLINE PACKSCOPE_TARGET void store_register(float* to, Register value) { std::memcpy(to, &value, sizeof value); }

// a < b: all ones or all zeros a lane.
PACKSCOPE_INLINE PACKSCOPE_TARGET IntLanes less(Lanes a, Lanes b) {
  std::array<Register, sizeof(Lanes) / sizeof(Register)> as, bs;
  std::memcpy(&as, &a, sizeof as);
  std::memcpy(&bs, &b, sizeof bs);
  IntLanes mask;
#pragma GCC unroll 4
  for (std::size_t i = 0; i < as.size(); ++i) {
    const auto part = as[i] < bs[i];
    std::memcpy(reinterpret_cast<char*>(&mask) + i * sizeof part, &part, sizeof part);
  }
  return mask;
}

// e^x for x clamped to [-87, 88]. Relative error at most 1.2e-7 (tests/learn/lanes.cc walks the range in double).
// Cody-Waite reduction by n ln 2, degree 7 in the rest (coefficients: Moshier, Cephes expf).
PACKSCOPE_INLINE PACKSCOPE_TARGET Lanes exp(Lanes x) {
  x = choose(less(x, all(-87.0f)), all(-87.0f), choose(less(all(88.0f), x), all(88.0f), x));
  const Lanes shifted = x * 1.44269504088896341f + 12582912.0f; // 1.5 * 2^23: rounds to an integer in the low bits
  const Lanes n = shifted - 12582912.0f;
  const Lanes r = x - n * 0.693359375f - n * -2.12194440e-4f;
  Lanes p = 1.9875691500e-4f * r + 1.3981999507e-3f;
  p = p * r + 8.3334519073e-3f;
  p = p * r + 4.1665795894e-2f;
  p = p * r + 1.6666665459e-1f;
  p = p * r + 5.0000001201e-1f;
  p = p * (r * r) + r + 1.0f;
  const IntLanes power = (__builtin_convertvector(n, IntLanes) + 127) << 23;
  return p * floats(power);
}

// ln x for normal positive x. Error at most 1.2e-7 of max(|ln x|, 1) (Cephes logf).
PACKSCOPE_INLINE PACKSCOPE_TARGET Lanes log(Lanes x) {
  // m in [0.5, 1), x = m 2^e; then m into [sqrt ½, sqrt 2) around 1.
  IntLanes e = (bits(x) >> 23) - 126;
  Lanes m = floats((bits(x) & 0x007fffff) | 0x3f000000);
  const IntLanes low = less(m, all(0.707106781186547524f));
  e += low; // a true mask is -1
  m = choose(low, m + m, m) - 1.0f;
  const Lanes z = m * m;
  Lanes p = 7.0376836292e-2f * m - 1.1514610310e-1f;
  p = p * m + 1.1676998740e-1f;
  p = p * m - 1.2420140846e-1f;
  p = p * m + 1.4249322787e-1f;
  p = p * m - 1.6668057665e-1f;
  p = p * m + 2.0000714765e-1f;
  p = p * m - 2.4999993993e-1f;
  p = p * m + 3.3333331174e-1f;
  const Lanes exponent = __builtin_convertvector(e, Lanes);
  const Lanes y = p * m * z + exponent * -2.12194440e-4f - 0.5f * z;
  return m + y + exponent * 0.693359375f;
}

// Relative error at most 2e-7: a polynomial near 0, where 1 - 2 / (e^2x + 1) would cancel (Cephes tanhf).
PACKSCOPE_INLINE PACKSCOPE_TARGET Lanes tanh(Lanes x) {
  const IntLanes sign = bits(x) & INT32_MIN;
  const Lanes a = floats(bits(x) & INT32_MAX);
  const Lanes z = a * a;
  Lanes p = -5.70498872745e-3f * z + 2.06390887954e-2f;
  p = p * z - 5.37397155531e-2f;
  p = p * z + 1.33314422036e-1f;
  p = p * z - 3.33332819422e-1f;
  const Lanes near = p * z * a + a;
  const Lanes far = 1.0f - 2.0f / (exp(a + a) + 1.0f);
  return floats(bits(choose(less(a, all(0.625f)), near, far)) | sign);
}
