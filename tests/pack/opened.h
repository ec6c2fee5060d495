// The one repository under a path.
#pragma once

#include "pack/builder.h"
#include "pack/repository.h"

#include <catch2/catch_test_macros.hpp>

#include <string>

namespace packscope::test {

inline Repository open(const std::string& path, const Store::Options& options = {}) {
  const Sources sources = find_sources({path});
  REQUIRE(sources.found.size() == 1);
  return Repository::open(sources.found[0], options).value();
}

} // namespace packscope::test
