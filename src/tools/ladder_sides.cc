// The list is a model's note "corpus": {"repositories": [{"name", "commit", "split"}, …]}.
#include "tools/ladder_sides.h"

#include <nlohmann/json.hpp>

namespace packscope::tools {

using learn::Side;

ModelSides::ModelSides(const learn::Model& model) : split_(model.split) {
  const auto note = model.notes.find("corpus");
  if (note == model.notes.end()) return;
  const nlohmann::json json = nlohmann::json::parse(note->second, nullptr, false);
  if (!json.is_object() || !json.contains("repositories") || !json["repositories"].is_array()) return;
  for (const nlohmann::json& one : json["repositories"]) {
    const auto text = [&](const char* key) {
      return one.is_object() && one.contains(key) && one[key].is_string() ? one[key].get<std::string>() : std::string();
    };
    if (const std::optional<pack::ObjectId> id = pack::ObjectId::parse(text("commit")))
      listed_.push_back({*id, text("commit"), text("split") == "test" ? Side::test : Side::train});
  }
}

void ModelSides::begin(pack::Repository& repository) {
  here_ = listed_.empty() ? Side::all : Side::test;
  for (const Listed& listed : listed_)
    if (repository.store().find(listed.id)) { // of several (a fork of both sides), what was learned from counts
      here_ = listed.side;
      if (here_ == Side::train) break;
    }
}

Side ModelSides::of(const std::string& repository, const std::string& file) const {
  if (!listed_.empty()) return here_;
  return split_.is_test(split_.by == "repository" ? repository : file) ? Side::test : Side::train;
}

Side ModelSides::of_corpus(const std::string& commit, Side side) const {
  for (const Listed& listed : listed_)
    if (listed.commit == commit) return listed.side;
  return side;
}

} // namespace packscope::tools
