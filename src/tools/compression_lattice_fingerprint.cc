// compression_lattice fingerprint: which encoders reproduce each stream, and what they say of the pack together.
//
// One record a stream that was looked at, in pack order, then the pack's verdict; a repository's loose objects are one more
// pack, named "loose". Which streams are sampled follows from their places alone, so that any machine says the same.
#include "tools/compression_lattice.h"

#include "base/on_threads.h"
#include "base/text.h"
#include "encoders/fingerprint.h"
#include "learn/spread.h"
#include "pack/stream.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <mutex>

namespace packscope::tools {
namespace {

using encoders::Fingerprinter;
using encoders::VariantSet;

struct FingerprintOptions {
  ReadOptions read;
  bool all = false, prove = false, verdict_only = false;
  std::size_t sample = 2000, largest = 16;
  std::uint64_t sample_bytes = std::uint64_t{64} << 20;
};

// Places are as good as random after this (splitmix64).
std::uint64_t mix(std::uint64_t value) {
  value = (value ^ value >> 30) * 0xbf58476d1ce4e5b9u;
  value = (value ^ value >> 27) * 0x94d049bb133111ebu;
  return value ^ value >> 31;
}

// Sets that were met, each once: thousands of streams share a few hundred.
class Sets {
public:
  std::uint32_t number(const VariantSet& set) {
    const std::lock_guard guard(lock_);
    const auto [found, fresh] = numbers_.try_emplace(set, static_cast<std::uint32_t>(sets_.size()));
    if (fresh) sets_.push_back(&found->first);
    return found->second;
  }
  const VariantSet& operator[](std::uint32_t number) const { return *sets_[number]; }

private:
  std::mutex lock_;
  std::map<VariantSet, std::uint32_t> numbers_;
  std::vector<const VariantSet*> sets_;
};

struct Judged {
  std::uint32_t entry = 0;
  std::uint32_t set = 0;
  std::uint64_t size = 0;
  std::uint16_t header = 0;
  std::uint8_t window_bits = 15;
  enum class State : std::uint8_t { waiting, done, failed, left_out } state = State::waiting;
};

class OnePack {
public:
  OnePack(pack::Repository& repository, std::uint32_t number, const FingerprintOptions& options, Report& report)
      : repository_(repository), store_(repository.store()), number_(number), options_(options), report_(report),
        loose_(number == pack::kLoose),
        name_(loose_ ? "loose" : std::filesystem::path(store_.packs()[number].path()).filename().string()),
        count_(loose_ ? store_.loose_count() : static_cast<std::uint32_t>(store_.packs()[number].entries().size())) {}

  void run(Output& output) {
    choose();
    judge_all();
    std::ranges::stable_sort(failures_, {}, &std::pair<std::uint32_t, Error>::first);
    for (const auto& [entry, error] : failures_) report_.error(error);
    for (const Judged& one : judged_) {
      if (one.state == Judged::State::left_out) ++left_out_;
      if (one.state != Judged::State::done) continue;
      inflated_ += one.size;
      verdict_.add(one.window_bits, sets_[one.set]);
    }
    if (options_.read.json) {
      if (!options_.verdict_only) records(output);
      record(output);
    } else {
      table(output);
    }
  }

private:
  pack::Location at(std::uint32_t entry) const { return {number_, entry}; }

  void fail(std::uint32_t entry, const pack::Failure& failure) {
    Error error = store_.error(at(entry), failure);
    const std::lock_guard guard(lock_);
    failures_.emplace_back(entry, std::move(error));
  }

  // A loose object's file is opened for it.
  pack::Outcome<pack::Stream> stream(std::uint32_t entry) {
    if (!loose_) return store_.stream(at(entry));
    const std::lock_guard guard(lock_);
    return store_.stream(at(entry));
  }

