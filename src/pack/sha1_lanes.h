// SHA-1 of many objects at once, by whatever the processor has for several messages (sha1_kernels.h). Private to the room.
//
// Messages differ in length: what one batch leaves half hashed stays in its lanes until the next brings company, so
// that lanes are rarely empty.
#pragma once

#include "pack/object.h"
#include "pack/sha1_kernels.h"

#include <vector>

namespace packscope::pack {

// Of an object's bytes. Until it is done they stay where they are, and what lies around them is written to: the header
// goes before, the padding behind, so that a message is one run of blocks.
struct HashJob {
  ObjectType type = ObjectType::blob;
  std::uint8_t* data = nullptr;
  std::uint64_t size = 0;
  ObjectId* id = nullptr;   // where the hash of "TYPE SIZE\0" + data goes
  std::uint64_t ticket = 0; // whatever the caller knows it by
};
constexpr std::size_t kHashBefore = 32; // "commit " + 20 digits + NUL are 28
constexpr std::size_t kHashBehind = 72; // 80 00*, up to a block of them, and eight bytes of length

class Sha1Lanes { // one per thread
public:
  static bool available(); // on this machine
  explicit Sha1Lanes(Sha1Kernel narrow = sha1_narrow(), Sha1Kernel wide = sha1_wide()); // one may be null

  void add(const HashJob& job) { queue_.push_back(job), bytes_ += weight(job); }
  std::uint64_t bytes() const { return bytes_; } // of objects that are not done; 0: all are
  // One long message beside the objects: as it lies, and nothing is written around it. At most one, before anything else.
  void add_beside(Bytes message, ObjectId* id, std::uint64_t ticket);
  // Hashes while all lanes are busy, or more than `keep` bytes are not done; 0: all objects. `beside`: until that is done,
  // too. Appends the tickets of what it finished.
  void run(std::uint64_t keep, std::vector<std::uint64_t>& done, bool beside = false);

private:
  // An empty object is hashed too: its header and padding fill a block.
  static std::uint64_t weight(const HashJob& job) { return job.size + 64; }
  void start(const HashJob& job);
  void occupy(const HashJob& job, const std::uint8_t* at, std::size_t blocks);
  void finish(unsigned lane);

  const Sha1Kernel narrow_, wide_;
  const unsigned most_; // lanes
  std::vector<HashJob> queue_;
  std::size_t next_ = 0; // of the queue
  std::uint64_t bytes_ = 0;
  unsigned active_ = 0; // the lanes that are busy; they stand first
  Sha1States states_ = {};
  const std::uint8_t* at_[kSha1Lanes] = {};
  std::size_t blocks_[kSha1Lanes] = {};
  HashJob jobs_[kSha1Lanes] = {};
  std::uint8_t beside_end_[2 * 64] = {}; // of the message beside: what fills no block, and the padding
  std::size_t beside_end_blocks_ = 0;    // 0: begun, or there is none
};

} // namespace packscope::pack
