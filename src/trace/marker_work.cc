// Packs a sample by libgit2 and by zlib; see marker_work.h.
#include "trace/marker_work.h"

#include "pack/libgit2.h"

#include <zlib.h>

#include <algorithm>
#include <memory>

namespace packscope::trace {

using namespace libgit2;

namespace {

// An object database of one object. What it hands out is filled from the twin, so that the text itself is touched by
// libgit2 alone.
struct OneObject {
  git_odb_backend base; // first: libgit2 knows the backend by this address
  git_oid id;
  bool written;
  Bytes twin;
  const MarkerHooks* hooks;

  static OneObject* of(git_odb_backend* backend) { return reinterpret_cast<OneObject*>(backend); }
  static bool has(git_odb_backend* backend, const git_oid* id) {
    return of(backend)->written && git_oid_equal(&of(backend)->id, id) != 0;
  }
  static int write(git_odb_backend* backend, const git_oid* id, const void*, std::size_t, git_object_t) {
    of(backend)->id = *id;
    of(backend)->written = true;
    return 0;
  }
  static int read(void** data, std::size_t* size, git_object_t* type, git_odb_backend* backend, const git_oid* id) {
    if (!has(backend, id)) return GIT_ENOTFOUND;
    const Bytes twin = of(backend)->twin;
    *data = git_odb_backend_data_alloc(backend, twin.size() + 1); // as libgit2's own backends: a zero at the end
    if (*data == nullptr) return -1;
    std::ranges::copy(twin, static_cast<std::uint8_t*>(*data));
    static_cast<std::uint8_t*>(*data)[twin.size()] = 0;
    *size = twin.size();
    *type = GIT_OBJECT_BLOB;
    if (of(backend)->hooks->placed) of(backend)->hooks->placed(static_cast<const std::uint8_t*>(*data));
    return 0;
  }
  static int read_header(std::size_t* size, git_object_t* type, git_odb_backend* backend, const git_oid* id) {
    if (!has(backend, id)) return GIT_ENOTFOUND;
    *size = of(backend)->twin.size();
    *type = GIT_OBJECT_BLOB;
    return 0;
  }
  static int exists(git_odb_backend* backend, const git_oid* id) { return has(backend, id) ? 1 : 0; }
  static void free(git_odb_backend* backend) { delete of(backend); }
};

template <class T, const auto& Free>
using Handle = std::unique_ptr<T, FreeBy<T, Free>>;

struct Library {
  Library() { git_libgit2_init(); }
  ~Library() { git_libgit2_shutdown(); }
};

std::unexpected<Error> libgit2_error(const char* action) {
  const git_error* error = git_error_last();
  return fail(std::string(action) + ": " + (error != nullptr ? error->message : "unknown error"));
}

} // namespace

Result<std::vector<std::uint8_t>> pack_by_libgit2(Bytes text, Bytes twin, const MarkerHooks& hooks) {
  if (const Result<void> loaded = kLibgit2.load(); !loaded) return std::unexpected(loaded.error());
  const Library library;
  // The object must live until the pack is written, or its memory would be watched in its next life: libgit2 keeps
  // what it read, but no blobs unless told to. 0 is its own default.
  struct KeepBlobs {
    explicit KeepBlobs(std::size_t limit) { git_libgit2_opts(GIT_OPT_SET_CACHE_OBJECT_LIMIT, GIT_OBJECT_BLOB, limit); }
    ~KeepBlobs() { git_libgit2_opts(GIT_OPT_SET_CACHE_OBJECT_LIMIT, GIT_OBJECT_BLOB, std::size_t{0}); }
  } const keep(text.size() + 1);

  git_odb* odb_handle = nullptr;
  if (git_odb_new(&odb_handle) != 0) return libgit2_error("object database");
  const Handle<git_odb, git_odb_free> odb(odb_handle);
  std::unique_ptr<OneObject> backend = std::make_unique<OneObject>();
  git_odb_init_backend(&backend->base, GIT_ODB_BACKEND_VERSION);
  backend->base.read = OneObject::read;
  backend->base.read_header = OneObject::read_header;
  backend->base.write = OneObject::write;
  backend->base.exists = OneObject::exists;
  backend->base.free = OneObject::free;
  backend->twin = twin;
  backend->hooks = &hooks;
  if (git_odb_add_backend(odb.get(), &backend->base, 1) != 0) return libgit2_error("object database");
  backend.release(); // the database frees it

  git_repository* repository_handle = nullptr;
  if (git_repository_wrap_odb(&repository_handle, odb.get()) != 0) return libgit2_error("repository");
  const Handle<git_repository, git_repository_free> repository(repository_handle);
  git_config* config_handle = nullptr; // an empty one: the user's compression level is not the sample's
  if (git_config_new(&config_handle) != 0) return libgit2_error("configuration");
  const Handle<git_config, git_config_free> config(config_handle);
  git_repository_set_config(repository.get(), config.get());

  git_oid id;
  if (git_odb_write(&id, odb.get(), text.data(), text.size(), GIT_OBJECT_BLOB) != 0) return libgit2_error("write");
  git_packbuilder* builder_handle = nullptr;
  if (git_packbuilder_new(&builder_handle, repository.get()) != 0) return libgit2_error("pack");
  const Handle<git_packbuilder, git_packbuilder_free> builder(builder_handle);
  git_packbuilder_set_threads(builder.get(), 1); // breakpoints are this thread's
  if (git_packbuilder_insert(builder.get(), &id, "markers.rs") != 0) return libgit2_error("pack");
  git_buf pack = {};
  const int written = git_packbuilder_write_buf(&pack, builder.get());
  if (hooks.done) hooks.done();
  std::vector<std::uint8_t> bytes(pack.ptr, pack.ptr + pack.size);
  git_buf_dispose(&pack);
  if (written != 0) return libgit2_error("pack");
  return bytes;
}

Result<std::vector<std::uint8_t>> deflate_by_zlib(Bytes text, Bytes twin, const MarkerHooks& hooks) {
  // Nothing is freed before the end, for the same reason. deflateInit() asks for the window right after its state,
  // as 32768 items of 2 bytes (deflate.c: ZALLOC(strm, s->w_size, 2*sizeof(Byte))); input starts at its first byte.
  struct Memory {
    std::vector<std::unique_ptr<std::uint8_t[]>> blocks;
    const std::uint8_t* window = nullptr;
  } memory;
  z_stream stream = {};
  stream.opaque = &memory;
  stream.zalloc = [](voidpf opaque, uInt items, uInt size) -> voidpf {
    Memory& all = *static_cast<Memory*>(opaque);
    all.blocks.push_back(std::make_unique<std::uint8_t[]>(std::size_t{items} * size));
    if (all.blocks.size() == 2 && items == 1u << MAX_WBITS && size == 2) all.window = all.blocks.back().get();
    return all.blocks.back().get();
  };
  stream.zfree = [](voidpf, voidpf) {};
  if (deflateInit(&stream, Z_DEFAULT_COMPRESSION) != Z_OK) return fail("zlib: deflateInit failed");
  std::vector<std::uint8_t> out(deflateBound(&stream, text.size()));
  const bool fits = text.size() < std::size_t{1} << MAX_WBITS; // else the window slides and bytes move in it
  if (hooks.placed && memory.window != nullptr && fits) hooks.placed(memory.window);
  stream.next_in = const_cast<Bytef*>(text.data());
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = out.data();
  stream.avail_out = static_cast<uInt>(out.size());
  const int code = ::deflate(&stream, Z_FINISH);
  deflateEnd(&stream);
  if (hooks.done) hooks.done();
  out.resize(stream.total_out);
  // Was it the window? Then the text is in it.
  const bool held = !fits || memory.window == nullptr || std::equal(twin.begin(), twin.end(), memory.window);
  if (code != Z_STREAM_END) return fail("zlib: deflate gave " + std::to_string(code));
  if (!held) return fail("zlib: its window is not where it was taken to be");
  return out;
}

} // namespace packscope::trace
