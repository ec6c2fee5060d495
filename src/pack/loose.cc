// Loose objects; see loose.h for the grammar.
#include "pack/loose.h"

#include <algorithm>
#include <charconv>
#include <filesystem>

namespace packscope::pack {

Outcome<LooseHeader> read_loose_header(Bytes stream, PartialInflater& inflater) {
  // "commit " and 20 digits, the most of 64 bits, are 27 bytes and a NUL.
  std::array<std::uint8_t, 32> begin;
  std::size_t made = 0;
  if (const deflate::Fault fault = inflater.begin(stream, begin, made); fault != deflate::Fault::none)
    return std::unexpected(Failure{Fault::stream, 0, fault});
  const std::string_view text = as_text({begin.data(), made});
  const std::size_t space = text.find(' '), nul = text.find('\0');
  const std::unexpected<Failure> bad(Failure{Fault::loose_header});
  if (nul == text.npos || space >= nul) return bad;
  LooseHeader header;
  bool known = false;
  for (const ObjectType type : {ObjectType::commit, ObjectType::tree, ObjectType::blob, ObjectType::tag}) {
    if (text.substr(0, space) != name(type)) continue;
    header.type = type;
    known = true;
  }
  const char* const last = text.data() + nul;
  const std::from_chars_result number = std::from_chars(text.data() + space + 1, last, header.size);
  if (!known || number.ec != std::errc() || number.ptr != last) return bad;
  header.text_offset = nul + 1;
  return header;
}

void LooseObjects::add(const std::string& folder) {
  const std::uint32_t number = static_cast<std::uint32_t>(folders_.size());
  folders_.push_back(folder);
  std::error_code error; // no such folder: no such objects
  for (std::filesystem::directory_iterator one(folder, error), last; !error && one != last; one.increment(error)) {
    const std::string two = one->path().filename().string();
    if (two.size() != 2 || two.find_first_not_of("0123456789abcdef") != two.npos) continue;
    std::error_code ignored;
    for (std::filesystem::directory_iterator file(one->path(), ignored), end; !ignored && file != end;
         file.increment(ignored)) {
      const std::optional<ObjectId> id = ObjectId::parse(two + file->path().filename().string());
      if (id) objects_.push_back({*id, number}); // else tmp_obj_…: an object that somebody is writing
    }
  }
}

void LooseObjects::seal() {
  std::sort(objects_.begin(), objects_.end());
  const auto same = [](const auto& a, const auto& b) { return a.first == b.first; };
  objects_.erase(std::unique(objects_.begin(), objects_.end(), same), objects_.end());
}

std::string LooseObjects::path(std::uint32_t index) const {
  const std::string digits = id(index).hex();
  return folders_[objects_[index].second] + "/" + digits.substr(0, 2) + "/" + digits.substr(2);
}

std::optional<std::uint32_t> LooseObjects::find(const ObjectId& id) const {
  const auto found =
      std::lower_bound(objects_.begin(), objects_.end(), id,
                       [](const auto& object, const ObjectId& wanted) { return object.first < wanted; });
  if (found == objects_.end() || found->first != id) return {};
  return static_cast<std::uint32_t>(found - objects_.begin());
}

} // namespace packscope::pack
