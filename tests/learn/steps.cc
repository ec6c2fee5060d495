// The steps of decoding as tasks: what they are asked is what the decoder does.
#include "learn/steps.h"

#include "deflate/zlib_stream.h"
#include "learn/cpu/backend.h"
#include "learn/random.h"
#include "learn/steps_samples.h"

#include <catch2/catch_test_macros.hpp>

#include <cmath>
#include <string>

using namespace packscope;
using namespace packscope::learn;

namespace {

std::vector<StepStream> make_step_streams(std::size_t count) {
  std::vector<StepStream> streams;
  for (std::size_t i = 0; i < count; ++i) {
    Random random(7, i);
    std::string text;
    for (unsigned word = 0; word < 150 + random.below(200); ++word) {
      for (unsigned letter = 0; letter < 2 + random.below(5); ++letter) text += static_cast<char>('a' + random.below(3 + static_cast<std::uint32_t>(i % 20)));
      text += word % 9 == 0 ? '\n' : ' ';
    }
    streams.push_back({.zlib = compress(as_bytes(text)), .inflated_size = text.size(), .test = i % 4 == 0});
  }
  return streams;
}

} // namespace

TEST_CASE("a step computed exactly is the label that the network is to give") {
  const std::vector<StepStream> streams = make_step_streams(12);
  const StepPlaces places = find_places(streams, {});
  for (const std::size_t step : {1u, 2u, 3u}) {
    REQUIRE(!places.train[step].empty());
    for (const StepPlace& place : places.train[step]) {
      CHECK(!streams[place.stream].test);
      CHECK(learned_steps()[step].compute(source_at(streams, places, place)) == place.labels[0]);
    }
  }
  for (const StepPlace& place : places.test[0]) {
    CHECK(streams[place.stream].test);
    CHECK(place.bit == deflate::kZlibHeaderBits);
    const unsigned final = places.headers[place.header].final ? 1 : 0;
    CHECK(learned_steps()[0].compute(source_at(streams, places, place)) ==
          final + place.labels[0] + place.labels[1] + place.labels[2] + place.labels[3]);
  }
}

TEST_CASE("a step's features fit its row, and what a step reads is of its own place") {
  const std::vector<StepStream> streams = make_step_streams(6);
  const StepPlaces places = find_places(streams, {});
  for (std::size_t step = 0; step < kLearnedSteps; ++step) {
    const Rung& rung = learned_steps()[step].rung;
    std::vector<Unit> units(rung.most_units + 8);
    std::vector<Feature> valued(rung.most_valued + 8);
    for (const StepPlace& place : places.train[step]) {
      Row row(units, valued);
      CHECK(rung.read(source_at(streams, places, place), row) == deflate::Fault::none);
      CHECK(row.units().size() <= rung.most_units);
      CHECK(row.valued().size() <= rung.most_valued);
      for (const std::uint32_t unit : row.units()) CHECK(unit < rung.width);
      for (const Feature& feature : row.valued()) CHECK(feature.index < rung.width);
    }
  }
}

TEST_CASE("header fields are learned from their bits; the figures are the same each time") {
  const std::vector<StepStream> streams = make_step_streams(160);
  std::unique_ptr<Backend> backend = cpu::make_backend(2);
  StepOptions options{.epochs = 60, .train = 600, .test = 200, .cost_objects = 2};
#if defined(__SANITIZE_ADDRESS__)
  options.cost = CostBy::none; // stepping through a sanitizer's instructions takes minutes
#endif
  unsigned epochs = 0;
  const Result<std::vector<StepFigures>> steps = learn_steps(*backend, streams, options, [&] { ++epochs; });
  REQUIRE(steps);
  CHECK(epochs == kLearnedSteps * 60);
  REQUIRE(steps->size() == 8);
  CHECK(steps->front().step == "block type");
  CHECK(*steps->front().accuracy == 1.0);
  CHECK(steps->front().may_skip);
  const StepFigures& literal = (*steps)[5];
  CHECK(literal.step == "literal/length symbol");
  CHECK(literal.classes == 286);
  CHECK(!literal.may_skip);
  if (literal.exact_instructions) CHECK(*literal.network_instructions > *literal.exact_instructions);
  const StepFigures& last = steps->back();
  CHECK(last.step == "text's histogram");
  CHECK(!last.accuracy);
  REQUIRE(last.closed_bits);
  CHECK(*last.closed_bits > 0);
  CHECK(*last.closed_bits < 1);
  const Result<std::vector<StepFigures>> again = learn_steps(*backend, streams, options);
  REQUIRE(again);
  for (std::size_t i = 0; i < steps->size(); ++i) {
    CHECK((*again)[i].accuracy == (*steps)[i].accuracy);
    CHECK((*again)[i].bits == (*steps)[i].bits);
    // Within one process: the heap has moved, and with it a path or two in libc (perf/steps.cc).
    CHECK(std::abs((*again)[i].network_instructions.value_or(0) - (*steps)[i].network_instructions.value_or(0)) <= 40);
  }
}

TEST_CASE("streams of one side alone are an error") {
  std::vector<StepStream> streams = make_step_streams(8);
  for (StepStream& stream : streams) stream.test = false;
  std::unique_ptr<Backend> backend = cpu::make_backend(1);
  const Result<std::vector<StepFigures>> steps = learn_steps(*backend, streams, {});
  REQUIRE(!steps);
  CHECK(steps.error().what.find("no place to judge") != std::string::npos);
}
