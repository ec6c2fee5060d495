// ast_classifier as its users run it: the seed's experiment, train, eval and predict over a repository that git made.
#include "pack/builder.h"
#include "records.h"

#include <catch2/catch_test_macros.hpp>
#include <nlohmann/json.hpp>

#include <sstream>


using namespace packscope::test;
using Json = nlohmann::json;

namespace {

std::string classifier(const std::string& arguments) { return kProgram + " ast_classifier " + arguments; }

// Forty files in four languages; every tenth has an older version, so that the pack holds deltas.
std::string make_forty_files(const TemporaryFolder& folder) {
  const std::string path = folder / "repo";
  const auto write = [&](int version) {
    for (int i = 0; i < 40; ++i) {
      if (version > 0 && i % 10 != 0) continue;
      std::string text;
      for (int line = 0; line < 60; ++line) {
        const std::string n = std::to_string(i * 100 + line), v = std::to_string(line == 30 ? version : 0);
        text += i % 4 == 0   ? "int field_" + n + " = value(" + v + "); /* c */\n"
                : i % 4 == 1 ? "pub fn item_" + n + "() -> u32 { let x = " + v + "; x }\n"
                : i % 4 == 2 ? "def method_" + n + "(self):\n    return " + v + "\n"
                             : "# Heading " + n + "\n\nSome words of prose, " + v + " of them.\n";
      }
      static const char* const kEndings[] = {".c", ".rs", ".py", ".md"};
      write_file(path + "/file" + std::to_string(i) + kEndings[i % 4], text);
    }
    must_run("cd " + path + " && git add -A && git commit -qm v" + std::to_string(version));
  };
  must_run("mkdir " + path + " && git init -q " + path);
  // Only the files with two versions may become deltas: the texts are so alike that all would.
  write_file(path + "/.git/info/attributes", "* -delta\nfile*0.* delta\n");
  write(0);
  write(1);
  must_run("cd " + path + " && git repack -qadf --depth=10");
  return path;
}

// Weights that answer something.
std::string make_model(const TemporaryFolder& folder) {
  const std::string model = folder / "w.safetensors";
  must_run(classifier("train --backend cpu --task language --rung R3-16 --hidden 4 --epochs 1 --history -q --json -o ") +
           model + " " + make_forty_files(folder));
  return model;
}

} // namespace

TEST_CASE("the seed's experiment: eight of eight, no claim beyond, the same bytes each time and under any name") {
  const std::string text = must_run(classifier("--backend cpu 2>/dev/null"));
  CHECK(text.find("8 of 8 right: these are the samples it was trained on, nothing was held out") != std::string::npos);
  CHECK(must_run(kProgram + " ast-classifier train --backend cpu --threads 3 2>/dev/null") == text);
  CHECK(must_run("PACKSCOPE_CPU=baseline " + classifier("--backend cpu 2>/dev/null")) == text);
  const std::vector<Json> all = records(must_run(classifier("--json -q")));
  REQUIRE(all.size() == 8);
  for (const Json& one : all) CHECK(one["expected"] == one["predicted"]);
  CHECK(must_run(classifier("2>&1 >/dev/null")).starts_with("packscope: backend: "));
}

TEST_CASE("wrong usage is exit code 2 and says what to do") {
  const auto says = [](const std::string& arguments, const std::string& what) {
    const Ran ran = run(classifier(arguments) + " 2>&1 >/dev/null");
    CHECK(ran.status == 2);
    INFO(ran.output);
    CHECK(ran.output.find(what) != std::string::npos);
  };
  const Ran none = run("PACKSCOPE_MODELS=/nowhere " + classifier("predict . 2>&1"));
  CHECK(none.status == 1);
  CHECK(none.output == "packscope: /nowhere: no weights for task language there (PACKSCOPE_MODELS names another place; packscope "
                       "ast_classifier train makes some)\n");
  says("train --rung R0 -o w .", "--task is missing; there are declaration3, declaration10, declaration, declaration-in-place, language");
  says("train --task language -o w .", "--rung is missing; there are R0, R0-bits, sizes, R1, R2");
  says("train --task language --rung R9 -o w .", "no rung 'R9'");
  says("train --task language --rung R2 .", "-o W.safetensors is missing");
  says("train --task language --rung R2 -o w", "PATH is missing");
  says("predict --task declaration .", "predict answers for whole blobs");
  const Ran cuda = run(classifier("--backend cuda 2>&1"));
  CHECK((cuda.status == 0 || (cuda.status == 2 && cuda.output.find("--backend cuda: ") != std::string::npos)));
}

