// SHA-1 of many objects at once: where the processor has SHA instructions (x86 SHA-NI), several messages take turns
// in its pipeline. One message alone waits for itself: a round depends on the one before, and four rounds take longer
// to finish than to start. Private to the room.
#pragma once

#include "pack/object.h"

namespace packscope::pack {

struct HashJob {
  ObjectType type = ObjectType::blob;
  Bytes data = {};
  ObjectId* id = nullptr; // where the hash of "TYPE SIZE\0" + data goes
};

// True: sha1_objects() may be called on this machine.
bool has_sha1_lanes();
void sha1_objects(std::span<const HashJob> jobs);

} // namespace packscope::pack
