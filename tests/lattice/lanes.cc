// Every instruction set's loops against the formula, and against each other bit for bit.
#include "lattice/lanes.h"

#include <catch2/catch_test_macros.hpp>

#include <bit>
#include <cmath>
#include <random>
#include <vector>

using namespace packscope;
using lattice::kLanes;
using lattice::Row;

namespace {

Row random_row(std::mt19937& random, float most) {
  Row row;
  for (float& one : row) one = random() % 3 == 0 ? 0 : std::floor(most * static_cast<float>(random() % 10'000) / 10'000);
  return row;
}

bool same_bits(const Row& a, const Row& b) { return std::bit_cast<std::array<std::uint32_t, kLanes>>(a) == std::bit_cast<std::array<std::uint32_t, kLanes>>(b); }

} // namespace

TEST_CASE("log-odds are logarithms less their mean, within .005", "[lanes]") {
  std::mt19937 random(1);
  for (const float most : {1.0f, 50.0f, 1e6f}) {
    const Row counts = random_row(random, most);
    Row got;
    lattice::lane_kernels(learn::cpu::Level::baseline).logarithms(counts, 0.1f, got);
    double mean = 0;
    for (const float count : counts) mean += std::log(static_cast<double>(count) + 0.1) / kLanes;
    for (std::size_t i = 0; i < kLanes; ++i) CHECK(std::abs(static_cast<double>(got[i]) - (std::log(static_cast<double>(counts[i]) + 0.1) - mean)) < 0.01);
  }
}

TEST_CASE("a sum is of all its rows; a lift is what both log-odds have more than everything's", "[lanes]") {
  std::mt19937 random(2);
  const lattice::LaneKernels& kernels = lattice::lane_kernels(learn::cpu::Level::baseline);
  const Row a = random_row(random, 100), b = random_row(random, 100);
  const std::array<const Row*, 3> rows = {&a, &b, &a};
  Row sum, weighed, none;
  kernels.sum(rows.data(), rows.size(), sum);
  kernels.weigh(2, a, 1, b, weighed);
  CHECK(same_bits(sum, weighed)); // whole numbers
  kernels.sum(rows.data(), 0, none);
  CHECK(same_bits(none, Row{}));

  lattice::LanguageVotes votes;
  votes.repositories = a;
  votes.objects = b;
  Row of_a, of_b, lift_a, lift_b;
  kernels.logarithms(a, lattice::kFewRepositories, of_a);
  kernels.logarithms(b, lattice::kFewObjects, of_b);
  kernels.lift(votes, of_a, of_b, lift_a, lift_b);
  CHECK(same_bits(lift_a, Row{}));
  CHECK(same_bits(lift_b, Row{}));
}

TEST_CASE("every instruction set gives the same bits", "[lanes]") {
  std::mt19937 random(3);
  const lattice::LaneKernels& base = lattice::lane_kernels(learn::cpu::Level::baseline);
  for (const learn::cpu::Level level : learn::cpu::supported_levels()) {
    const lattice::LaneKernels& kernels = lattice::lane_kernels(level);
    for (int round = 0; round < 100; ++round) {
      lattice::LanguageVotes votes;
      votes.repositories = random_row(random, 300);
      votes.objects = random_row(random, 1e5f);
      std::vector<Row> mine(6), theirs(6);
      base.logarithms(votes.objects, 0.5f, mine[0]);
      kernels.logarithms(votes.objects, 0.5f, theirs[0]);
      base.logarithms(votes.repositories, 0.1f, mine[1]);
      kernels.logarithms(votes.repositories, 0.1f, theirs[1]);
      base.lift(votes, mine[0], mine[1], mine[2], mine[3]);
      kernels.lift(votes, theirs[0], theirs[1], theirs[2], theirs[3]);
      base.weigh(0.3f, mine[2], -0.7f, mine[3], mine[4]);
      kernels.weigh(0.3f, theirs[2], -0.7f, theirs[3], theirs[4]);
      std::vector<const Row*> rows, their_rows;
      for (std::size_t i = 0; i < 5; ++i) rows.push_back(&mine[i]), their_rows.push_back(&theirs[i]);
      base.sum(rows.data(), 5, mine[5]);
      kernels.sum(their_rows.data(), 5, theirs[5]);
      for (std::size_t i = 0; i < 6; ++i) REQUIRE(same_bits(mine[i], theirs[i]));
    }
  }
}
