// A model's file: everything comes back, and parts that do not belong together are refused.
#include "learn/model.h"

#include "learn/seed.h"

#include "support.h"

#include <catch2/catch_test_macros.hpp>

using namespace packscope;
using namespace packscope::learn;
using namespace packscope::test;

namespace {

Model sample_model() {
  Model model;
  model.task = "declaration3";
  model.rung = find_rung("R0");
  model.labels = {"const", "fn", "use"};
  model.shape = {{16, 5, 3}, Activation::tanh};
  model.parameters = initial_parameters(model.shape, 3);
  model.standard.mean.assign(16, 0.25f);
  model.standard.scale.assign(16, 4.0f);
  model.split = {.by = "repository", .salt = "s", .test_percent = 30};
  model.seed = 18446744073709551615u;
  model.notes = {{"corpus", "{\"samples\":8}"}};
  return model;
}

// What reading says after `change` was made to the tensors of a good model.
template <class Change>
std::string refusal_after(Change change) {
  TensorFile tensors = to_tensors(sample_model());
  change(tensors);
  const Result<Model> model = from_tensors(tensors, "w");
  return model ? "" : model.error().text();
}

} // namespace

TEST_CASE("a model comes back from its file") {
  TemporaryFolder folder;
  const Model model = sample_model();
  REQUIRE(save_model(model, folder / "w.safetensors"));
  const Result<Model> read = load_model(folder / "w.safetensors");
  REQUIRE(read);
  CHECK(read->task == model.task);
  CHECK(read->rung == model.rung);
  CHECK(read->labels == model.labels);
  CHECK(read->shape == model.shape);
  CHECK(read->parameters == model.parameters);
  CHECK(read->standard.mean == model.standard.mean);
  CHECK(read->standard.scale == model.standard.scale);
  CHECK(read->split.by == "repository");
  CHECK(read->split.salt == "s");
  CHECK(read->split.test_percent == 30);
  CHECK(read->seed == model.seed);
  CHECK(read->notes == model.notes);
}

TEST_CASE("parts that do not belong together are refused by name") {
  CHECK(refusal_after([](TensorFile&) {}).empty());
  CHECK(refusal_after([](TensorFile& f) { f.metadata.erase("format"); }) == "w: __metadata__: 'format' is missing");
  CHECK(refusal_after([](TensorFile& f) { f.metadata["rung"] = "R9"; }) == "w: __metadata__: rung: unknown");
  CHECK(refusal_after([](TensorFile& f) { f.metadata["labels"] = "[\"a\",1]"; }) ==
        "w: __metadata__: labels: not a list of texts");
  CHECK(refusal_after([](TensorFile& f) { f.metadata["labels"] = "[\"a\"]"; }) ==
        "w: labels: not as many as the last layer has units");
  CHECK(refusal_after([](TensorFile& f) { f.metadata["rung"] = "R2"; }) ==
        "w: tensor 'layers.0.weight': shape does not fit the rung");
  CHECK(refusal_after([](TensorFile& f) { f.metadata["activation"] = "sine"; }) == "w: __metadata__: activation: unknown");
  CHECK(refusal_after([](TensorFile& f) { f.metadata["split"] = "{\"by\":1}"; }) == "w: __metadata__: split: by");
  CHECK(refusal_after([](TensorFile& f) { f.metadata["seed"] = "-1"; }) == "w: __metadata__: seed: not a number");
  CHECK(refusal_after([](TensorFile& f) { f.tensors.erase("layers.0.weight"); }) ==
        "w: tensor 'layers.0.weight': missing");
  CHECK(refusal_after([](TensorFile& f) { f.tensors.erase("layers.1.bias"); }) == "w: tensor 'layers.1.bias': missing");
  CHECK(refusal_after([](TensorFile& f) { f.tensors["layers.1.weight"].shape = {5, 3}; }) ==
        "w: tensor 'layers.1.weight': shape does not fit its neighbours");
  CHECK(refusal_after([](TensorFile& f) { f.tensors["layers.1.weight"].shape = {15}; }) ==
        "w: tensor 'layers.1.weight': shape");
  CHECK(refusal_after([](TensorFile& f) { f.tensors.erase("feature.mean"); }) == "w: tensor 'feature.mean': missing");
  CHECK(refusal_after([](TensorFile& f) { f.tensors["feature.scale"] = {{2}, {1, 1}}; }) ==
        "w: tensor 'feature.scale': shape does not fit the rung");
}

TEST_CASE("a missing file and a file of something else are errors that name it") {
  TemporaryFolder folder;
  CHECK(load_model(folder / "none").error().text().starts_with(folder / "none: "));
  write_file(folder / "text", "this is not a model at all");
  CHECK(load_model(folder / "text").error().text().starts_with(folder / "text: offset 0: header size"));
}