  // Of all streams a spread by place, within both bounds, and the largest, which tell most.
  void choose() {
    learn::Spread<Judged> spread(options_.sample), largest(options_.largest);
    constexpr std::uint64_t kLarge = std::uint64_t{1} << 20;
    for (std::uint32_t entry = 0; entry < count_; ++entry) {
      if (!loose_) store_.packs()[number_].prefetch_header(entry + 16);
      if (loose_ && !options_.all) {
        // Sizes stand in the files.
        spread.offer(mix(entry), [&] { return Judged{.entry = entry}; });
        continue;
      }
      const pack::Outcome<pack::Stream> found = store_.stream(at(entry));
      if (!found) {
        fail(entry, found.error());
        continue;
      }
      const Judged one = {.entry = entry, .size = found->inflated_size};
      if (options_.all) {
        judged_.push_back(one);
        continue;
      }
      spread.offer(mix(store_.offset_of(at(entry))), [&] { return one; });
      if (one.size <= kLarge) largest.offer(kLarge - one.size, [&] { return one; });
    }
    std::uint64_t bytes = 0;
    for (const Judged& one : spread.take())
      if (bytes + one.size <= options_.sample_bytes) {
        bytes += one.size;
        judged_.push_back(one);
      }
    for (const Judged& one : largest.take()) judged_.push_back(one);
    std::ranges::sort(judged_, {}, &Judged::entry);
    judged_.erase(std::ranges::unique(judged_, {}, &Judged::entry).begin(), judged_.end());
  }

  void judge_all() {
    Progress progress("fingerprint " + name_, judged_.size(), "streams", options_.read.progress());
    progress_ = &progress;
    encoders::Probation probation;
    std::vector<std::size_t> first, rest;
    std::array<unsigned, 4> shown = {}; // by FLEVEL
    for (std::size_t i = 0; i < judged_.size(); ++i) {
      const Judged& one = judged_[i];
      bool early = one.size >= encoders::Probation::kLeast && one.size <= encoders::Probation::kMost;
      if (early) {
        const pack::Outcome<pack::Stream> found = stream(one.entry);
        early = found && found->zlib.size() >= 2 && shown[found->zlib[1] >> 6]++ < encoders::Probation::kStreams;
      }
      (early || options_.prove ? first : rest).push_back(i);
    }
    judge(first, {}, &probation);
    judge(rest, aside_ = options_.prove ? encoders::SetAside{} : probation.set_aside(), nullptr);
  }

  void judge(const std::vector<std::size_t>& which, const encoders::SetAside& aside, encoders::Probation* probation) {
    Share share(which.size());
    const std::uint64_t alone = options_.read.memory / kBytesPerByte / options_.read.threads;
    on_threads(share.threads(options_.read.threads), [&] {
      Fingerprinter fingerprinter;
      Fingerprinter::Found found;
      for (std::size_t i; share.take(i); progress_->advance()) {
        Judged& one = judged_[which[i]];
        std::unique_lock<std::mutex> large(large_, std::defer_lock);
        if (one.size > alone) large.lock();
        if (!judge(fingerprinter, one, aside, found)) continue;
        one.set = sets_.number(found.writers);
        if (probation == nullptr) continue;
        const std::lock_guard guard(lock_);
        probation->add(found);
      }
    });
  }

  bool judge(Fingerprinter& fingerprinter, Judged& one, const encoders::SetAside& aside, Fingerprinter::Found& found) {
    one.state = Judged::State::failed;
    const pack::Outcome<pack::Stream> stream = this->stream(one.entry);
    if (!stream) return fail(one.entry, stream.error()), false;
    one.size = stream->inflated_size;
    pack::Failure failure = {.offset = store_.offset_of(at(one.entry))};
    if (one.size - stream->text_offset > options_.read.max_object_size) failure.fault = pack::Fault::size_limit;
    else if (!pack::could_inflate_to(stream->zlib.size(), one.size)) failure.fault = pack::Fault::stream, failure.stream = deflate::Fault::size;
    if (failure.fault == pack::Fault::none && one.size > options_.read.memory / kBytesPerByte) {
      one.state = Judged::State::left_out;
      return false;
    }
    if (failure.fault == pack::Fault::none) {
      failure.stream = fingerprinter.judge(stream->zlib, one.size, aside, found);
      if (failure.stream != deflate::Fault::none) failure.fault = pack::Fault::stream;
    }
    if (failure.fault != pack::Fault::none) return fail(one.entry, failure), false;
    if (options_.prove)
      if (const VariantSet refuted = fingerprinter.refuted(found.writers, found.window_bits); !refuted.empty()) {
        const std::lock_guard guard(lock_);
        failures_.emplace_back(one.entry, Error{.what = "does not reproduce the stream, against the model: " + describe(refuted, found.window_bits),
                                                .file = std::string(store_.file_of(at(one.entry))), .offset = store_.offset_of(at(one.entry))});
      }
    one.header = found.header;
    one.window_bits = found.window_bits;
    one.state = Judged::State::done;
    return true;
  }

