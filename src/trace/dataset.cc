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

TracedFiles files_of(Database& database, const std::string& trace_path) {
  TracedFiles found;
  const std::filesystem::path folder = std::filesystem::path(trace_path).parent_path();
  Statement files = database.prepare("select file, checksum is null from pack order by pack");
  while (files.step()) {
    const std::filesystem::path file = folder / files.text(0);
    if (files.integer(1) == 0) found.packs.push_back(file.string());
    else found.object_folders.push_back(file.parent_path().parent_path().string()); // of objects/ab/cdef…
  }
  std::sort(found.object_folders.begin(), found.object_folders.end());
  const auto rest = std::unique(found.object_folders.begin(), found.object_folders.end());
  found.object_folders.erase(rest, found.object_folders.end());
  return found;
}

Result<pack::Store> open_packs(Database& database, const std::string& trace_path) {
  const TracedFiles files = files_of(database, trace_path);
  pack::Store store = pack::Store::open(files.packs, files.object_folders, {});
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
      if (!read && read.error().file.empty()) read.error().file = trace_path; // in none of its packs
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
