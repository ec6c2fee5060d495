// What is called of libgit2, which is loaded with the first call: hardly a run needs it (refs.h), and it stands on TLS, SSH,
// Kerberos and regular expressions, whose start takes longer than reading most repositories.
// In the namespace of whoever calls, these names stand before libgit2's own. Ask kLibgit2.load() first.
#pragma once

#include "base/lazy_folders.h"
#include "base/lazy_library.h"

#include <git2.h>
#include <git2/sys/odb_backend.h>
#include <git2/sys/repository.h>

namespace packscope::libgit2 {

inline const LazyLibrary kLibgit2(PACKSCOPE_LIBGIT2_FOLDER, "libgit2.so." LIBGIT2_SOVERSION);

#define PACKSCOPE_FUNCTION(name) inline const LazyFunction<decltype(::name)> name(kLibgit2, #name);
PACKSCOPE_FUNCTION(git_buf_dispose)
PACKSCOPE_FUNCTION(git_config_foreach)
PACKSCOPE_FUNCTION(git_config_free)
PACKSCOPE_FUNCTION(git_config_new)
PACKSCOPE_FUNCTION(git_config_open_ondisk)
PACKSCOPE_FUNCTION(git_error_last)
PACKSCOPE_FUNCTION(git_libgit2_init)
PACKSCOPE_FUNCTION(git_libgit2_opts)
PACKSCOPE_FUNCTION(git_libgit2_shutdown)
PACKSCOPE_FUNCTION(git_object_free)
PACKSCOPE_FUNCTION(git_object_id)
PACKSCOPE_FUNCTION(git_odb_add_backend)
PACKSCOPE_FUNCTION(git_odb_backend_data_alloc)
PACKSCOPE_FUNCTION(git_odb_free)
PACKSCOPE_FUNCTION(git_odb_init_backend)
PACKSCOPE_FUNCTION(git_odb_new)
PACKSCOPE_FUNCTION(git_odb_write)
PACKSCOPE_FUNCTION(git_oid_equal)
PACKSCOPE_FUNCTION(git_packbuilder_free)
PACKSCOPE_FUNCTION(git_packbuilder_insert)
PACKSCOPE_FUNCTION(git_packbuilder_new)
PACKSCOPE_FUNCTION(git_packbuilder_set_threads)
PACKSCOPE_FUNCTION(git_packbuilder_write_buf)
PACKSCOPE_FUNCTION(git_repository_free)
PACKSCOPE_FUNCTION(git_repository_open_ext)
PACKSCOPE_FUNCTION(git_repository_set_config)
PACKSCOPE_FUNCTION(git_repository_wrap_odb)
PACKSCOPE_FUNCTION(git_revparse_single)
#undef PACKSCOPE_FUNCTION

// Gives back what libgit2 handed out.
template <class T, const auto& Free>
struct FreeBy {
  void operator()(T* handle) const { Free(handle); }
};

} // namespace packscope::libgit2
