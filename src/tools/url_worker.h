// What pack2git's threads find: one scanner each, hits as numbers, each url's text once.
#pragma once

#include "base/bytes.h"
#include "deps/url_scan.h"
#include "pack/object.h"

#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

namespace packscope::tools {

struct UrlHit { // 12 bytes: there are millions
  std::uint32_t entry;
  std::uint32_t url : 29; // in the worker's table
  std::uint32_t via : 3;
  std::uint32_t order; // within the object
};
struct KnownUrl {
  std::string url, normalized;
  std::string json; // ,"url":…,"normalized":…  as every record of it holds them

  std::string_view text(bool as_json) const { return as_json ? json : normalized; }
};

// One thread's scanner and what it found. Urls repeat from version to version: each is kept once.
struct UrlWorker {
  explicit UrlWorker(deps::UrlScanner made) : scanner(std::move(made)) {}

  deps::UrlScanner scanner;
  std::unordered_map<std::string_view, std::uint32_t> numbers = {};
  std::vector<std::unique_ptr<KnownUrl>> known = {};
  std::vector<UrlHit> hits = {};
  std::unordered_map<std::uint32_t, pack::ObjectId> ids = {}; // of entries with hits, where the pack does not know them
  std::uint64_t object = 0;                    // counts the objects
  std::vector<std::uint64_t> last_object = {}; // that held the url, by its number
  std::vector<std::uint32_t> in_object = {};   // different urls of the object at hand, in order of their first place

  // Scans a text; appends its distinct urls to `hits`. `path`: null where none was read.
  Result<void> scan(std::uint32_t entry, Bytes data, const std::string* path);

  // What the tables take, and as much again as it takes to sort them.
  std::uint64_t bytes() const { return text_bytes_ + kEachHit * hits.size() + kEachId * ids.size(); }
  void forget(); // all but the scanner

private:
  static constexpr std::uint64_t kEachUrl = 256, kEachHit = 140, kEachId = 80;
  std::uint32_t number_of(std::string_view url, const std::string& normalized);

  std::uint64_t text_bytes_ = 0;
};

} // namespace packscope::tools
