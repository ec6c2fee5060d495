// One tree of a repository as files in a private folder: its C files and headers, for compilers that read files.
//
// What may become a file is compile::checkout_path's to say; links and submodules do not.
#pragma once

#include "compile/chain.h"
#include "tools/command.h"

#include <set>

namespace packscope::tools {

bool is_c_unit(std::string_view path);   // NAME.c
bool is_c_source(std::string_view path); // that, or what one may include or be linked with

class LaidTree {
public:
  LaidTree(pack::Repository& repository, compile::PrivateFolder& folder, Report& report)
      : repository_(repository), folder_(folder), report_(report) {}

  void clear();
  // In place of what was there. What cannot be read is reported once; trees that cannot are for the walk that found the units.
  void lay(const pack::ObjectId& root);
  // One file more, or another text of it. False: there is none, and it was reported.
  bool write(const std::string& path, const pack::ObjectId& id);
  std::uint64_t refused() const { return refused_.size(); } // names that may be no file

private:
  static constexpr std::uint64_t kMost = std::uint64_t{1} << 30;
  pack::Repository& repository_;
  compile::PrivateFolder& folder_;
  Report& report_;
  std::uint64_t bytes_ = 0;
  std::set<std::string> told_, refused_;
};

} // namespace packscope::tools
