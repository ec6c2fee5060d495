// Declarations from the trace's tables, text from its packs; see dataset.h.
#include "trace/dataset.h"

#include "base/mapped_file.h"
#include "trace/schema.h"

#include <algorithm>
#include <filesystem>

namespace packscope::trace {

bool is_trace(const std::string& path) {
  const Result<MappedFile> file = MappedFile::open(path); // which refuses a pipe instead of waiting for it
  return file && as_text(file->bytes()).starts_with(std::string_view("SQLite format 3\0", 16));
}

Result<std::unique_ptr<Database>> open_trace(const std::string& path) {
  Result<std::unique_ptr<Database>> opened = Database::open_read_only(path);
  if (!opened) return opened;
  Statement version = (*opened)->prepare("select application_id, user_version from pragma_application_id, "
                                         "pragma_user_version");
  if (!version.step() || version.integer(0) != kApplicationId) return fail("not a packscope trace", path);
  if (version.integer(1) != kSchemaVersion)
    return fail("schema version " + std::to_string(version.integer(1)) + ", this program reads " +
                    std::to_string(kSchemaVersion), path);
  return opened;
}

std::vector<std::string> packs_of(Database& database, const std::string& trace_path) {
  std::vector<std::string> packs;
  const std::filesystem::path folder = std::filesystem::path(trace_path).parent_path();
  Statement files = database.prepare("select file from pack where checksum is not null order by pack");
  while (files.step()) packs.push_back((folder / files.text(0)).string());
  return packs;
}

Result<pack::Store> open_packs(Database& database, const std::string& trace_path) {
  std::vector<std::string> loose; // "objects" folders, of objects/ab/cdef…
  const std::filesystem::path folder = std::filesystem::path(trace_path).parent_path();
  Statement files = database.prepare("select file from pack where checksum is null order by file");
  while (files.step()) loose.push_back((folder / files.text(0)).parent_path().parent_path().string());
  std::sort(loose.begin(), loose.end());
  loose.erase(std::unique(loose.begin(), loose.end()), loose.end());
  pack::Store store = pack::Store::open(packs_of(database, trace_path), loose, {});
  store.compute_ids(); // of packs without an index
  if (!store.errors().empty()) return std::unexpected(store.errors().front());
  return store;
}

Result<void> for_each_declaration(const std::string& trace_path,
                                  const std::function<void(const TracedDeclaration&)>& visit) {
  Result<std::unique_ptr<Database>> opened = open_trace(trace_path);
  if (!opened) return std::unexpected(opened.error());
  Database& database = **opened;
  Result<pack::Store> opened_packs = open_packs(database, trace_path);
  if (!opened_packs) return std::unexpected(opened_packs.error());
  pack::Store& store = *opened_packs;

  Statement rows = database.prepare(
      "select o.id, d.begin, d.end, d.kind, coalesce(d.item, ''), coalesce(o.language, ''), "
      "coalesce((select path from path p where p.object = o.object limit 1), '') "
      "from declaration d join object o using (object) order by d.declaration");
  std::string held_id;
  pack::ObjectPtr held;
  while (rows.step()) {
    TracedDeclaration one;
    one.object = rows.text(0);
    if (held_id != one.object) {
      const std::optional<pack::ObjectId> id = pack::ObjectId::parse(one.object);
      if (!id) return fail("object: no id to read it by (a lone pack traced without its index)", trace_path);
      Result<pack::ObjectPtr> read = store.read(*id);
      if (!read) return std::unexpected(read.error());
      held = std::move(*read);
      held_id = one.object;
    }
    one.begin = static_cast<std::uint64_t>(rows.integer(1));
    one.end = static_cast<std::uint64_t>(rows.integer(2));
    if (one.begin > one.end || one.end > held->data.size())
      return fail("declaration: span outside of object " + one.object, trace_path);
    one.kind = rows.text(3);
    one.item = rows.text(4);
    one.language = rows.text(5);
    one.path = rows.text(6);
    one.text = Bytes(held->data).subspan(one.begin, one.end - one.begin);
    visit(one);
  }
  return database.status();
}

} // namespace packscope::trace
