// Any bytes as flake.nix, flake.lock and a flake reference.
#include "deps/flake.h"
#include "deps/nix_literal.h"
#include "fuzz.h"

using namespace packscope;
using namespace packscope::deps;
using fuzz::require;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = as_text({data, size});
  looks_like_flake(text), looks_like_flake_lock(text);
  JsonWriter json;
  json.begin_object();
  if (const Result<Flake> flake = parse_flake(text))
    write_fields(json, *flake);
  else
    require(!flake.error().what.empty() && flake.error().text().size() < 400, "an error is a line");
  if (const Result<FlakeLock> lock = parse_flake_lock(text)) write_fields(json, *lock);
  const std::size_t end = pass_over(text, 0);
  require(end == text.npos || text[end] == ';', "an expression ends at a semicolon");
  require(after_space(text, 0) <= size, "space ends inside the text");
  if (const std::optional<std::string> inner = indented_text(text))
    require(inner->size() <= size, "escapes only shorten");
  if (const std::optional<FlakeReference> reference = parse_flake_url(text))
    require(reference->contains("type"), "a reference has a type");
  return 0;
}
