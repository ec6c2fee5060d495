// Random evidence, and lattices of it as files: what the laws are tested on.
#pragma once

#include "lattice/evidence.h"
#include "lattice/merge.h"
#include "lattice/store.h"
#include "learn/random.h"
#include "support.h"

#include <catch2/catch_test_macros.hpp>

#include <map>

namespace packscope::test {

using namespace packscope::lattice;

// Records of a map.
class MapCursor : public Cursor {
public:
  explicit MapCursor(const std::map<std::uint64_t, std::string>& map) : map_(map), at_(map.begin()) {}
  Result<bool> next(Record& record) override {
    if (at_ == map_.end()) return false;
    record = {at_->first, as_bytes(at_->second)};
    ++at_;
    return true;
  }

private:
  const std::map<std::uint64_t, std::string>& map_;
  std::map<std::uint64_t, std::string>::const_iterator at_;
};

// Few keys, labels, repositories and objects, so that lattices meet; counts around the step from exact to registers.
inline Evidence random_evidence(learn::Random& random) {
  static constexpr std::string_view kLabels[] = {"lc", "lcpp", "lrust", "mcargo", "astruct"};
  Evidence evidence;
  const unsigned votes = random.below(4) == 0 ? 400 : 1 + random.below(90);
  const unsigned names = random.below(8) == 0 ? 200 : 3;
  for (unsigned i = 0; i < votes; ++i) {
    const Element object = element_of(as_bytes("object " + std::to_string(random.below(500))));
    const Element repository = element_of(as_bytes("repository " + std::to_string(random.below(100))));
    const std::string label = random.below(3) == 0 ? "nname " + std::to_string(random.below(names)) : std::string(kLabels[random.below(5)]);
    evidence.add(label, repository, object);
  }
  return evidence;
}

inline std::map<std::uint64_t, std::string> random_records(learn::Random& random, unsigned keys = 40) {
  std::map<std::uint64_t, std::string> records;
  for (unsigned i = 0; i < keys; ++i) {
    std::string value;
    random_evidence(random).encode(value);
    records[key_of(static_cast<Dimension>(3 + random.below(5)), std::uint64_t{random.below(60)} << 50)] = value;
  }
  return records;
}

inline void write(const std::string& path, const std::map<std::uint64_t, std::string>& records) {
  MapCursor cursor(records);
  const Result<Written> written = write_lattice(path, cursor, 0);
  INFO((written ? "" : written.error().text()));
  REQUIRE(written);
}

// The bytes of the join, written to `path`.
inline std::string join_files(const std::vector<std::string>& inputs, const std::string& path) {
  std::vector<Lattice> lattices;
  std::vector<CursorPtr> parts;
  for (const std::string& input : inputs) {
    Result<Lattice> lattice = Lattice::open(input);
    REQUIRE(lattice);
    lattices.push_back(std::move(*lattice));
  }
  for (const Lattice& lattice : lattices) parts.push_back(lattice.records());
  const CursorPtr all = merge(std::move(parts));
  const Result<Written> written = write_lattice(path, *all, 0);
  INFO((written ? "" : written.error().text()));
  REQUIRE(written);
  return read_file(path);
}

} // namespace packscope::test
