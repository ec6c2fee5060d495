// decompress_rounds inherit: is what `ast_classifier predict` says of a delta what it would say of it whole?
//
// Some deltas are resolved, compressed as a pack would hold them whole (zlib, level 6) and asked as such; the share whose label
// is the one that predict prints for the delta is the agreement. Beside it how often the base's own answer would be, how
// many predict resolved and did not let inherit, and what paths say of a delta and its base, where trees name them.
#include "tools/ast_classifier.h"
#include "tools/decompress_rounds.h"

#include "base/text.h"
#include "learn/cascade.h"
#include "learn/spread.h"
#include "pack/delta_roots.h"
#include "pack/leaf_names.h"
#include "tools/predictions.h"

#include <algorithm>
#include <cstdio>

namespace packscope::tools {
namespace {

using pack::Location;

struct InheritOptions : CascadeOptions {
  std::size_t objects = 2000;
};

// Of one repository, or of all.
struct InheritAgreement {
  std::uint64_t n = 0, same = 0;           // deltas that were asked
  std::uint64_t same_base = 0, resolved = 0; // of them: which the base answers alike; which did not inherit
  std::uint64_t named = 0, same_path = 0;  // of them: with a name for both, of the same language by it
  void add(const InheritAgreement& other) {
    n += other.n, same += other.same, same_base += other.same_base, resolved += other.resolved, named += other.named, same_path += other.same_path;
  }
};

class Asker {
public:
  Asker(const InheritOptions& options, const learn::Cascade& cascade, Report& report)
      : options_(options), cascade_(cascade), room_(cascade.room()), report_(report) {
    read_.all_objects = true;
  }

  InheritAgreement ask(pack::Repository& repository) {
    pack::Store& store = repository.store();
    store.compute_ids();
    const pack::LeafNames names = pack::LeafNames::of(store, options_.read.threads, options_.read.memory / 2,
                                                      [&](const Error& error) { report_.error(error); });
    const Predictions predictions = Predictions::of(
        repository, cascade_, read_, {.doubt = options_.wanted_doubt()}, report_);
    const pack::DeltaRoots roots = pack::DeltaRoots::of(store);
    syntax::HeaderVote vote;
    for (std::uint32_t pack = 0; pack < store.packs().size(); ++pack)
      for (std::uint32_t entry = 0; entry < store.packs()[pack].entries().size(); ++entry) vote.count(names.of({pack, entry}));
    learn::Spread<std::size_t> spread(options_.objects); // by id: the same however the packs lie
    for (std::size_t i = 0; i < predictions.blobs().size(); ++i) {
      const Location at = predictions.blobs()[i].at;
      const pack::Outcome<Location> root = roots.of(at);
      if (!root || *root == at || root->pack == pack::kLoose || !predictions.at(i)) continue;
      if (const std::optional<pack::ObjectId> id = store.id_of(at))
        spread.offer(load_le<std::uint64_t>(id->bytes.data()), [&] { return i; });
    }
    const std::vector<std::size_t> asked = spread.take();
    Progress progress("resolving " + repository.source().name, asked.size(), "deltas", options_.read.progress());
    InheritAgreement agreement;
    for (const std::size_t blob : asked) {
      const Location at = predictions.blobs()[blob].at;
      ask_one(store, at, *roots.of(at), *predictions.at(blob), names, vote, agreement);
      progress.advance();
    }
    return agreement;
  }

private:
  void ask_one(pack::Store& store, Location at, Location root, const Prediction& said, const pack::LeafNames& names,
               const syntax::HeaderVote& vote, InheritAgreement& agreement) {
    const pack::Outcome<pack::Stream> base = store.stream(root);
    const pack::Outcome<pack::ObjectPtr> object = store.read(at);
    if (!base || !object) return report_.error(store.error(base ? at : root, base ? object.error() : base.error()));
    const std::vector<std::uint8_t> own = learn::compress((*object)->data);
    const auto label = [&](Bytes zlib, std::uint64_t inflated) {
      const learn::Cascade::Answer answer = cascade_.answer({.zlib = zlib, .inflated_size = inflated, .packed_size = zlib.size()}, room_);
      return answer.label; // all rungs have the task's labels
    };
    const std::uint32_t whole = label(own, (*object)->data.size());
    ++agreement.n;
    agreement.same += said.label == whole;
    agreement.same_base += label(base->zlib, base->inflated_size) == whole;
    agreement.resolved += !said.inherited;
    const std::string_view name = names.of(at), base_name = names.of(root);
    if (name.empty() || base_name.empty()) return;
    ++agreement.named;
    agreement.same_path += vote.language_of(name) == vote.language_of(base_name);
  }

  const InheritOptions& options_;
  ReadOptions read_ = options_.read; // of all objects
  const learn::Cascade& cascade_;
  learn::Cascade::Room room_;
  Report& report_;
};

double ratio(std::uint64_t part, std::uint64_t all) { return all == 0 ? 0.0 : static_cast<double>(part) / static_cast<double>(all); }

void print_agreement(Output& output, bool json, const std::string& repository, const InheritAgreement& agreement) {
  if (json) {
    JsonWriter record;
    record.begin_object().field("repo", repository).field("n", agreement.n);
    for (const auto& [name, part] : {std::pair{"agreement", agreement.same}, {"base_agreement", agreement.same_base}, {"resolved", agreement.resolved}})
      agreement.n > 0 ? record.field(name, ratio(part, agreement.n)) : record.null_field(name);
    record.field("named", agreement.named);
    agreement.named > 0 ? record.field("path_agreement", ratio(agreement.same_path, agreement.named)) : record.null_field("path_agreement");
    record.end_object();
    return output.line(record);
  }
  char line[120];
  std::snprintf(line, sizeof line, "%9s  %9.4f  %9.4f  %9.4f  %9s  %9.4f  ", human_count(agreement.n).c_str(), ratio(agreement.same, agreement.n),
                ratio(agreement.same_base, agreement.n), ratio(agreement.resolved, agreement.n), human_count(agreement.named).c_str(), ratio(agreement.same_path, agreement.named));
  output.write(line + printable(repository) + "\n");
}

int run_inherit(const CLI::App& app, InheritOptions& options) {
  const learn::Task& task = *learn::find_task("language");
  Report report;
  report.quiet = options.read.quiet;
  std::expected<std::vector<learn::Model>, int> models = cascade_models(app, options, task, report);
  if (!models) return models.error();
  const learn::Cascade cascade(std::move(*models), options.confidence);
  Output output;
  Asker asker(options, cascade, report);
  InheritAgreement all;
  if (!options.read.json) output.write("   deltas  agreement    of base   resolved      named    by path\n");
  for_each_repository(options.read, report, [&](pack::Repository& repository) {
    const InheritAgreement one = asker.ask(repository);
    if (one.n > 0) print_agreement(output, options.read.json, repository.source().name, one);
    all.add(one);
  });
  if (!options.read.json) print_agreement(output, false, "all", all);
  output.finish(report);
  return report.exit_code();
}

} // namespace

std::function<int()> configure_inherit(CLI::App& app) {
  auto options = std::make_shared<InheritOptions>();
  add_read_options(app, options->read, {.scope = false});
  add_cascade_options(app, *options);
  app.add_option("--objects", options->objects, "Deltas asked of one repository, by object id [2000]")->check(CLI::Range(1u, 100000000u));
  app.footer("Example:\n  packscope decompress_rounds inherit .");
  return [&app, options] { return run_inherit(app, *options); };
}

} // namespace packscope::tools
