// Lanes and what is in them; see sha1_lanes.h.
//
//   message := "TYPE SIZE\0" data 80 00* bit-length:8        in blocks of 64 bytes
#include "pack/sha1_lanes.h"

#include <algorithm>
#include <charconv>
#include <utility>

namespace packscope::pack {

static constexpr std::size_t kBlock = 64;

bool Sha1Lanes::available() { return sha1_narrow() != nullptr || sha1_wide() != nullptr; }

Sha1Lanes::Sha1Lanes(Sha1Kernel narrow, Sha1Kernel wide)
    : narrow_(narrow), wide_(wide), most_(wide != nullptr ? kSha1Lanes : kSha1Narrow) {}

void Sha1Lanes::run(std::uint64_t keep, std::vector<std::uint64_t>& done, bool beside) {
  for (;;) {
    while (active_ < most_ && next_ < queue_.size()) start(queue_[next_++]);
    if (next_ == queue_.size()) queue_.clear(), next_ = 0;
    if (active_ == 0 || (active_ < most_ && bytes_ <= keep && !beside)) return;
    // Sixteen lanes cost what six to nine cost in turns, whether something is in them or not.
    constexpr unsigned kFew = 7;
    const bool wide = wide_ != nullptr && (active_ > kFew || narrow_ == nullptr);
    const unsigned count = wide ? active_ : std::min(active_, kSha1Narrow);
    const std::size_t blocks = *std::min_element(blocks_, blocks_ + count);
    (wide ? wide_ : narrow_)(states_, at_, count, blocks);
    for (unsigned lane = count; lane-- > 0;) {
      at_[lane] += blocks * kBlock;
      if ((blocks_[lane] -= blocks) > 0) continue;
      if (jobs_[lane].data == nullptr && beside_end_blocks_ > 0) {
        at_[lane] = beside_end_;
        blocks_[lane] = std::exchange(beside_end_blocks_, 0);
        continue;
      }
      done.push_back(jobs_[lane].ticket);
      finish(lane);
    }
  }
}

// Puts 80 00* bit-length behind the `used` last bytes of a message; how many blocks they are then.
static std::size_t pad(std::uint8_t* begin, std::size_t used, std::uint64_t message) {
  const std::size_t blocks = (used + 1 + sizeof(std::uint64_t) + kBlock - 1) / kBlock;
  begin[used] = 0x80;
  std::memset(begin + used + 1, 0, blocks * kBlock - used - 1);
  for (unsigned i = 0; i < 8; ++i) begin[blocks * kBlock - 1 - i] = static_cast<std::uint8_t>(message * 8 >> (8 * i));
  return blocks;
}

void Sha1Lanes::start(const HashJob& job) {
  const std::string_view type = name(job.type);
  char header[kHashBefore];
  char* end = std::ranges::copy(type, header).out;
  *end++ = ' ';
  end = std::to_chars(end, header + sizeof header, job.size).ptr;
  *end++ = 0;
  const std::size_t length = static_cast<std::size_t>(end - header);
  std::memcpy(job.data - length, header, length);

  std::uint8_t* const begin = job.data - length;
  occupy(job, begin, pad(begin, length + job.size, length + job.size));
}

void Sha1Lanes::add_beside(Bytes message, ObjectId* id, std::uint64_t ticket) {
  const std::size_t rest = message.size() % kBlock, blocks = message.size() / kBlock;
  std::copy(message.end() - static_cast<std::ptrdiff_t>(rest), message.end(), beside_end_);
  const std::size_t end_blocks = pad(beside_end_, rest, message.size());
  const HashJob job = {.data = nullptr, .size = 0, .id = id, .ticket = ticket};
  if (blocks == 0) return occupy(job, beside_end_, end_blocks);
  beside_end_blocks_ = end_blocks;
  occupy(job, message.data(), blocks);
}

void Sha1Lanes::occupy(const HashJob& job, const std::uint8_t* at, std::size_t blocks) {
  constexpr std::uint32_t kInitial[5] = {0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0};
  const unsigned lane = active_++;
  for (unsigned row = 0; row < 5; ++row) states_.word[row][lane] = kInitial[row];
  at_[lane] = at;
  blocks_[lane] = blocks;
  jobs_[lane] = job;
}

// The last busy lane takes the place of the one that is done.
void Sha1Lanes::finish(unsigned lane) {
  ObjectId& id = *jobs_[lane].id;
  id.kind = HashKind::sha1;
  id.bytes.fill(0);
  for (unsigned i = 0; i < 20; ++i)
    id.bytes[i] = static_cast<std::uint8_t>(states_.word[i / 4][lane] >> (24 - 8 * (i % 4)));
  if (jobs_[lane].data != nullptr) bytes_ -= weight(jobs_[lane]);
  const unsigned last = --active_;
  for (unsigned row = 0; row < 5; ++row) states_.word[row][lane] = states_.word[row][last];
  at_[lane] = at_[last];
  blocks_[lane] = blocks_[last];
  jobs_[lane] = jobs_[last];
}

} // namespace packscope::pack
