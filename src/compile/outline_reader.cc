// Through the index alone where an id is all that is known (Store::peek); what is unusual is left to Store::read.
#include "compile/outline_reader.h"

#include "base/processor_time.h"
#include "learn/split.h"

#include <algorithm>

namespace packscope::compile {
namespace {

Error of_item(const OutlineItem& item, Error error, const std::string& repository) {
  error.what = "object " + item.blob.id.hex() + ", path '" + item.blob.path + "': " + error.what;
  if (error.file.empty()) error.file = repository;
  return error;
}

} // namespace

std::uint64_t Outline::weight() const {
  std::uint64_t bytes = sizeof *this + declarations.capacity() * sizeof declarations[0] + texts.capacity() * sizeof texts[0];
  for (const syntax::Declaration& one : declarations) bytes += one.name.capacity();
  return bytes;
}

OutlineReader::OutlineReader(pack::Repository& repository, syntax::Grammars& grammars, bool texts, std::atomic<std::int64_t>& parsing)
    : repository_(repository), parser_(grammars), texts_(texts), parsing_(parsing) {}

std::expected<pack::ObjectPtr, Unread> OutlineReader::object(const OutlineItem& item) {
  pack::Store& store = repository_.store();
  const std::string& where = repository_.source().path;
  const std::uint64_t most = std::min(store.options().limits.max_object_size, syntax::kMaxText);
  std::optional<pack::Location> at = item.blob.at;
  if (!item.located) {
    if (pack::ObjectPtr object = store.peek(item.blob.id, most); object && object->type == pack::ObjectType::blob) return object;
    at = store.find(item.blob.id);
  }
  if (!at) return std::unexpected(Unread{of_item(item, {.what = "is missing"}, where), {}});
  const pack::Outcome<pack::ObjectPtr> object = store.read(*at);
  if (!object) {
    Unread unread = {of_item(item, store.error(*at, object.error()), where), {}};
    if (object.error().at && *object.error().at != *at) {
      unread.error = store.error(*at, object.error());
      unread.depends = of_item(item, store.error(*at, {pack::Fault::base, store.offset_of(*at)}), where);
    }
    return std::unexpected(std::move(unread));
  }
  if ((*object)->type != pack::ObjectType::blob)
    return std::unexpected(Unread{of_item(item, {.what = "no blob, though a tree says so"}, where), {}});
  return *object;
}

Outline OutlineReader::outline_of(syntax::Parsed parsed, Bytes text) const {
  Outline outline{.declarations = std::move(parsed.declarations), .texts = {}, .repaired = parsed.has_error, .size = text.size()};
  if (texts_)
    for (const syntax::Declaration& one : outline.declarations)
      outline.texts.push_back(learn::stable_hash(as_text(text.subspan(one.begin, one.end - one.begin))));
  return outline;
}

std::vector<std::expected<Outline, Unread>> OutlineReader::read(std::span<const OutlineItem* const> items) {
  constexpr std::uint64_t kMostTogether = std::uint64_t{16} << 20; // bytes of versions that are in memory at once
  std::vector<std::expected<Outline, Unread>> outlines;
  for (std::size_t begin = 0; begin < items.size();) {
    std::vector<pack::ObjectPtr> texts;
    std::vector<Bytes> views;
    std::optional<Unread> broken; // ends the run
    std::uint64_t bytes = 0;
    while (begin + texts.size() < items.size() && bytes < kMostTogether && !broken) {
      const OutlineItem& item = *items[begin + texts.size()];
      if (item.language != items[begin]->language || item.blob.path != items[begin]->blob.path) break;
      std::expected<pack::ObjectPtr, Unread> text = object(item);
      if (!text) {
        broken = std::move(text.error());
        break;
      }
      bytes += (*text)->data.size();
      views.push_back((*text)->data);
      texts.push_back(std::move(*text));
    }
    const std::chrono::nanoseconds before = thread_time();
    std::vector<Result<syntax::Parsed>> parsed = parser_.parse_versions(items[begin]->language, views);
    parsing_ += (thread_time() - before).count();
    for (std::size_t i = 0; i < parsed.size(); ++i) {
      if (parsed[i]) outlines.push_back(outline_of(std::move(*parsed[i]), views[i]));
      else outlines.push_back(std::unexpected(Unread{of_item(*items[begin + i], parsed[i].error(), repository_.source().path), {}}));
    }
    if (broken) outlines.push_back(std::unexpected(std::move(*broken)));
    begin = outlines.size();
  }
  return outlines;
}

} // namespace packscope::compile
