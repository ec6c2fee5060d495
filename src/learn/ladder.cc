// Batches of samples, answered by all threads, counted in order.
#include "learn/ladder.h"

#include "base/on_threads.h"
#include "learn/facts.h"
#include "learn/split.h"

#include <algorithm>
#include <cmath>

namespace packscope::learn {

void Explained::add(double truth, double said) {
  ++n_;
  sum_ += truth;
  squares_ += truth * truth;
  errors_ += (truth - said) * (truth - said);
}

std::optional<double> Explained::r2() const {
  const double variance = n_ < 2 ? 0.0 : squares_ - sum_ * sum_ / static_cast<double>(n_);
  if (variance <= 1e-9) return std::nullopt;
  return 1.0 - errors_ / variance;
}

Standing::Standing(std::string rung, const Task& task) : rung_(std::move(rung)), questions_(task.questions.size()) {
  for (std::size_t question = 0; question < questions_; ++question)
    if (task.questions[question].name == "functions") counted_ = question;
  for (std::size_t i = 0; i < kCells; ++i)
    for (const Question& question : task.questions) confusions_.emplace_back(question.labels.size());
}

static double log_count(std::uint32_t bin) { return std::log2(1.0 + function_bin_middle(bin)); }

void Standing::add(Side side, deflate::BlockType block, std::span<const std::uint32_t> truth, std::span<const Said> said) {
  const auto add_to = [&](Side of, std::optional<deflate::BlockType> type) {
    const std::size_t at = cell(of, type);
    for (std::size_t question = 0; question < questions_; ++question)
      confusions_[at * questions_ + question].add(truth[question], said[question].label, said[question].confidence);
    if (counted_) explained_[at].add(log_count(truth[*counted_]), said[*counted_].expected);
  };
  add_to(Side::all, {});
  add_to(Side::all, block);
  if (side == Side::all) return;
  add_to(side, {});
  add_to(side, block);
}

const Confusion& Standing::at(Side side, std::optional<deflate::BlockType> block, std::size_t question) const {
  return confusions_[cell(side, block) * questions_ + question];
}

std::optional<double> Standing::r2(Side side, std::optional<deflate::BlockType> block) const {
  return explained_[cell(side, block)].r2();
}

Source KeptSample::source() const {
  Source source = rest;
  source.zlib = zlib;
  source.block = header ? &*header : nullptr;
  return source;
}

// What waits to be answered, and the answers.
struct Ladder::Batch {
  static constexpr std::size_t kSamples = 2048, kBytes = std::size_t{16} << 20;
  std::vector<KeptSample> samples;
  std::size_t bytes = 0;
  std::vector<Standing::Said> said;    // [sample][model][question]
  std::vector<std::uint8_t> faults;    // [sample][model]
};

Ladder::Ladder(const Task& task, std::vector<Model> models, LadderOptions options)
    : task_(task), options_(options), batch_(new Batch), spread_(options.kept) {
  for (Model& model : models) {
    source_bytes_ = std::max(source_bytes_, model.rung->source_bytes);
    standings_.emplace_back(std::string(model.rung->name), task);
    if (task.kind == TaskKind::language && climbs_to(model.rung->name, options_.whole_text))
      cascade_.push_back(classifiers_.size());
    classifiers_.emplace_back(std::move(model));
  }
  if (cascade_.size() < 2) {
    cascade_.clear();
    return;
  }
  Standing& cascade = standings_.emplace_back("cascade", task);
  for (const std::size_t i : cascade_) cascade.climbed.emplace_back(classifiers_[i].model().rung->name);
  for (std::vector<std::uint64_t>& side : cascade.answered) side.resize(cascade_.size());
}
Ladder::~Ladder() = default;

static KeptSample keep(const Source& source, deflate::BlockType block, std::span<const std::uint32_t> truth,
                       std::span<const Side> sides, std::size_t source_bytes) {
  // A rung that starts inside the stream reads as far from there; the SIZE_MAX of a whole stream stays that.
  const std::size_t from = source.bit / 8 + 8;
  const std::size_t needed = source_bytes > SIZE_MAX - from ? SIZE_MAX : source_bytes + from;
  const Bytes zlib = source.zlib.first(std::min(source.zlib.size(), needed));
  KeptSample kept{.zlib = {zlib.begin(), zlib.end()}, .rest = source, .header = {}, .block = block,
                  .truth = {truth.begin(), truth.end()}, .sides = {sides.begin(), sides.end()}};
  if (source.block != nullptr) kept.header = *source.block;
  kept.rest.zlib = {};
  kept.rest.block = nullptr;
  return kept;
}

void Ladder::add(const Source& source, deflate::BlockType block, std::span<const std::uint32_t> truth,
                 std::span<const Side> sides) {
  const std::uint64_t hash = stable_hash(as_text(source.zlib.first(std::min<std::size_t>(source.zlib.size(), 4096))), source.bit);
  spread_.offer(hash, [&] { return keep(source, block, truth, sides, SIZE_MAX); });
  if (classifiers_.empty()) return;
  batch_->samples.push_back(keep(source, block, truth, sides, source_bytes_));
  batch_->bytes += batch_->samples.back().zlib.size();
  if (batch_->samples.size() == Batch::kSamples || batch_->bytes >= Batch::kBytes) answer_batch();
}

void Ladder::finish() {
  answer_batch();
  kept_ = spread_.take();
}

// All questions' answers, from the probabilities that the room holds.
static void read_answers(const Task& task, std::span<const float> probabilities, std::span<Standing::Said> said) {
  std::size_t at = 0;
  for (std::size_t question = 0; question < task.questions.size(); ++question) {
    const std::span<const float> own = probabilities.subspan(at, task.questions[question].labels.size());
    at += own.size();
    said[question] = {.label = best(own), .confidence = own[best(own)]};
    if (task.questions[question].name != "functions") continue;
    for (std::uint32_t bin = 0; bin < own.size(); ++bin) said[question].expected += static_cast<double>(own[bin]) * log_count(bin);
  }
}

void Ladder::answer_batch() {
  const std::size_t models = classifiers_.size(), questions = task_.questions.size();
  batch_->said.assign(batch_->samples.size() * models * questions, {});
  batch_->faults.assign(batch_->samples.size() * models, 0);
  Share share(batch_->samples.size(), 64);
  const auto work = [&] {
    std::vector<Classifier::Room> rooms;
    for (const Classifier& classifier : classifiers_) rooms.push_back(classifier.room());
    for (std::size_t begin, end; share.take(begin, end);)
      for (std::size_t i = begin; i < end; ++i)
        for (std::size_t model = 0; model < models; ++model) {
          const Classifier::Answer answer = classifiers_[model].answer(batch_->samples[i].source(), rooms[model]);
          batch_->faults[i * models + model] = answer.fault != deflate::Fault::none;
          read_answers(task_, rooms[model].probabilities(), std::span(batch_->said).subspan((i * models + model) * questions, questions));
        }
  };
  on_threads(share.threads(options_.threads), work);
  tally();
  batch_->samples.clear();
  batch_->bytes = 0;
}

void Ladder::tally() {
  const std::size_t models = classifiers_.size(), questions = task_.questions.size();
  for (std::size_t i = 0; i < batch_->samples.size(); ++i) {
    const KeptSample& sample = batch_->samples[i];
    const auto said = [&](std::size_t model) { return std::span<const Standing::Said>(batch_->said).subspan((i * models + model) * questions, questions); };
    for (std::size_t model = 0; model < models; ++model) standings_[model].add(sample.sides[model], sample.block, sample.truth, said(model));
    if (cascade_.empty()) continue;
    // As learn/cascade.h climbs. A sample that one of its rungs was trained on is a training sample of the cascade's.
    std::size_t step = 0;
    while (step + 1 < cascade_.size() && batch_->faults[i * models + cascade_[step]] == 0 &&
           said(cascade_[step])[0].confidence < static_cast<float>(options_.confidence))
      ++step;
    Side side = sample.sides[cascade_[0]];
    for (const std::size_t model : cascade_)
      if (sample.sides[model] == Side::train) side = Side::train;
    Standing& cascade = standings_.back();
    cascade.add(side, sample.block, sample.truth, said(cascade_[step]));
    ++cascade.answered[0][step];
    if (side != Side::all) ++cascade.answered[static_cast<std::size_t>(side)][step];
  }
}

void Ladder::measure(CostBy by, std::size_t objects, perf::StepLimits limits, const std::function<void()>& after_each) {
  const std::span<const KeptSample> samples = std::span(kept_).first(std::min(objects, kept_.size()));
  std::vector<deflate::BlockType> blocks;
  for (const KeptSample& sample : samples) blocks.push_back(sample.block);
  volatile float used = 0; // what an answer is for
  std::vector<Classifier::Room> rooms;
  for (const Classifier& classifier : classifiers_) rooms.push_back(classifier.room());
  for (std::size_t model = 0; model < classifiers_.size(); ++model) {
    standings_[model].cost = measure_cost(by, blocks, [&](std::size_t i) {
      used = classifiers_[model].answer(samples[i].source(), rooms[model]).confidence;
    }, limits);
    if (after_each) after_each();
  }
  if (cascade_.empty()) return;
  standings_.back().cost = measure_cost(by, blocks, [&](std::size_t i) {
    for (const std::size_t model : cascade_) {
      const Classifier::Answer answer = classifiers_[model].answer(samples[i].source(), rooms[model]);
      used = answer.confidence;
      if (answer.fault != deflate::Fault::none || answer.confidence >= static_cast<float>(options_.confidence)) break;
    }
  }, limits);
  if (after_each) after_each();
}

Standing ask_peer(std::string rung, const Task& task, std::span<const KeptSample> samples, unsigned threads,
                  const std::function<std::optional<Standing::Said>(const KeptSample&)>& ask) {
  std::vector<std::optional<Standing::Said>> said(samples.size());
  Share share(samples.size());
  on_threads(share.threads(threads), [&] {
    for (std::size_t i; share.take(i);) said[i] = ask(samples[i]);
  });
  Standing standing(std::move(rung), task);
  for (std::size_t i = 0; i < samples.size(); ++i)
    if (said[i]) standing.add(samples[i].sides.back(), samples[i].block, samples[i].truth, std::span(&*said[i], 1));
  return standing;
}

} // namespace packscope::learn
