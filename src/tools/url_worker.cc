// Scans texts and keeps what is new; see url_worker.h.
#include "tools/url_worker.h"

#include "base/json.h"
#include "base/text.h"

namespace packscope::tools {

using deps::UrlScanner;

// Different ones in one object, and their bytes: no text that people wrote comes near.
constexpr std::size_t kMostUrls = 1 << 18, kMostBytes = std::size_t{16} << 20;

static std::string fields_of(std::string_view url, std::string_view normalized) {
  JsonWriter json;
  json.begin_object().field("url", url).field("normalized", normalized);
  return "," + json.text().substr(1);
}

std::uint32_t UrlWorker::number_of(std::string_view url, const std::string& normalized) {
  if (const auto found = numbers.find(url); found != numbers.end()) return found->second;
  known.push_back(std::make_unique<KnownUrl>(KnownUrl{std::string(url), normalized, fields_of(url, normalized)}));
  const std::uint32_t number = static_cast<std::uint32_t>(known.size() - 1);
  numbers.emplace(known.back()->url, number);
  text_bytes_ += kEachUrl + url.size() + normalized.size() + known.back()->json.size();
  return number;
}

void UrlWorker::forget() {
  numbers.clear();
  known.clear();
  hits = {};
  ids.clear();
  last_object.clear();
  text_bytes_ = 0;
}

Result<void> UrlWorker::scan(std::uint32_t entry, Bytes data, const std::string* path) {
  if (deps::is_binary(data)) return {};
  const std::string_view text = as_text(data);
  const UrlScanner::Shorthands shorthands = path == nullptr               ? UrlScanner::Shorthands::quoted
                                            : deps::has_shorthands(*path) ? UrlScanner::Shorthands::all
                                                                          : UrlScanner::Shorthands::none;
  in_object.clear();
  const std::size_t first = hits.size();
  ++object;
  std::size_t different = 0, bytes = 0;
  bool many = false;
  Result<void> scanned = scanner.scan(text, shorthands, [&](const deps::FoundUrl& url) {
    if (many) return;
    const std::string_view written = text.substr(url.begin, url.end - url.begin);
    const auto found = numbers.find(written);
    const bool again = found != numbers.end() && last_object[found->second] == object;
    if (!again && (different == kMostUrls || bytes > kMostBytes)) {
      many = true;
      return;
    }
    const std::uint32_t number = number_of(written, url.normalized);
    if (again) return;
    ++different;
    bytes += written.size();
    last_object.resize(known.size());
    last_object[number] = object;
    in_object.push_back(number);
  });
  if (many) scanned = fail("holds more than " + human_count(different) + " different urls; the rest is left out");
  if (in_object.empty()) return scanned;
  const unsigned via = static_cast<unsigned>(path != nullptr ? deps::via_of_path(*path) : deps::via_of_content(text));
  for (const std::uint32_t number : in_object)
    hits.push_back({entry, number & 0x1FFFFFFF, via & 7, static_cast<std::uint32_t>(hits.size() - first)});
  return scanned;
}

} // namespace packscope::tools
