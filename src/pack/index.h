// A pack's index file, read where it lies: the tables (index_tables.h) of a mapped file, and its checks as a whole.
#pragma once

#include "base/mapped_file.h"
#include "pack/index_tables.h"

namespace packscope::pack {

class Index : public IndexTables {
public:
  // Checks what IndexTables::read does; not the trailer (see verify()).
  static Result<Index> open(const std::string& path, std::optional<HashKind> hash = {});

  // Order of ids and the file's own checksum.
  Result<void> verify() const;
  const std::string& path() const { return file_.path(); }

private:
  MappedFile file_;
};

} // namespace packscope::pack
