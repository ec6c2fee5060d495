// What the ladder answers for every blob of a scope: plain streams by themselves, deltas by their base's answer or, if that
// is wanted where it is in doubt, by their own text. Behind `ast_classifier predict`; `decompress_rounds inherit` measures the same answers.
//
// The idea: what a base was sure of holds for the versions made of it, so most deltas cost nothing. Two kinds of delta often
// differ: those of a base that was not sure itself, and those much shorter than their base (git stores the larger version
// whole, and the first commit of a file is the smallest). These are resolved, each tree of deltas once from its base up, and
// asked at the cascade's last rung (R5: from the text as it is, nothing is compressed for it). A version that has hardly changed
// since the last one asked inherits from that one.
#pragma once

#include "learn/cascade.h"
#include "tools/ast_classifier.h"
#include "tools/root_streams.h"

#include <expected>
#include <optional>

namespace packscope::tools {

// Where the cascade stops, and what it does not let inherit.
struct CascadeOptions : ClassifierOptions {
  // Chosen on repositories that the models learned from: of 8 pairs the one whose answers for deltas agree most with their own
  // texts' while it resolves fewer than one in twenty-five.
  double confidence = 0.99;
  std::optional<double> doubt = {};
  double wanted_doubt() const { return doubt.value_or(rung.empty() && models.empty() ? 0.9 : 0); }
};
void add_cascade_options(CLI::App& app, CascadeOptions& options); // --model, --rung, --confidence, --doubt
// The weights that the options ask for, low rungs first; else the exit code, after the error was said.
std::expected<std::vector<learn::Model>, int> cascade_models(const CLI::App& app, const CascadeOptions& options, const learn::Task& task, Report& report);

// A rung before the cascade's: what answers without a model, or leaves it to the cascade.
struct FirstAnswer {
  std::string_view label;
  float confidence;
};
using FirstRung = std::function<std::optional<FirstAnswer>(const pack::Store&, pack::Location)>;

struct Prediction : learn::Cascade::Answer {
  std::string_view first = {}; // the first rung's label, where it answered
  bool inherited = false;      // from the delta's base, or from a version between them
};

struct PredictionOptions {
  bool paths = false; // read trees for paths, also where the scope does not need them
  double doubt = 0;   // deltas are resolved whose base is less sure; 0: none, all inherit; 1: all
  FirstRung first = {};
};

class Predictions {
public:
  static Predictions of(pack::Repository& repository, const learn::Cascade& cascade, const ReadOptions& read,
                        const PredictionOptions& options, Report& report);

  const std::vector<pack::BlobPath>& blobs() const { return roots_.blobs; } // in the scope's order
  // Of one of them; null where it could not be read, which was reported.
  std::optional<Prediction> at(std::size_t blob) const;

private:
  friend class DoubtfulDeltas;
  RootStreams roots_;
  std::vector<Prediction> answers_; // by stream
  std::vector<bool> known_;         // by stream
  static constexpr std::uint32_t kStream = UINT32_MAX; // as the stream
  static constexpr std::uint32_t kNone = UINT32_MAX - 1;
  std::vector<std::uint32_t> own_;  // by blob: kStream, kNone, or index into resolved_
  std::vector<Prediction> resolved_;
};

} // namespace packscope::tools
