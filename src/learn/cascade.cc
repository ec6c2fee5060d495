// Rung by rung.
#include "learn/cascade.h"

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

} // namespace packscope::learn
