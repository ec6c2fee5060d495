// Two questions of one stream: what it is, and what it declares; see blob_facts.h.
#include "tools/blob_facts.h"

#include "learn/corpus.h"
#include "learn/dataset.h"
#include "learn/shipped.h"

#include <algorithm>

namespace packscope::tools {

BlobGuesser::BlobGuesser(learn::Cascade language, std::vector<learn::Classifier> facts)
    : language_(std::move(language)), facts_(std::move(facts)) {
  const std::vector<syntax::Language> learned = learn::parsed_languages(*learn::find_task("ast-facts"));
  for (const std::string& label : language_.classifiers().front().model().labels)
    learned_.push_back(std::ranges::any_of(learned, [&](syntax::Language one) { return syntax::name(one) == label; }));
}

Result<BlobGuesser> BlobGuesser::load(double confidence, const learn::Rung* rung) {
  const auto is_asked = [&](const learn::Model& model) {
    return rung != nullptr ? model.rung == rung : learn::climbs_to(model.rung->name, false);
  };
  Result<std::vector<learn::Model>> language = learn::load_shipped("language");
  if (!language) return std::unexpected(language.error());
  std::erase_if(*language, [&](const learn::Model& model) { return !is_asked(model); });
  if (language->empty()) return fail("no weights for the language at rung " + std::string(rung != nullptr ? rung->name : "R2"), learn::model_directory());
  Result<std::vector<learn::Model>> facts = learn::load_shipped("ast-facts");
  if (!facts) return std::unexpected(facts.error());
  std::vector<learn::Classifier> classifiers;
  for (learn::Model& model : *facts) // of a cascade those rungs that the language is asked at; of one rung those up to it
    if (rung != nullptr ? model.rung <= rung : is_asked(model)) classifiers.emplace_back(std::move(model));
  return BlobGuesser(learn::Cascade(std::move(*language), confidence), std::move(classifiers));
}

BlobGuesser::Room BlobGuesser::room() const {
  Room room{language_.room(), {}};
  for (const learn::Classifier& classifier : facts_) room.facts.push_back(classifier.room());
  return room;
}

BlobGuess BlobGuesser::guess(const learn::Source& source, Room& room, deflate::Fault& fault) const {
  const learn::Cascade::Answer said = language_.answer(source, room.language);
  fault = said.fault;
  const learn::Model& model = language_.classifiers()[said.rung].model();
  BlobGuess guess{.language = model.labels[said.label], .confidence = said.confidence, .rung = model.rung->name, .facts = {}};
  if (fault != deflate::Fault::none || !learned_[said.label]) return guess;
  std::size_t at = facts_.size(); // the last whose rung is not above: rungs point into one table, low to high
  while (at > 0 && facts_[at - 1].model().rung > model.rung) --at;
  if (at-- == 0) return guess;
  if (fault = facts_[at].answer(source, room.facts[at]).fault; fault != deflate::Fault::none) return guess;
  std::span<const float> probabilities = room.facts[at].probabilities();
  PredictedFacts facts = {};
  const std::vector<std::uint32_t> heads = learn::find_task("ast-facts")->heads();
  for (std::size_t q = 0; q < heads.size(); ++q) {
    const std::span<const float> own = probabilities.first(heads[q]);
    const auto best = std::ranges::max_element(own);
    facts.answers[q] = static_cast<std::uint32_t>(best - own.begin());
    facts.confidences[q] = *best;
    probabilities = probabilities.subspan(heads[q]);
  }
  guess.facts = facts;
  guess.facts_rung = facts_[at].model().rung->name;
  return guess;
}

std::uint64_t function_bin_low(unsigned bin) { return bin < 2 ? bin : std::uint64_t{1} << (bin - 1); }
std::optional<std::uint64_t> function_bin_high(unsigned bin) {
  if (bin + 1 == learn::kFunctionBins) return std::nullopt;
  return bin < 2 ? bin : (std::uint64_t{1} << bin) - 1;
}

} // namespace packscope::tools
