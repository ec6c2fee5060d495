// Rung by rung.
#include "learn/cascade.h"

#include "learn/dataset.h"

namespace packscope::learn {

Cascade::Cascade(std::vector<Model> models, double confidence) : confidence_(static_cast<float>(confidence)) {
  for (Model& model : models) classifiers_.emplace_back(std::move(model));
}

Cascade::Room Cascade::room() const {
  Room room;
  for (const Classifier& classifier : classifiers_) room.push_back(classifier.room());
  return room;
}

Cascade::Answer Cascade::answer(const Source& source, Room& room) const {
  Answer answer;
  for (std::size_t i = 0; i < classifiers_.size(); ++i) {
    answer = {classifiers_[i].answer(source, room[i]), static_cast<std::uint8_t>(i)};
    if (answer.fault != deflate::Fault::none || answer.confidence >= confidence_) break;
  }
  return answer;
}

Cascade::Answer Cascade::answer_text(Bytes text, std::uint64_t packed_size, Room& room) const {
  if (!ends_in_text()) {
    const std::vector<std::uint8_t> stream = compress(text);
    return answer({.zlib = stream, .inflated_size = text.size(), .packed_size = stream.size()}, room);
  }
  const std::size_t last = classifiers_.size() - 1;
  const Source source{.zlib = {}, .inflated_size = text.size(), .packed_size = packed_size, .text = &text};
  return {classifiers_[last].answer(source, room[last]), static_cast<std::uint8_t>(last)};
}

} // namespace packscope::learn
