// Finding: 16 compressed bytes tell a declaration's kind. The seed's experiment again, and then what it left out:
// declarations of files that the network never saw.
#include "trace/findings/finding.h"

#include "base/text.h"
#include "learn/seed.h"
#include "trace/dataset.h"

#include <cmath>

namespace packscope::trace {
namespace {

// Accuracy on the very samples that it learned from.
Result<std::vector<learn::Confusion>> learn_by_heart(learn::Backend& backend) {
  const learn::Task& task = *learn::find_task("declaration3");
  const learn::Rung& rung = *learn::find_rung("R0");
  learn::DatasetBuilder builder(task, rung);
  for (const learn::DeclarationSample& declaration : learn::seed_declarations()) builder.add(declaration);
  const learn::Dataset dataset = builder.take();
  const learn::Features features = select(dataset, side_of(dataset, {}, learn::Side::all));
  const Result<learn::Model> model = train(backend, task, rung, features, learn::seed_plan());
  if (!model) return std::unexpected(model.error());
  return evaluate(backend, *model, features);
}

} // namespace

Result<KindNetwork> train_kind_network(const FindingsInput& input) {
  const learn::Task& task = *learn::find_task("declaration");
  const learn::Rung& rung = *learn::find_rung("R0");
  learn::DatasetBuilder builder(task, rung, learn::DatasetBuilder::Keep::streams);
  const Result<void> read = for_each_declaration(input.trace, [&](const TracedDeclaration& declaration) {
    builder.add(learn::DeclarationSample{.text = {declaration.text.begin(), declaration.text.end()},
                                         .kind = declaration.kind,
                                         .item = declaration.item,
                                         .group = declaration.path.empty() ? declaration.object : declaration.path});
  });
  if (!read) return std::unexpected(read.error());
  Result<learn::Chosen> chosen = learn::choose_backend(learn::BackendKind::cpu, 1);
  if (!chosen) return std::unexpected(chosen.error());
  KindNetwork network{std::move(chosen->backend), builder.take(), {}, {}};
  const learn::Features seen =
      select(network.dataset, side_of(network.dataset, network.split, learn::Side::train));
  if (seen.size() == 0) return fail("the trace has no declarations to learn from", input.trace);
  learn::Plan plan = learn::seed_plan();
  plan.batch = 128; // the seed's is all of its eight
  Result<learn::Model> model = train(*network.backend, task, rung, seen, plan);
  if (!model) return std::unexpected(model.error());
  network.model = std::move(*model);
  return network;
}

Result<void> find_kinds(const Result<KindNetwork>& network, Finding& out) {
  out.id = "kind-from-16-bytes";
  out.claim = "A small network tells the kind of a declaration from its first 16 compressed bytes";
  out.theirs_text = "learned: 8 samples, 100 epochs, none held out";
  out.unit = "accuracy on held-out files";
  if (!network) return std::unexpected(network.error());
  const Result<std::vector<learn::Confusion>> by_heart = learn_by_heart(*network->backend);
  if (!by_heart) return std::unexpected(by_heart.error());
  const learn::Confusion* heart = &by_heart->front();
  const learn::Features unseen = select(network->dataset, side_of(network->dataset, network->split, learn::Side::test));
  const std::string trained = percent(heart->accuracy()) + " of the seed's " + std::to_string(heart->n()) +
                              " declarations, all trained on (16→32→3, 100 epochs)";
  if (unseen.size() == 0) return fail("no file of the trace is held out; " + trained);
  const Result<std::vector<learn::Confusion>> unseen_figures = evaluate(*network->backend, network->model, unseen);
  if (!unseen_figures) return std::unexpected(unseen_figures.error());
  const learn::Confusion* held_out = &unseen_figures->front();

  const double accuracy = held_out->accuracy(), majority = held_out->majority();
  const double error = std::sqrt(accuracy * (1 - accuracy) / static_cast<double>(held_out->n()));
  std::size_t files = 0;
  for (const std::string& group : network->dataset.groups) files += network->split.is_test(group);
  out.ours = accuracy;
  out.verdict = heart->accuracy() < 1 || accuracy <= majority + 2 * error ? Verdict::does_not_hold
                : accuracy >= 0.9                                         ? Verdict::holds
                                                                          : Verdict::in_part;
  out.why = "learned by heart: " + trained + ". Held out: " + percent(accuracy) + " (± " + percent(error) +
            ", macro-F1 " + figure(held_out->macro_f1()) + ") of " + human_count(held_out->n()) + " declarations in " +
            human_count(files) + " files the network never saw; saying the commonest kind always: " + percent(majority) +
            ". Network " + network->model.shape.text() + ", 100 epochs on the " +
            human_count(network->dataset.samples.size() - held_out->n()) +
            " declarations of our other files, each compressed alone. Holds from 90 % on held-out files, in part if above "
            "the majority by more than two standard errors.";
  return {};
}

} // namespace packscope::trace