TEST_CASE("train, eval and predict languages of a repository") {
  TemporaryFolder folder;
  const std::string repository = make_forty_files(folder), model = folder / "w.safetensors";
  const std::string train = classifier("train --backend cpu --task language --rung R3-16 --hidden 16 --epochs 40 --batch 8 --history -q -o ");
  const std::vector<Json> trained = records(must_run(train + model + " --json " + repository));
  REQUIRE(trained.size() == 3);
  CHECK(trained[0]["split"] == "validation");
  CHECK(trained[1]["split"] == "train");
  CHECK(trained[1]["accuracy"] == 1.0);
  CHECK(trained[2]["split"] == "test");
  CHECK(trained[2]["n"] > 0);

  // The same command, another number of threads: the same weights.
  must_run(train + folder.path() + "/again --threads 3 " + repository);
  CHECK(read_file(folder / "again") == read_file(model));

  // eval finds the split again from the model's file.
  for (const char* split : {"train", "test"}) {
    const std::vector<Json> measured = records(must_run(
        classifier("eval --backend cpu --history -q --json --split " + std::string(split) + " --model " + model + " " + repository)));
    REQUIRE(measured.size() == 1);
    CHECK(measured[0] == trained[split == std::string("test") ? 2 : 1]);
  }

  // predict: every blob of the pack, deltas by their base.
  const std::vector<Json> said =
      records(must_run(classifier("predict --all-objects -q --json --model " + model + " " + repository)));
  const std::string listed = must_run("cd " + repository + " && git cat-file --batch-all-objects --batch-check='%(objecttype) "
                                      "%(objectname) %(deltabase)' | grep ^blob | sort -k2");
  std::map<std::string, bool> delta_of;
  std::istringstream lines(listed);
  for (std::string type, id, base; lines >> type >> id >> base;) delta_of[id] = base.find_first_not_of('0') != base.npos;
  REQUIRE(said.size() == delta_of.size());
  int inherited = 0;
  for (const Json& one : said) {
    CHECK(one["repo"] == "repo");
    CHECK(one["rung"] == "R3-16");
    CHECK(one["path"].is_null());
    REQUIRE(delta_of.contains(one["object"]));
    CHECK(one["inherited"] == delta_of[one["object"]]);
    inherited += one["inherited"] == true;
  }
  CHECK(inherited > 0);

  // With --history, the commits of each (object, path).
  const std::string first = must_run("git -C " + repository + " rev-parse HEAD~1").substr(0, 40);
  const std::string last = must_run("git -C " + repository + " rev-parse HEAD").substr(0, 40);
  const std::vector<Json> versions =
      records(must_run(classifier("predict --history -q --json --model " + model + " " + repository)));
  CHECK(versions.size() == delta_of.size());
  std::map<std::pair<std::string, std::string>, int> spans;
  for (const Json& one : versions) ++spans[{one["first_commit"], one["last_commit"]}];
  CHECK(spans == std::map<std::pair<std::string, std::string>, int>{
                     {{first, first}, 4}, {{first, last}, 36}, {{last, last}, 4}});

  // With paths, the labels are those of the endings.
  int right = 0, n = 0;
  for (const Json& one : records(must_run(classifier("predict -q --json --model " + model + " " + repository)))) {
    const std::string path = one["path"], label = one["label"];
    const std::string ending = path.substr(path.rfind('.') + 1);
    right += label == (ending == "rs" ? "rust" : ending == "py" ? "python" : ending == "md" ? "markdown" : ending);
    ++n;
  }
  CHECK(n == 40);
  CHECK(right >= 38);
}

TEST_CASE("predict --all-objects: each blob once, packed twice or loose; a table that no terminal obeys") {
  TemporaryFolder folder;
  const std::string model = make_model(folder), path = folder / "two";
  must_run("git init -q " + path + " && cd " + path + " && echo 'int a;' >a.c && git add . && git commit -qm a && "
           "git repack -qd && touch .git/objects/pack/$(ls .git/objects/pack | grep pack$ | sed s/pack$/keep/) && "
           "echo 'int b;' >\"$(printf 'b\\033[1m.c')\" && git add . && git commit -qm b && "
           "git rev-list --objects --all | git pack-objects -q .git/objects/pack/pack >/dev/null && git prune-packed && "
           "echo 'int c;' >c.c && git add . && git commit -qm c");
  const std::string predict = classifier("predict -q --model " + model + " " + path);
  std::vector<std::string> said;
  unsigned loose = 0;
  for (const Json& one : records(must_run(predict + " --all-objects --json"))) {
    said.push_back(one["object"]);
    loose += one["offset"].is_null();
  }
  std::sort(said.begin(), said.end());
  CHECK(said == lines(must_run("cd " + path + " && git cat-file --batch-all-objects --batch-check='%(objecttype) "
                               "%(objectname)' | sed -n 's/^blob //p' | sort")));
  CHECK(loose == 1);
  const std::string table = must_run(predict);
  CHECK(table.find('\033') == table.npos);
  CHECK(table.find("b\\x1b[1m.c") != table.npos);
}

