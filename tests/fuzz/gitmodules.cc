// Any bytes as .gitmodules, and as a relative url and what it is relative to.
#include "deps/gitmodules.h"
#include "fuzz.h"

using namespace packscope;
using namespace packscope::deps;
using fuzz::require;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = as_text({data, size});
  looks_like_gitmodules(text);
  JsonWriter json;
  json.begin_object();
  if (const Result<std::vector<Submodule>> found = parse_gitmodules(text))
    write_fields(json, *found);
  else
    require(found.error().text().size() < 300, "an error is a line");
  origin_of(text);
  const std::size_t line = std::min(text.find('\n'), size);
  const std::string_view url = text.substr(std::min(line + 1, size));
  const std::optional<std::string> resolved = resolve_submodule_url(text.substr(0, line), url);
  if (resolved && !is_relative_url(url)) require(*resolved == url, "what is not relative stays");
  return 0;
}
