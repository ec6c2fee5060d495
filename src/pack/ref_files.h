// Refs as they lie on disk.
//
//   loose  := hex (space …)? "\n" | "ref: " name "\n"                              refs/heads/main, HEAD
//   packed := ("# " … | hex " " name | "^" hex) "\n"                    packed-refs; "^": what the tag above leads to
//   or a reftable: see reftable.h
//
// Private to the room.
#pragma once

#include "base/mapped_file.h"
#include "pack/layout.h"
#include "pack/object.h"

#include <functional>
#include <map>

namespace packscope::pack {

struct Ref {
  std::string name; // "refs/heads/main", "HEAD"
  ObjectId target;  // as stored, symbolic refs followed; a tag is not peeled
};

// By name: hex digits, or "ref: " and another name; empty: the file holds neither.
using RefValues = std::map<std::string, std::string>;

class RefFiles {
public:
  static Result<RefFiles> read(const Layout& layout); // Error: a reftable that is broken

  // By full name ("HEAD", "refs/heads/main"); symbolic refs are followed. Reads no more than it needs.
  std::optional<ObjectId> find(const std::string& name) const;
  // HEAD (if born) first, the others in name order. What is broken or leads nowhere goes to `error`, of packed-refs the
  // first line that is. As git does, files are passed over whose name begins with '.' or ends with ".lock".
  std::vector<Ref> all(const std::function<void(const Error&)>& error) const;

private:
  std::string value_of(const std::string& name) const; // empty: none
  std::string packed_value(std::string_view name) const;
  std::optional<ObjectId> follow(const std::string& name, const std::function<std::string(const std::string&)>& value) const;

  std::string own_, shared_; // git directory and common directory
  std::optional<RefValues> tables_; // of a reftable
  MappedFile packed_;
};

} // namespace packscope::pack