  void begin(JsonWriter& json) {
    begin_record(json, repository_.source());
    if (repository_.source().repository) json.path_field("pack", name_);
  }

  const std::string& candidates(const Judged& one) {
    std::string& text = written_[{one.set, one.window_bits}];
    if (text.empty()) {
      JsonWriter json;
      write_variants(json, sets_[one.set], one.window_bits);
      text = json.text();
    }
    return text;
  }

  void records(Output& output) {
    JsonWriter json;
    for (const Judged& one : judged_) {
      if (one.state != Judged::State::done) continue;
      begin(json);
      object_field(json, store_.id_of(at(one.entry)));
      json.null_field("path");
      loose_ ? json.null_field("offset") : json.field("offset", store_.offset_of(at(one.entry)));
      json.field("header", hex_header(one.header)).field("size", one.size).key("candidates");
      output.write(json.text() + candidates(one) + "}\n"); // a row that many streams share is written once
      json = JsonWriter();
    }
  }

  static std::string hex_header(std::uint16_t header) {
    const std::uint8_t bytes[] = {static_cast<std::uint8_t>(header >> 8), static_cast<std::uint8_t>(header)};
    return hex(Bytes(bytes));
  }
  double share(std::uint64_t streams) const {
    const std::uint64_t all = verdict_.explained() + verdict_.unexplained();
    return all == 0 ? 0 : std::round(static_cast<double>(streams) / static_cast<double>(all) * 1e6) / 1e6;
  }

  void record(Output& output) {
    const std::vector<encoders::Verdict::Part> cover = verdict_.cover();
    JsonWriter json;
    begin(json);
    json.key("verdict");
    cover.size() == 1 ? write_variants(json, cover[0].writers, cover[0].window_bits) : void(json.begin_array().end_array());
    json.field("sampled", verdict_.explained() + verdict_.unexplained()).field("explained", verdict_.explained());
    json.field("unexplained", verdict_.unexplained()).field("streams", count_).field("left_out", left_out_);
    json.field("inflated_bytes", inflated_).key("cover").begin_array();
    for (const encoders::Verdict::Part& part : cover) {
      json.begin_object().key("candidates");
      write_variants(json, part.writers, part.window_bits);
      json.field("streams", part.streams).field("share", share(part.streams)).end_object();
    }
    json.end_array().key("shares").begin_array();
    std::vector<std::pair<encoders::Variant, std::uint64_t>> counts = verdict_.counts();
    std::ranges::stable_sort(counts, std::greater<>(), &std::pair<encoders::Variant, std::uint64_t>::second);
    for (const auto& [one, streams] : counts) {
      if ((one.library == encoders::Library::zlib || one.library == encoders::Library::zlib_ng) && (one.mem_level != 8 || one.strategy != encoders::Strategy::standard))
        continue; // the usual ones; the others are in each stream's own set
      json.begin_object().field("library", name(one.library)).field("level", one.level);
      one.mem_level == 0 ? json.null_field("mem_level") : json.field("mem_level", one.mem_level);
      json.field("streams", streams).field("share", share(streams)).end_object();
    }
    json.end_array().key("not_tried").begin_array();
    for (const encoders::Library library : encoders::missing_libraries()) json.value(name(library));
    json.end_array().key("set_aside");
    write_variants(json, aside_, 15);
    output.line(json.end_object());
  }

