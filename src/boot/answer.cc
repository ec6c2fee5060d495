// Blobs in pack order; a delta's answer is its root's, and every root is asked once, when the first blob on it comes.
#include "boot/answer.h"

#include "boot/line.h"

namespace packscope::boot {
namespace {

struct RootAnswer {
  float confidence = 0;
  std::uint16_t label = 0;
  enum : std::uint8_t { unasked, known, broken } state = unasked;
};

} // namespace

Tally answer_pack(const PackWalk& walk, const learn::Inference& network, std::span<const std::string_view> labels, Arena& arena,
                  void (*print)(std::string_view), void (*complain)(std::string_view)) {
  Tally tally;
  const std::span<const WalkEntry> entries = walk.entries();
  const std::span<RootAnswer> answers = arena.take<RootAnswer>(entries.size());
  const std::span<std::uint8_t> bytes = arena.take<std::uint8_t>(learn::inference_room_bytes(network), 64);
  if (answers.size() != entries.size() || bytes.empty()) {
    complain("packscope: no memory left for answers\n");
    tally.errors = 1;
    return tally;
  }
  const learn::InferenceRoom room = learn::inference_room(network, bytes);
  const auto failed = [&](std::uint64_t offset, std::string_view what) {
    complain(Line().text("packscope: offset ").number(offset).text(": ").text(what).end());
    ++tally.errors;
  };
  for (std::uint32_t entry = 0; entry < entries.size(); ++entry) {
    const std::uint32_t root = entries[entry].root;
    if (root == kNoRoot) {
      failed(entries[entry].offset, "delta base: its chain leads to no object of the pack");
      continue;
    }
    const pack::Outcome<pack::EntryHeader> header = walk.header(root);
    if (!header) { // only of the entry itself: a chain through it has no root
      failed(header.error().offset, pack::describe(header.error().fault));
      continue;
    }
    if (header->type != pack::EntryType::blob) continue;
    RootAnswer& answer = answers[root];
    if (answer.state == RootAnswer::unasked) {
      const Bytes stream = walk.stream(*header, root);
      const learn::InferenceAnswer said =
          learn::answer(network, {.zlib = stream, .inflated_size = header->size, .packed_size = stream.size()}, room);
      answer = {said.confidence, static_cast<std::uint16_t>(said.label),
                said.fault == deflate::Fault::none ? RootAnswer::known : RootAnswer::broken};
      ++tally.streams;
      if (answer.state == RootAnswer::broken) failed(header->data_offset, deflate::describe(said.fault));
    }
    if (answer.state == RootAnswer::broken) continue;
    ++tally.blobs;
    print(Line().text(labels[answer.label], 12).text(" ").share(answer.confidence).text("  ").text(network.rung->name, 6)
              .text(entry == root ? "               " : " from its base ").hex(walk.id(entry).raw()).end());
  }
  return tally;
}

} // namespace packscope::boot
