// Model to tensors and back.
#include "learn/model.h"

#include "base/mapped_file.h"
#include "base/output_file.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <bit>
#include <cmath>

namespace packscope::learn {
namespace {

using Json = nlohmann::json;
constexpr std::string_view kFormat = "packscope-model-1";

std::string weight_name(std::size_t layer) { return "layers." + std::to_string(layer) + ".weight"; }
std::string bias_name(std::size_t layer) { return "layers." + std::to_string(layer) + ".bias"; }

// Reads one field after the other; the first that is wrong stays as the error.
class TensorReader {
public:
  TensorReader(const TensorFile& tensors, std::string_view file) : tensors_(tensors), file_(file) {}

  const std::string& text(const std::string& key) {
    static const std::string kNone;
    const auto at = tensors_.metadata.find(key);
    if (at != tensors_.metadata.end()) return at->second;
    wrong("__metadata__: '" + key + "' is missing");
    return kNone;
  }
  Json json(const std::string& key) {
    Json value = Json::parse(text(key), nullptr, false);
    if (value.is_discarded()) wrong("__metadata__: '" + key + "' is not JSON");
    return value;
  }
  const Tensor& tensor(const std::string& name, std::size_t dimensions) {
    static const Tensor kNone{{1, 1}, {0.0f}};
    const auto at = tensors_.tensors.find(name);
    if (at != tensors_.tensors.end() && at->second.shape.size() == dimensions && !at->second.values.empty())
      return at->second;
    wrong("tensor '" + name + "': " + (at == tensors_.tensors.end() ? "missing" : "shape"));
    return kNone;
  }
  void wrong(std::string what) {
    if (error_.what.empty()) error_ = {std::move(what), file_, {}};
  }
  void require(bool fine, const char* what) {
    if (!fine) wrong(what);
  }
  const Error* error() const { return error_.what.empty() ? nullptr : &error_; }

private:
  const TensorFile& tensors_;
  const std::string file_;
  Error error_;
};

std::vector<std::string> read_labels(TensorReader& reader) {
  std::vector<std::string> labels;
  const Json json = reader.json("labels");
  reader.require(json.is_array() && !json.empty(), "__metadata__: labels: not a list of texts");
  for (const Json& label : json) {
    if (label.is_string()) labels.push_back(label.get<std::string>());
    else reader.wrong("__metadata__: labels: not a list of texts");
  }
  return labels;
}

Split read_split(TensorReader& reader) {
  Split split;
  const Json json = reader.json("split");
  const auto text = [&](const char* key, std::string& out) {
    if (json.is_object() && json.contains(key) && json[key].is_string()) out = json[key].get<std::string>();
    else reader.wrong(std::string("__metadata__: split: ") + key);
  };
  text("by", split.by);
  text("salt", split.salt);
  if (json.is_object() && json.contains("test_percent") && json["test_percent"].is_number_unsigned())
    split.test_percent = static_cast<std::uint32_t>(std::min<std::uint64_t>(json["test_percent"].get<std::uint64_t>(), 100));
  else reader.wrong("__metadata__: split: test_percent");
  return split;
}

void read_layers(TensorReader& reader, const TensorFile& tensors, Model& model) {
  std::size_t count = 0;
  while (tensors.tensors.contains(weight_name(count))) ++count;
  reader.require(count > 0, "tensor 'layers.0.weight': missing");
  for (std::size_t i = 0; i < count; ++i) {
    const Tensor& weight = reader.tensor(weight_name(i), 2);
    const Tensor& bias = reader.tensor(bias_name(i), 1);
    if (reader.error() != nullptr) return;
    if (weight.shape[0] > UINT32_MAX || weight.shape[1] > UINT32_MAX || bias.shape[0] != weight.shape[0] ||
        (i > 0 && weight.shape[1] != model.shape.widths.back()))
      return reader.wrong("tensor '" + weight_name(i) + "': shape does not fit its neighbours");
    if (i == 0) model.shape.widths.push_back(static_cast<std::uint32_t>(weight.shape[1]));
    model.shape.widths.push_back(static_cast<std::uint32_t>(weight.shape[0]));
    model.parameters.insert(model.parameters.end(), weight.values.begin(), weight.values.end());
    model.parameters.insert(model.parameters.end(), bias.values.begin(), bias.values.end());
  }
}

// "questions": [2, 2, 9], classes of each; not there: one question.
void read_questions(TensorReader& reader, const TensorFile& tensors, Model& model) {
  if (!tensors.metadata.contains("questions")) return;
  const Json json = reader.json("questions");
  std::uint64_t classes = 0;
  for (const Json& size : json) {
    if (!size.is_number_unsigned() || size.get<std::uint64_t>() == 0 || size.get<std::uint64_t>() > UINT32_MAX)
      return reader.wrong("__metadata__: questions: not a list of numbers");
    model.shape.heads.push_back(size.get<std::uint32_t>());
    classes += model.shape.heads.back();
  }
  reader.require(json.is_array() && !model.shape.widths.empty() && classes == model.shape.classes(),
                 "__metadata__: questions: do not share out the last layer");
}

Result<Model> model_with_notes(const TensorReader& reader, const TensorFile& tensors, Model model) {
  if (reader.error() != nullptr) return std::unexpected(*reader.error());
  for (const char* note : {"training", "corpus", "figures"})
    if (const auto at = tensors.metadata.find(note); at != tensors.metadata.end()) model.notes.insert(*at);
  return model;
}

} // namespace

TensorFile to_tensors(const Model& model) {
  TensorFile file;
  const std::vector<Layer> all = layers(model.shape);
  const bool brief = !model.rung->standardised;
  const auto part = [&](std::size_t at, std::size_t count) {
    return std::vector<float>(model.parameters.begin() + static_cast<std::ptrdiff_t>(at),
                              model.parameters.begin() + static_cast<std::ptrdiff_t>(at + count));
  };
  for (std::size_t i = 0; i < all.size(); ++i) {
    file.tensors[weight_name(i)] = {{all[i].outputs, all[i].inputs}, part(all[i].weight, all[i].bias - all[i].weight), brief};
    file.tensors[bias_name(i)] = {{all[i].outputs}, part(all[i].bias, all[i].outputs)};
  }
  if (!brief) {
    file.tensors["feature.mean"] = {{model.standard.mean.size()}, model.standard.mean};
    file.tensors["feature.scale"] = {{model.standard.scale.size()}, model.standard.scale};
  }
  file.metadata = model.notes;
  file.metadata["format"] = kFormat;
  file.metadata["task"] = model.task;
  file.metadata["rung"] = model.rung->name;
  file.metadata["features"] = model.rung->description;
  file.metadata["labels"] = Json(model.labels).dump();
  if (!model.shape.heads.empty()) file.metadata["questions"] = Json(model.shape.heads).dump();
  file.metadata["temperature"] = Json(std::round(static_cast<double>(model.temperature) * 1000) / 1000).dump();
  file.metadata["activation"] = name(model.shape.activation);
  file.metadata["seed"] = std::to_string(model.seed);
  file.metadata["split"] =
      Json{{"by", model.split.by}, {"salt", model.split.salt}, {"test_percent", model.split.test_percent}}.dump();
  return file;
}

Result<Model> from_tensors(const TensorFile& tensors, std::string_view file) {
  TensorReader reader(tensors, file);
  Model model;
  reader.require(reader.text("format") == kFormat, "__metadata__: format: not packscope-model-1");
  model.task = reader.text("task");
  model.rung = find_rung(reader.text("rung"));
  reader.require(model.rung != nullptr, "__metadata__: rung: unknown");
  model.labels = read_labels(reader);
  reader.require(parse_activation(reader.text("activation"), model.shape.activation), "__metadata__: activation: unknown");
  const std::string& seed = reader.text("seed");
  const Json number = Json::parse(seed, nullptr, false);
  reader.require(number.is_number_unsigned(), "__metadata__: seed: not a number");
  if (number.is_number_unsigned()) model.seed = number.get<std::uint64_t>();
  model.split = read_split(reader);
  read_layers(reader, tensors, model);
  read_questions(reader, tensors, model);
  const Json temperature = reader.json("temperature");
  reader.require(temperature.is_number() && temperature.get<double>() >= 0.01 && temperature.get<double>() <= 100,
                 "__metadata__: temperature: not a number from 0.01 to 100");
  if (reader.error() != nullptr) return std::unexpected(*reader.error());
  model.temperature = temperature.get<float>();
  reader.require(model.shape.classes() == model.labels.size(), "labels: not as many as the last layer has units");
  reader.require(model.shape.inputs() == model.rung->width, "tensor 'layers.0.weight': shape does not fit the rung");
  if (!model.rung->standardised) return model_with_notes(reader, tensors, std::move(model));
  model.standard = {reader.tensor("feature.mean", 1).values, reader.tensor("feature.scale", 1).values};
  reader.require(model.standard.mean.size() == model.rung->width, "tensor 'feature.mean': shape does not fit the rung");
  reader.require(model.standard.scale.size() == model.rung->width, "tensor 'feature.scale': shape does not fit the rung");
  return model_with_notes(reader, tensors, std::move(model));
}

void round_weights(Model& model) {
  if (model.rung->standardised) return;
  for (const Layer& layer : layers(model.shape))
    for (std::size_t i = layer.weight; i < layer.bias; ++i) {
      const std::uint32_t bits = std::bit_cast<std::uint32_t>(model.parameters[i]);
      model.parameters[i] = std::bit_cast<float>((bits + 0x7fff + (bits >> 16 & 1)) & 0xffff0000u); // to nearest, ties to even
    }
}

Result<Model> load_model(const std::string& path) {
  Result<MappedFile> file = MappedFile::open(path);
  if (!file) return std::unexpected(file.error());
  Result<TensorFile> tensors = parse_tensors(file->bytes(), path);
  if (!tensors) return std::unexpected(tensors.error());
  return from_tensors(*tensors, path);
}

Result<void> save_model(const Model& model, const std::string& path) {
  return write_whole(path, serialise_tensors(to_tensors(model)));
}

} // namespace packscope::learn
