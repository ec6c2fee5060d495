// The two ways in which a sample is packed under breakpoints, with the moments at which its bytes get a new place.
#pragma once

#include "base/bytes.h"
#include "base/result.h"

#include <functional>
#include <vector>

namespace packscope::trace {

// What the watcher hears. Nothing but the packer touches the watched bytes between the two calls.
struct MarkerHooks {
  // The text lies at `bytes` now, and nothing has read it there yet.
  std::function<void(const std::uint8_t* bytes)> placed;
  std::function<void()> done;
};

// Into an object database in memory, out of it again, and into a pack of one object; gives the pack. Placed is the
// object that libgit2 compresses. `twin`: the same text elsewhere, for what must be copied without touching it.
Result<std::vector<std::uint8_t>> pack_by_libgit2(Bytes text, Bytes twin, const MarkerHooks& hooks);

// By deflate() in one call at the default level, as libgit2 does; gives the zlib stream. Placed is zlib's window:
// never called where this zlib allocates it in another way than zlib 1.2 and 1.3 do.
Result<std::vector<std::uint8_t>> deflate_by_zlib(Bytes text, Bytes twin, const MarkerHooks& hooks);

} // namespace packscope::trace
