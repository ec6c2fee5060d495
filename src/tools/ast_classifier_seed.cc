// ast_classifier without a path: the experiment this project grew from (learn/seed.h), reported for what it is.
#include "learn/seed.h"
#include "tools/ast_classifier.h"

#include <cstdio>
#include <sstream>

namespace packscope::tools {
namespace {

// "fn add(a: i32, b: i32) -> i32 { a + b }": the text on one line.
std::string one_line(Bytes text) {
  std::istringstream words{std::string(as_text(text))};
  std::string line;
  for (std::string word; words >> word;) line += (line.empty() ? "" : " ") + word;
  return line;
}

std::string format(const char* pattern, auto... values) {
  char text[400];
  std::snprintf(text, sizeof text, pattern, values...);
  return text;
}

} // namespace

int run_seed(const ClassifierOptions& options) {
  Report report;
  report.quiet = options.read.quiet;
  const std::unique_ptr<learn::Backend> backend = open_backend(options, report);
  if (backend == nullptr) return kExitUsage;
  const learn::Task& task = *learn::find_task("declaration3");
  const learn::Rung& rung = *learn::find_rung("R0");
  const std::vector<learn::DeclarationSample> declarations = learn::seed_declarations();
  learn::DatasetBuilder builder(task, rung);
  for (const learn::DeclarationSample& declaration : declarations) builder.add(declaration);
  const learn::Dataset dataset = builder.take();
  const learn::Features features = select(dataset, side_of(dataset, {}, learn::Side::all));
  const learn::Plan plan = learn::seed_plan();
  const bool json = options.read.json;

  Output output;
  if (!json)
    output.write(format("%zu Rust declarations, each compressed alone (zlib, level 6): the first 16 bytes of each DEFLATE "
                        "stream\nnetwork 16→32→3, Adam, %u epochs\n",
                        features.size(), plan.epochs));
  const Result<learn::Model> model =
      train(*backend, task, rung, features, plan, [&](std::uint32_t epoch, const learn::EpochResult& result) {
        if (!json && (epoch == 1 || epoch % 20 == 0))
          output.write(format("epoch %3u  loss %.4f  right %llu of %zu\n", epoch, result.loss,
                              static_cast<unsigned long long>(result.correct), features.size()));
      });
  if (!model) return report.error(model.error()), report.exit_code();
  const Result<std::vector<float>> said = predict(*backend, *model, features.rows);
  if (!said) return report.error(said.error()), report.exit_code();

  if (!json) output.write("\nexpected  predicted  confidence  source\n");
  std::size_t right = 0;
  for (std::size_t i = 0; i < features.size(); ++i) {
    const std::span<const float> row = std::span(*said).subspan(i * task.labels.size(), task.labels.size());
    const std::uint32_t predicted = learn::best(row);
    right += predicted == features.labels[i];
    const std::string &expected = task.labels[features.labels[i]], &answer = task.labels[predicted];
    const std::string source = one_line(declarations[i].text);
    if (json) {
      JsonWriter record;
      record.begin_object().field("source", source).field("expected", expected).field("predicted", answer);
      record.field("confidence", static_cast<double>(row[predicted])).field("split", "train").end_object();
      output.line(record);
    } else {
      output.write(format("%-9s %-10s %.3f       %s\n", expected.c_str(), answer.c_str(),
                          static_cast<double>(row[predicted]), source.c_str()));
    }
  }
  if (!json)
    output.write(format("\n%zu of %zu right: these are the samples it was trained on, nothing was held out. They show that "
                        "the bytes can\nbe learned by heart, not how other declarations would fare; `train` with a PATH "
                        "measures that on held-out files.\n",
                        right, features.size()));
  if (!output.finish(report)) return report.exit_code();
  return right == features.size() ? kExitOk : kExitPartial;
}

std::function<int()> configure_seed(CLI::App& app) {
  auto options = std::make_shared<ClassifierOptions>();
  options->read.threads = 1; // eight samples: nothing to share
  app.add_option("--backend", options->backend, "What trains: auto, cpu or cuda")
      ->check(CLI::IsMember({"auto", "cpu", "cuda"}));
  app.add_flag("--json", options->read.json, "JSON Lines: one record a declaration");
  app.add_flag("--quiet,-q", options->read.quiet, "No note of the backend");
  return [options] { return run_seed(*options); };
}

} // namespace packscope::tools
