// The ladder against its parts: every rung as the classifier answers alone, the cascade as learn/cascade.h climbs.
#include "learn/ladder.h"

#include "learn/cpu/backend.h"
#include "learn/cascade.h"
#include "learn/dictionary.h"
#include "learn/rung_text.h"
#include "learn/training.h"

#include <catch2/catch_test_macros.hpp>

#include <cmath>
#include <string>

using namespace packscope;
using namespace packscope::learn;

namespace {

// Streams of three languages that a letter tells apart, each with its label.
struct Made {
  std::vector<std::vector<std::uint8_t>> streams;
  std::vector<std::uint32_t> labels;
  std::vector<Source> sources;
};
Made make_streams(std::size_t count) {
  Made made;
  for (std::uint32_t i = 0; i < count; ++i) {
    std::string text;
    for (std::uint32_t line = 0; line < 12 + i % 5; ++line)
      text += std::string(1, static_cast<char>('a' + i % 3 * 9 + line % 4)) + " = " + std::to_string(i * 37 + line * (i % 7)) + ";\n";
    made.streams.push_back(compress(as_bytes(text)));
    made.labels.push_back(i % 3);
    made.sources.push_back({.inflated_size = text.size(), .packed_size = made.streams.back().size()});
  }
  for (std::size_t i = 0; i < count; ++i) made.sources[i].zlib = made.streams[i];
  return made;
}

Model train_rung(const char* rung, const Made& made, std::uint32_t epochs) {
  const Task& task = *find_task("language");
  DatasetBuilder builder(task, *find_rung(rung));
  for (std::size_t i = 0; i < made.sources.size(); ++i) builder.add(made.sources[i], task.labels[made.labels[i]], "g", i);
  const Dataset dataset = builder.take();
  std::unique_ptr<Backend> backend = cpu::make_backend(1);
  const Features features = select(dataset, side_of(dataset, {}, Side::all));
  return train(*backend, task, *find_rung(rung), features, {.hidden = {8}, .epochs = epochs, .batch = 8}).value();
}

std::vector<Model> models(const Made& made) {
  std::vector<Model> models;
  models.push_back(train_rung("R2", made, 6));
  models.push_back(train_rung("R3-16", made, 6));
  return models;
}

} // namespace

TEST_CASE("the ladder counts what its classifiers and the cascade answer, whatever the number of threads") {
  const Made made = make_streams(150);
  const std::vector<Classifier> alone = [&] {
    std::vector<Classifier> all;
    for (Model& model : models(made)) all.emplace_back(std::move(model));
    return all;
  }();
  const Cascade cascade(models(made), 0.4);
  for (const unsigned threads : {1u, 3u}) {
    Ladder ladder(*find_task("language"), models(made), {.confidence = 0.4, .threads = threads, .kept = 5});
    std::uint64_t right[3] = {}, answered[2] = {};
    Classifier::Room rooms[2] = {alone[0].room(), alone[1].room()};
    Cascade::Room room = cascade.room();
    for (std::size_t i = 0; i < made.sources.size(); ++i) {
      const Side side = i % 4 == 0 ? Side::test : Side::train, sides[3] = {side, Side::test, side};
      ladder.add(made.sources[i], deflate::BlockType::fixed, std::span(&made.labels[i], 1), sides);
      for (std::size_t model = 0; model < 2; ++model) right[model] += alone[model].answer(made.sources[i], rooms[model]).label == made.labels[i];
      const Cascade::Answer answer = cascade.answer(made.sources[i], room);
      right[2] += answer.label == made.labels[i];
      ++answered[answer.rung];
    }
    ladder.finish();
    REQUIRE(ladder.standings().size() == 3);
    for (std::size_t i = 0; i < 3; ++i)
      CHECK(ladder.standings()[i].at(Side::all, {}).accuracy() == static_cast<double>(right[i]) / 150);
    const Standing& last = ladder.standings().back();
    CHECK(last.rung() == "cascade");
    CHECK(last.answered[0] == std::vector<std::uint64_t>{answered[0], answered[1]});
    CHECK(answered[0] > 0);
    CHECK(answered[1] > 0);
    // The second rung saw none of them; what one rung of the cascade was trained on, the cascade was.
    CHECK(ladder.standings()[0].at(Side::test, deflate::BlockType::fixed).n() == 38);
    CHECK(ladder.standings()[1].at(Side::train, {}).n() == 0);
    CHECK(last.at(Side::train, {}).n() == 112);
    CHECK(last.at(Side::all, deflate::BlockType::dynamic).n() == 0);
    CHECK(ladder.kept().size() == 5);
  }
}

