// Urls in any text and in manifests: what is found lies in the text, and a normal form is its own normal form.
#include "deps/url.h"
#include "deps/url_scan.h"
#include "fuzz.h"

using namespace packscope;
using namespace packscope::deps;
using fuzz::require;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = as_text({data, size});
  static Result<UrlScanner> scanner = UrlScanner::create();
  require(scanner.has_value(), "the matcher compiles");
  std::size_t end = 0;
  const Result<void> scanned = scanner->scan(text, UrlScanner::Shorthands::all, [&](const FoundUrl& url) {
    require(url.begin >= end && url.begin < url.end && url.end <= text.size(),
            "urls lie in the text, one behind the other");
    require(url.end - url.begin <= kMaxUrl + 64, "a url has a bounded length");
    require(normalize_url(url.normalized) == url.normalized, "a normal form is its own");
    end = url.end;
  });
  require(scanned.has_value(), "a scan of bytes cannot fail");
  if (const std::optional<std::string> normalized = normalize_url(text)) {
    require(normalize_url(*normalized) == *normalized, "a manifest's normal form is its own");
    require(normalized->starts_with("https://"), "a normal form is https");
    require(!purl_of(*normalized).empty(), "a repository has an ident");
  }
  ref_of(text);
  via_of_content(text);
  return 0;
}
