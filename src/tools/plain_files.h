// Files of any kind under the arguments, mapped: for commands that read bytes, not packs.
#pragma once

#include "base/mapped_file.h"
#include "tools/command.h"

namespace packscope::tools {

struct PlainFile {
  MappedFile file;
  std::string name; // as the user gave it, or the folder as given and the path in it
};

// In the order of the arguments, a folder's files by path; each file once, "-": paths on standard input. What cannot be
// read, or is no regular file, is an error in `report`; inside a folder, links to folders are not followed and what is
// no file is passed over.
std::vector<PlainFile> map_files(const std::vector<std::string>& paths, Report& report);

} // namespace packscope::tools
