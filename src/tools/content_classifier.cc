// Texts as files without a telling name, `magika --json` over all of them at once, its labels by file.
//
//   [{"path": "7", "result": {"status": "ok", "value": {"output": {"label": "rust", …}, "score": 0.99, …}}}, …]   (1.0)
//   [{"path": "7", "output": {"ct_label": "rust", "score": 0.99, …}, …}, …]                                        (0.5)
#include "tools/content_classifier.h"

#include "base/program.h"
#include "learn/dictionary.h"
#include "perf/child.h"
#include "tools/scratch_folder.h"

#include <nlohmann/json.hpp>

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>

namespace packscope::tools {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

const Json* at(const Json& json, std::initializer_list<const char*> keys) {
  const Json* here = &json;
  for (const char* key : keys) {
    if (!here->is_object() || !here->contains(key)) return nullptr;
    here = &(*here)[key];
  }
  return here;
}

std::optional<learn::Standing::Said> read_answer(const Json& one, const learn::Task& task) {
  const Json *label = at(one, {"result", "value", "output", "label"}), *score = at(one, {"result", "value", "score"});
  if (label == nullptr) label = at(one, {"output", "ct_label"}), score = at(one, {"output", "score"});
  if (label == nullptr || !label->is_string()) return std::nullopt;
  auto found = std::ranges::find(task.labels, label->get<std::string>());
  if (found == task.labels.end()) found = std::ranges::find(task.labels, "other");
  if (found == task.labels.end()) return std::nullopt;
  return learn::Standing::Said{.label = static_cast<std::uint32_t>(found - task.labels.begin()),
                               .confidence = score != nullptr && score->is_number() ? score->get<float>() : 1.0f};
}

} // namespace

Result<learn::Standing> ask_content_classifier(const learn::Task& task, std::span<const learn::KeptSample> samples,
                                               std::uint64_t max_size) {
  if (find_program(kContentClassifier).empty()) return fail(std::string(kContentClassifier) + " is not installed: no content classifier among the peers");
  const ScratchFolder folder("texts");
  if (!folder.fine()) return fail_errno("mkdtemp", fs::temp_directory_path().string());
  std::vector<std::string> command = {kContentClassifier, "--json"};
  for (std::size_t i = 0; i < samples.size(); ++i) {
    const std::vector<std::uint8_t> text = learn::inflate_beginning(samples[i].zlib, std::min(samples[i].rest.inflated_size, max_size));
    std::ofstream(folder / std::to_string(i), std::ios::binary) << as_text(text);
    command.push_back(std::to_string(i));
  }
  const std::string answers = folder / "answers";
  const int out = ::open(answers.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (out < 0) return fail_errno("open", answers);
  const Result<perf::ChildReading> child = perf::measure_child(command, {.standard_output = out, .folder = folder.path().string()});
  ::close(out);
  if (!child) return std::unexpected(child.error());
  std::ifstream file(answers);
  const Json json = Json::parse(file, nullptr, false);
  if (!json.is_array()) return fail(std::string(kContentClassifier) + ": exit " + std::to_string(child->status) + ", no list of answers");
  std::map<std::string, std::optional<learn::Standing::Said>> by_file;
  for (const Json& one : json)
    if (const Json* path = at(one, {"path"}); path != nullptr && path->is_string())
      by_file[fs::path(path->get<std::string>()).filename().string()] = read_answer(one, task);
  const learn::KeptSample* first = samples.data();
  return learn::ask_peer(kContentClassifier, task, samples, 1, [&](const learn::KeptSample& sample) {
    return by_file[std::to_string(&sample - first)];
  });
}

} // namespace packscope::tools
