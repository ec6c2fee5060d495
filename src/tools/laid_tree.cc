// Texts come from the store one by one; see laid_tree.h.
#include "tools/laid_tree.h"

namespace packscope::tools {
namespace {

bool ends_in(std::string_view path, std::initializer_list<std::string_view> endings) {
  for (const std::string_view ending : endings)
    if (path.size() > ending.size() && path.ends_with(ending)) return true;
  return false;
}

} // namespace

bool is_c_unit(std::string_view path) { return ends_in(path, {".c"}); }
bool is_c_source(std::string_view path) {
  return is_c_unit(path) || ends_in(path, {".h", ".inc", ".inl", ".def", ".tab", ".tbl", ".ch", ".hpp", ".S"}) || path == "VERSION";
}

void LaidTree::clear() {
  folder_.remove(compile::Chain::kTree);
  bytes_ = 0;
  if (const Result<std::string> made = folder_.folder(compile::Chain::kTree); !made) report_.error(made.error());
}

void LaidTree::lay(const pack::ObjectId& root) {
  clear();
  pack::PathVisitor visitor{
      .entry = [&](const std::string& path, const pack::TreeEntry& entry) { if (pack::is_file(entry.mode) && is_c_source(path)) write(path, entry.id); },
      .error = [](const Error&) {},
      .missing = [](const std::string&, const pack::ObjectId&) {}};
  visitor.max_path = 3000;
  visitor.max_entries = std::uint64_t{1} << 21;
  pack::walk_tree(repository_.store(), root, visitor);
}

bool LaidTree::write(const std::string& path, const pack::ObjectId& id) {
  if (!compile::checkout_path(path)) {
    refused_.insert(path);
    return false;
  }
  const auto fault = [&](const std::string& what) {
    if (told_.insert(path + what).second) report_.error({.what = "path '" + path + "': " + what, .file = repository_.source().path});
    return false;
  };
  const Result<pack::ObjectPtr> object = repository_.store().read(id);
  if (!object) {
    if (told_.insert(id.hex()).second) report_.error(object.error());
    return false;
  }
  bytes_ += (*object)->data.size();
  if (bytes_ > kMost) return fault("the tree has more than a gibibyte of source");
  const Result<void> written = folder_.write(std::string(compile::Chain::kTree) + "/" + path, as_text((*object)->data));
  return written || fault(written.error().what);
}

} // namespace packscope::tools