TEST_CASE("predict says how much a partial clone lacks") {
  TemporaryFolder folder;
  const std::string model = make_model(folder), partial = folder / "partial.git";
  must_run("cd " + (folder / "repo") + " && git config uploadpack.allowFilter true && git clone -q --bare "
           "--filter=blob:none file://" + (folder / "repo") + " " + partial);
  const std::string predict = classifier("predict --model " + model + " " + partial + " 2>&1 >/dev/null");
  CHECK(must_run(predict).find("partial.git: 40 objects that a partial or shallow clone may lack\n") != std::string::npos);
  CHECK(must_run(predict + " -q").empty());
}

TEST_CASE("eval of nothing prints no figures; train refuses where it cannot write, and its own input") {
  TemporaryFolder folder;
  const std::string model = make_model(folder), repository = folder / "repo";
  const Ran none = run(classifier("eval -q --json --model " + model + " " + (folder / "none") + " 2>/dev/null"));
  CHECK(none.status == 1);
  CHECK(none.output.empty());
  const std::string train = classifier("train -q --task language --rung R3-16 --epochs 1 -o ");
  const Ran nowhere = run(train + (folder / "no/such/w ") + repository + " 2>&1");
  CHECK(nowhere.status == 1);
  CHECK(nowhere.output.starts_with("packscope: " + (folder / "no/such/w") + ": create: "));
  const std::string pack = pack_of(repository), before = read_file(pack);
  CHECK(run(train + pack + " " + pack + " 2>/dev/null").status == 2);
  CHECK(read_file(pack) == before);
}

TEST_CASE("a file that is no model is one line and exit code 1") {
  TemporaryFolder folder;
  write_file(folder / "w", "no model");
  const Ran ran = run(classifier("predict --model " + (folder / "w") + " " + folder.path() + " 2>&1"));
  CHECK(ran.status == 1);
  CHECK(ran.output.find("w: offset 0: header size") != std::string::npos);
}

TEST_CASE("predict: deltas in a circle are a line each, the rest is answered") {
  TemporaryFolder folder;
  const std::string model = make_model(folder), path = folder / "circle";
  const ObjectId a = blob_id("a"), b = blob_id("b");
  must_run("git init -q " + path + " && cd " + path + " && printf a >a.c && printf b >b.c && echo 'int c;' >c.c && "
           "git add . && git commit -qm circle");
  for (const ObjectId& id : {a, b})
    must_run("rm -f " + path + "/.git/objects/" + id.hex().substr(0, 2) + "/" + id.hex().substr(2));
  PackBuilder pack;
  const std::uint64_t first = pack.ref_delta(b, appending_delta(3, "x"));
  const std::uint64_t second = pack.ref_delta(a, appending_delta(3, "x"));
  write_file(path + "/.git/objects/pack/p.pack", pack.finish());
  write_file(path + "/.git/objects/pack/p.idx", make_index({{a, first}, {b, second}}, pack.finish()));
  for (const std::string scope : {"--tips", "--all-objects"}) {
    const Ran ran = run("timeout 60 " + classifier("predict -q --json " + scope + " --model " + model + " " + path) +
                        " 2>" + (folder / "stderr"));
    CHECK(ran.status == 1);
    REQUIRE(records(ran.output).size() == 1);
    const std::vector<std::string> errors = lines(read_file(folder / "stderr"));
    REQUIRE(errors.size() == 2);
    for (const std::string& error : errors) CHECK(error.find("REF_DELTA base id leads back") != std::string::npos);
  }
}