TEST_CASE("instructions an answer, counted twice") {
#if defined(__SANITIZE_ADDRESS__)
  SKIP("stepping through a sanitizer's instructions takes minutes");
#endif
  const Made made = make_streams(30);
  std::vector<std::optional<double>> means;
  for (int round = 0; round < 2; ++round) {
    Ladder ladder(*find_task("language"), models(made), {.kept = 4});
    for (std::size_t i = 0; i < made.sources.size(); ++i)
      ladder.add(made.sources[i], deflate::BlockType::fixed, std::span(&made.labels[i], 1), std::vector<Side>(3, Side::all));
    ladder.finish();
    ladder.measure(CostBy::steps, 4, {});
    for (const Standing& standing : ladder.standings()) {
      if (standing.cost.refused) SKIP(*standing.cost.refused);
      means.push_back(standing.cost.mean());
      CHECK(standing.cost.n() == 4);
      CHECK(standing.cost.mean(deflate::BlockType::fixed) == standing.cost.mean());
      CHECK(!standing.cost.mean(deflate::BlockType::dynamic));
    }
  }
  REQUIRE(means.size() == 6);
  // Within one process: the heap has moved, and with it a path or two in libc (perf/steps.cc), or a sanitizer's.
  for (std::size_t i = 0; i < 3; ++i) CHECK(std::abs(*means[i] - *means[i + 3]) <= 40 + *means[i] / 50);
  CHECK(*means[0] > 100);
}

TEST_CASE("a spread holds the same samples in whatever order they come") {
  Spread<int> up(10), down(10);
  for (int i = 0; i < 1000; ++i) {
    up.offer(stable_hash(std::to_string(i)), [&] { return i; });
    down.offer(stable_hash(std::to_string(999 - i)), [&] { return 999 - i; });
  }
  const std::vector<int> taken = up.take();
  CHECK(taken.size() == 10);
  CHECK(taken == down.take());
}

TEST_CASE("explained variance: all of it, none of it, nothing to explain") {
  Explained all, none, nothing;
  for (int i = 0; i < 10; ++i) {
    all.add(i, i);
    none.add(i, 4.5);
    nothing.add(3, 2);
  }
  CHECK(all.r2() == 1.0);
  CHECK(std::abs(*none.r2()) < 1e-12);
  CHECK(!nothing.r2());
}

TEST_CASE("a text is of the class whose dictionary saves it most bits; a class without texts is never said") {
  const auto bytes = [](const std::string& text) { return std::vector<std::uint8_t>(text.begin(), text.end()); };
  using Texts = std::vector<std::vector<std::vector<std::uint8_t>>>; // by class
  const Dictionaries dictionaries(Texts{{bytes("pub fn name(&self) -> Result<u32> {\n    Ok(0)\n}\n")},
                                   {},
                                   {bytes("def name(self):\n    return self.value\n\nimport sys\n")}});
  CHECK(dictionaries.answer(as_bytes(std::string_view("pub fn size(&self) -> Result<u32> {"))).label == 0);
  CHECK(dictionaries.answer(as_bytes(std::string_view("def size(self):\n    return self.other\n"))).label == 2);
  const std::vector<std::uint64_t> bits = dictionaries.bits(as_bytes(std::string_view("import sys\n")));
  CHECK(bits[1] == UINT64_MAX);
  CHECK(bits[2] < bits[0]);
  CHECK(bits[2] < 11 * 8);
  CHECK(inflate_beginning(compress(as_bytes(std::string_view("beginning and end"))), 9) == bytes("beginning"));
}

TEST_CASE("a text at hand is answered at the last rung as its stream is; where that reads streams, as zlib's stream of it") {
  const Made made = make_streams(60);
  std::vector<Model> with_text = models(made);
  with_text.push_back(train_rung("R5", made, 6));
  const Cascade ends_in_text(std::move(with_text), 0.95), streams(models(made), 0.4);
  CHECK(ends_in_text.ends_in_text());
  CHECK(!streams.ends_in_text());
  const Classifier alone(train_rung("R5", made, 6));
  Classifier::Room room = alone.room();
  Cascade::Room rooms[] = {ends_in_text.room(), streams.room()};
  for (const Source& source : made.sources) {
    std::vector<std::uint8_t> text(source.inflated_size);
    std::size_t size = 0;
    REQUIRE(inflate_prefix(source.zlib, text, size) == deflate::Fault::none);
    const Classifier::Answer whole = alone.answer(source, room);
    const Cascade::Answer said = ends_in_text.answer_text(text, source.packed_size, rooms[0]);
    CHECK(said.rung == 2);
    CHECK(said.label == whole.label);
    CHECK(said.confidence == whole.confidence);
    const Cascade::Answer climbed = streams.answer(source, rooms[1]), again = streams.answer_text(text, 0, rooms[1]);
    CHECK(again.label == climbed.label);
    CHECK(again.confidence == climbed.confidence);
  }
}
