// Who is held out. The unit is a group (a repository, a file), never a sample: two declarations of one file are no
// strangers, and a model that saw one must not be graded on the other.
//
// The idea: the side follows from a hash of the group's name alone, so it stays the same whatever else the corpus holds
// and can be found out again later from what the model's file says.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace packscope::learn {

struct Split {
  std::string by = "file";     // what a group is, for people: "file", "repository"
  std::string salt = "split";  // another salt, another split (a validation split inside the training side)
  std::uint32_t test_percent = 20;

  bool is_test(std::string_view group) const;
};

// FNV-1a, 64 bits, through a finaliser: stable across machines and versions.
std::uint64_t stable_hash(std::string_view text, std::uint64_t seed = 0);

} // namespace packscope::learn