  void table(Output& output) {
    const std::uint64_t sampled = verdict_.explained() + verdict_.unexplained();
    output.write(printable(repository_.source().name) + (repository_.source().repository ? " " + printable(name_) : "") + ": " +
                 human_count(sampled) + " of " + human_count(count_) + " streams, " + human_bytes(inflated_) + " inflated; " +
                 human_count(verdict_.unexplained()) + " unexplained" +
                 (left_out_ == 0 ? "" : "; " + human_count(left_out_) + " left out: larger than a sixth of --memory") + "\n");
    const std::vector<encoders::Verdict::Part> cover = verdict_.cover();
    for (const encoders::Verdict::Part& part : cover) {
      char text[64];
      std::snprintf(text, sizeof text, "  %8.3f %%  %9s  ", 100 * share(part.streams), human_count(part.streams).c_str());
      output.write(text + describe(part.writers, part.window_bits) + "\n");
    }
    if (options_.read.verbose)
      for (const Judged& one : judged_)
        if (one.state == Judged::State::done && sets_[one.set].empty())
          output.write("  unexplained: " + (loose_ ? store_.id_of(at(one.entry))->hex() : "offset " + std::to_string(store_.offset_of(at(one.entry)))) +
                       ", header " + hex_header(one.header) + ", " + human_count(one.size) + " bytes\n");
  }

  static constexpr std::uint64_t kBytesPerByte = 6; // of memory, of a text: itself, a token a byte at worst, and a copy of the stream

  pack::Repository& repository_;
  pack::Store& store_;
  const std::uint32_t number_;
  const FingerprintOptions& options_;
  Report& report_;
  const bool loose_;
  const std::string name_;
  const std::uint32_t count_;
  std::vector<Judged> judged_;
  Sets sets_;
  encoders::SetAside aside_;
  encoders::Verdict verdict_;
  std::map<std::pair<std::uint32_t, unsigned>, std::string> written_;
  std::mutex lock_, large_;
  std::vector<std::pair<std::uint32_t, Error>> failures_;
  std::uint64_t inflated_ = 0, left_out_ = 0;
  Progress* progress_ = nullptr;
};

int run_fingerprint(const FingerprintOptions& options) {
  Report report;
  report.quiet = options.read.quiet;
  for (const encoders::Library library : encoders::missing_libraries())
    report.note(std::string(name(library)) + " is not here: streams that it alone writes stay unexplained");
  Output output;
  for_each_repository(options.read, report, [&](pack::Repository& repository) {
    for (std::uint32_t pack = 0; pack < repository.store().packs().size(); ++pack) OnePack(repository, pack, options, report).run(output);
    if (repository.store().loose_count() > 0) OnePack(repository, pack::kLoose, options, report).run(output);
  });
  output.finish(report);
  return report.exit_code();
}

} // namespace

std::function<int()> configure_fingerprint(CLI::App& app) {
  auto options = std::make_shared<FingerprintOptions>();
  add_read_options(app, options->read, {.scope = false});
  app.add_flag("--all", options->all, "Every stream, not a sample");
  app.add_option("--sample", options->sample, "Streams of a pack that are looked at, spread over it [2000]")->type_name("N")->check(CLI::Range(1u, 1u << 30));
  add_size_option(app, "--sample-bytes", options->sample_bytes, "And no more than so many inflated bytes [64MiB]");
  app.add_option("--largest", options->largest, "Besides, so many of the largest up to 1 MiB: they tell most [16]")->type_name("N")->check(CLI::Range(0u, 1u << 20));
  app.add_flag("--verdict", options->verdict_only, "With --json: the packs' verdicts alone");
  app.add_flag("--prove", options->prove, "Set no library aside, and let each candidate compress the stream again (slow)");
  app.footer("Candidates are those that reproduce the stream bit for bit. zlib's variants are told by a model of its search and of its\n"
             "codes, without running it; libdeflate, ISA-L and zlib-ng are run, but not on streams that zlib explains once a variant of\n"
             "theirs has written fewer than a quarter of 16 or more streams of 1 to 16 KiB of the pack. --prove does neither.\n\n"
             "Example:\n  packscope compression_lattice fingerprint .");
  return [options] { return run_fingerprint(*options); };
}

} // namespace packscope::tools