namespace {

std::string text_of(const std::string& language, int lines, int from = 0) {
  std::string text;
  for (int line = from; line < from + lines; ++line) {
    const std::string n = std::to_string(line);
    text += language == "c" ? "int field_" + n + " = value(" + n + "); /* c */\n" : "def method_" + n + "(self):\n    return " + n + "\n";
  }
  return text;
}

// Instructions that take nothing from the base but its first byte, at most 65,535 of the result's.
std::string replacing_delta(std::uint64_t base_size, const std::string& text) {
  std::string delta = delta_size(base_size) + delta_size(text.size() + 1) + std::string("\x91\x00\x01", 3);
  for (std::size_t at = 0; at < text.size(); at += 100) {
    const std::string piece = text.substr(at, 100);
    delta += static_cast<char>(piece.size()) + piece;
  }
  return delta;
}

// A lone pack: C, upon it Python, upon that a little more; then the Python as it is.
struct Chain {
  std::string path, whole;
  std::uint64_t offsets[4];
  explicit Chain(const TemporaryFolder& folder, bool broken = false) {
    const std::string c = text_of("c", 100), python = text_of("python", 40);
    PackBuilder pack;
    offsets[0] = pack.object(ObjectType::blob, c);
    whole = "i" + python;
    const std::string delta = replacing_delta(c.size(), python);
    if (broken)
      offsets[1] = pack.raw(entry_head(6, delta.size()) + ofs_distance(pack.bytes.size() - offsets[0]) + deflated(delta.substr(9)));
    else
      offsets[1] = pack.ofs_delta(offsets[0], delta);
    offsets[2] = pack.ofs_delta(offsets[1], appending_delta(whole.size(), "#"));
    offsets[3] = pack.object(ObjectType::blob, whole);
    path = folder / "chain.pack";
    write_file(path, pack.finish());
  }
};

std::string train_text(const TemporaryFolder& folder, const std::string& rung) {
  const std::string model = folder / (rung + ".safetensors");
  must_run(classifier("train --backend cpu --task language --rung " + rung + " --hidden 16 --epochs 30 --batch 8 --history -q --json -o ") +
           model + " " + (folder / "repo"));
  return model;
}

} // namespace

TEST_CASE("predict: a delta in doubt is answered by its own text, a version that hardly differs by that one's answer") {
  TemporaryFolder folder;
  make_forty_files(folder);
  const Chain chain(folder);
  for (const std::string rung : {"R5", "R3-16"}) {
    const std::string predict = classifier("predict -q --json --model " + train_text(folder, rung) + " " + chain.path);
    const std::vector<Json> said = records(must_run(predict + " --doubt 1"));
    REQUIRE(said.size() == 4);
    for (std::size_t i = 0; i < 4; ++i) CHECK(said[i]["offset"] == chain.offsets[i]);
    CHECK(said[0]["label"] == "c");
    for (const std::size_t i : {1, 2, 3}) {
      CHECK(said[i]["label"] == "python");
      CHECK(said[i]["rung"] == rung);
      CHECK(said[i]["inherited"] == (i == 2));
    }
    if (rung == "R3-16") CHECK(said[1]["confidence"] == said[3]["confidence"]); // the very stream
    for (const std::string threads : {"1", "3"}) CHECK(records(must_run(predict + " --doubt 1 --threads " + threads)) == said);

    const std::vector<Json> inherited = records(must_run(predict + " --doubt 0"));
    REQUIRE(inherited.size() == 4);
    for (const std::size_t i : {1, 2}) {
      CHECK(inherited[i]["label"] == "c");
      CHECK(inherited[i]["inherited"] == true);
    }
    CHECK(records(must_run(predict)) == inherited); // which is what is done without being told
  }
}

TEST_CASE("predict: a delta in doubt that is broken is one line; what stands on it inherits, the others are answered") {
  TemporaryFolder folder;
  make_forty_files(folder);
  const Chain chain(folder, true);
  const Ran ran = run(classifier("predict -q --json --doubt 1 --model " + train_text(folder, "R5") + " " + chain.path) + " 2>" + (folder / "stderr"));
  CHECK(ran.status == 1);
  const std::vector<std::string> errors = lines(read_file(folder / "stderr"));
  REQUIRE(errors.size() == 1);
  CHECK(errors[0].find("chain.pack: offset " + std::to_string(chain.offsets[1])) != std::string::npos);
  const std::vector<Json> said = records(ran.output);
  REQUIRE(said.size() == 3);
  CHECK(said[1]["offset"] == chain.offsets[2]);
  CHECK(said[1]["label"] == said[0]["label"]);
  CHECK(said[1]["inherited"] == true);
  CHECK(said[2]["label"] == "python");
}
