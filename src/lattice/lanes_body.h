// The bodies of lanes.cc, which includes this once an instruction set: PACKSCOPE_TARGET says which.

PACKSCOPE_TARGET inline Lanes load(const Row& row) {
  Lanes lanes;
  std::memcpy(&lanes, row.data(), sizeof lanes);
  return lanes;
}
PACKSCOPE_TARGET inline void store(const Lanes& lanes, Row& row) { std::memcpy(row.data(), &lanes, sizeof lanes); }

PACKSCOPE_TARGET inline Lanes log_odds(const Row& counts, float few) {
  const Lanes number = load(counts) + few;
  IntLanes bits;
  std::memcpy(&bits, &number, sizeof bits);
  const Lanes exponent = __builtin_convertvector((bits >> 23) - 127, Lanes);
  const IntLanes fraction = (bits & 0x7fffff) | 0x3f800000;
  Lanes m; // [1, 2)
  std::memcpy(&m, &fraction, sizeof m);
  const Lanes logarithms = 0.69314718f * (exponent + (-0.33582878f * m + 2.0f) * m - 1.65871022f);
  std::array<FourLanes, kLanes / 4> parts;
  std::memcpy(&parts, &logarithms, sizeof parts);
  FourLanes sums = {};
  for (const FourLanes& part : parts) sums += part;
  return logarithms - ((sums[0] + sums[1]) + (sums[2] + sums[3])) / kLanes;
}

PACKSCOPE_TARGET void logarithms(const Row& counts, float few, Row& out) { store(log_odds(counts, few), out); }

PACKSCOPE_TARGET void lift(const LanguageVotes& votes, const Row& repositories, const Row& objects, Row& repositories_out, Row& objects_out) {
  store(log_odds(votes.repositories, kFewRepositories) - load(repositories), repositories_out);
  store(log_odds(votes.objects, kFewObjects) - load(objects), objects_out);
}

PACKSCOPE_TARGET void weigh(float a, const Row& x, float b, const Row& y, Row& out) { store(a * load(x) + b * load(y), out); }

// In whole registers: a vector that is wider goes through memory.
PACKSCOPE_TARGET void sum(const Row* const* rows, unsigned count, Row& out) {
  using Register [[gnu::vector_size(4 * kRegister)]] = float;
  std::array<Register, kLanes / kRegister> all = {};
  for (unsigned i = 0; i < count; ++i)
#pragma GCC unroll 4
    for (unsigned part = 0; part < all.size(); ++part) {
      Register some;
      std::memcpy(&some, rows[i]->data() + part * kRegister, sizeof some);
      all[part] += some;
    }
  std::memcpy(out.data(), &all, sizeof all);
}

inline constexpr LaneKernels kKernels = {logarithms, lift, weigh, sum};
