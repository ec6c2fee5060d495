// packscope stat as a user runs it, against git cat-file; and packs that only --verify finds wrong.
#include "pack/builder.h"

#include <catch2/catch_test_macros.hpp>
#include <nlohmann/json.hpp>

using namespace packscope;
using namespace packscope::test;
using Json = nlohmann::json;

namespace {

struct Stat {
  int status;
  std::vector<Json> objects, packs; // records
  std::vector<std::string> errors;  // lines of stderr
};

Stat told(const TemporaryFolder& folder, const std::string& arguments) {
  const Ran ran =
      run(PACKSCOPE_PROGRAM " stat --json --no-progress " + arguments + " 2>" + (folder / "stderr"));
  Stat result = {ran.status, {}, {}, lines(read_file(folder / "stderr"))};
  for (const std::string& line : lines(ran.output)) {
    const Json record = Json::parse(line);
    (record.contains("objects") ? result.packs : result.objects).push_back(record);
  }
  return result;
}

// A repository with two packs and loose objects.
std::string mixed_repository(const TemporaryFolder& folder) {
  const std::string path = make_repository(folder / "mixed", 10);
  must_run("cd " + path +
           " && git rev-list --objects HEAD~6 | git pack-objects -q .git/objects/pack/pack >/dev/null && "
           "git rev-list --objects HEAD~3 | git pack-objects -q --depth=250 .git/objects/pack/pack "
           ">/dev/null && git prune-packed");
  return path;
}

} // namespace

TEST_CASE("objects of a repository are git's, whatever the threads", "[stat]") {
  TemporaryFolder folder;
  const std::string path = mixed_repository(folder);
  const std::string wanted =
      must_run("git -C " + path + " cat-file --batch-all-objects --batch-check | sort -u");
  for (const std::string mode : {"", "--decode ", "--verify "}) {
    const Stat stats = told(folder, "--objects " + mode + path);
    CHECK(stats.status == 0);
    CHECK(stats.errors.empty());
    REQUIRE(stats.packs.size() == 3);
    CHECK(stats.packs[2]["pack"] == "loose");
    std::vector<std::string> got;
    for (const Json& record : stats.objects) {
      CHECK(record["repo"] == "mixed");
      CHECK(record["base"].is_null() == (record["depth"] == 0));
      got.push_back(record["object"].get<std::string>() + " " + record["type"].get<std::string>() + " " +
                    std::to_string(record["size"].get<std::uint64_t>()));
    }
    std::sort(got.begin(), got.end());
    got.erase(std::unique(got.begin(), got.end()), got.end());
    CHECK(got == lines(wanted));
    const std::string command = PACKSCOPE_PROGRAM " stat --objects --json " + mode + path + " --threads ";
    CHECK(must_run(command + "1") == must_run(command + "5"));
  }
}

TEST_CASE("a pack's record adds up", "[stat]") {
  TemporaryFolder folder;
  const std::string path = mixed_repository(folder);
  const Stat stats = told(folder, "--objects --verify " + path);
  std::uint64_t seen = 0;
  for (const Json& pack : stats.packs) {
    std::uint64_t objects = 0, deltas = 0, depth = 0, packed = 0, resolved = 0, blobs = 0;
    for (const Json& object : stats.objects) {
      if (object["pack"] != pack["pack"]) continue;
      ++objects;
      deltas += !object["base"].is_null();
      depth = std::max(depth, object["depth"].get<std::uint64_t>());
      packed += object["packed_size"].get<std::uint64_t>();
      resolved += object["size"].get<std::uint64_t>();
      blobs += object["type"] == "blob";
    }
    seen += objects;
    CHECK(pack["objects"] == objects);
    CHECK(pack["verified"] == objects);
    CHECK(pack["deltas"] == deltas);
    CHECK(pack["max_depth"] == depth);
    CHECK(pack["packed_bytes"] == packed);
    CHECK(pack["resolved_bytes"] == resolved);
    CHECK(pack["by_type"]["blob"] == blobs);
    CHECK(pack["errors"] == 0);
    std::uint64_t headers = 0, blocks = 0;
    for (const Json& count : pack["zlib_headers"]) headers += count.get<std::uint64_t>();
    for (const Json& count : pack["block_types"]) blocks += count.get<std::uint64_t>();
    CHECK(headers == objects);
    CHECK(blocks == objects);
    if (pack["pack"] == "loose") continue;
    const std::uint64_t size =
        std::filesystem::file_size(path + "/.git/objects/pack/" + pack["pack"].get<std::string>());
    CHECK(packed == size - 12 - 20);
  }
  CHECK(seen == stats.objects.size());
}

TEST_CASE("a lone pack without index has no ids until it is verified", "[stat]") {
  TemporaryFolder folder;
  const std::string path = mixed_repository(folder);
  must_run("git -C " + path + " repack -adq && cp " + path + "/.git/objects/pack/*.pack " +
           (folder / "p.pack"));
  const Stat walked = told(folder, "--objects " + (folder / "p.pack"));
  CHECK(walked.status == 0);
  REQUIRE(walked.packs.size() == 1);
  CHECK(walked.packs[0]["pack"] == "p.pack");
  CHECK(!walked.packs[0].contains("repo"));
  for (const Json& object : walked.objects) CHECK(object["object"].is_null());
  const Stat verified = told(folder, "--objects --verify " + (folder / "p.pack"));
  REQUIRE(verified.objects.size() == walked.objects.size());
  for (std::size_t i = 0; i < verified.objects.size(); ++i) {
    CHECK(verified.objects[i]["object"].get<std::string>().size() == 40);
    CHECK(verified.objects[i]["size"] == walked.objects[i]["size"]);
    CHECK(verified.objects[i]["type"] == walked.objects[i]["type"]);
  }
}

TEST_CASE("objects of no bytes are git's in every mode", "[stat]") {
  TemporaryFolder folder;
  const std::string path = folder / "empty";
  for (const std::string types : {"tree", "blob", "tree blob"}) {
    must_run("rm -rf " + path + " && git init -q " + path);
    must_run("cd " + path + " && for type in " + types + "; do git hash-object -w -t $type /dev/null; done | git pack-objects -q .git/objects/pack/pack && git prune-packed");
    const std::vector<std::string> wanted = lines(must_run("git -C " + path + " cat-file --batch-all-objects --batch-check"));
    for (const std::string mode : {"", "--decode ", "--verify ", "--verify --threads 1 "}) {
      const Stat stats = told(folder, "--objects " + mode + path);
      CHECK(stats.status == 0);
      std::vector<std::string> got;
      for (const Json& record : stats.objects)
        got.push_back(record["object"].get<std::string>() + " " + record["type"].get<std::string>() + " " + record["size"].dump());
      std::sort(got.begin(), got.end());
      CHECK(got == wanted);
      REQUIRE(stats.packs.size() == 1);
      if (stats.packs[0].contains("verified")) CHECK(stats.packs[0]["verified"] == wanted.size());
    }
  }
}

TEST_CASE("--verify names what is wrong, and everything else is still reported", "[stat]") {
  TemporaryFolder folder;
  PackBuilder pack;
  const std::uint64_t good = pack.object(ObjectType::blob, "good");
  const std::uint64_t wrong = pack.object(ObjectType::blob, "wrong id");
  const std::uint64_t gap = pack.object(ObjectType::blob, "gap");
  pack.bytes += "between";
  std::string stream = deflated("broken");
  stream.back() = static_cast<char>(~stream.back());
  const std::uint64_t broken = pack.raw(entry_head(3, 6) + stream);
  const std::uint64_t above = pack.ofs_delta(broken, appending_delta(6, "x"));
  const std::string bytes = pack.finish();
  write_file(folder / "p.pack", bytes);
  write_file(folder / "p.idx", make_index({{blob_id("good"), good},
                                           {blob_id("other"), wrong},
                                           {blob_id("gap"), gap},
                                           {blob_id("broken"), broken},
                                           {blob_id("brokenx"), above}},
                                          bytes));
  const std::string at = "packscope: " + (folder / "p.pack") + ": offset ";
  const auto crc = [&at](std::uint64_t offset) { // the index of the test holds zeros
    return at + std::to_string(offset) + ": index CRC-32 does not match the entry's bytes";
  };
  const Stat stats = told(folder, "--objects --verify " + (folder / "p.pack"));
  CHECK(stats.status == 1);
  CHECK(stats.errors ==
        std::vector<std::string>{
            crc(good), at + std::to_string(wrong) + ": object id is not the hash of the object", crc(wrong),
            at + std::to_string(broken - 7) + ": entry end: bytes follow that belong to no entry", crc(gap),
            at + std::to_string(broken) +
                ": zlib stream: " + std::string(deflate::describe(deflate::Fault::adler32)),
            at + std::to_string(above) + ": delta base cannot be read itself"});
  REQUIRE(stats.objects.size() == 5);
  CHECK(stats.objects[0]["size"] == 4);
  CHECK(stats.objects[3]["type"].is_null());
  CHECK(stats.objects[3]["size"].is_null());
  CHECK(stats.packs.at(0)["errors"] == 7);
  CHECK(stats.packs.at(0)["by_type"]["blob"] == 3);

  std::string torn = bytes;
  torn.back() = static_cast<char>(~torn.back());
  write_file(folder / "torn.pack", torn);
  const Stat trailer = told(folder, "--verify " + (folder / "torn.pack"));
  CHECK(trailer.status == 1);
  CHECK(trailer.errors.back().find("trailer: the checksum does not match") != std::string::npos);
  CHECK(told(folder, (folder / "none.pack") + " " + (folder / "p.pack")).packs.size() == 1);
}

TEST_CASE("a loose object under a wrong name is found", "[stat]") {
  TemporaryFolder folder;
  const std::string path = make_repository(folder / "r", 2);
  const std::string id = blob_id("number 1\n").hex();
  const std::string file = path + "/.git/objects/" + id.substr(0, 2) + "/" + id.substr(2);
  must_run("rm -f " + file);
  write_file(file, deflated(std::string("blob 9\0number 2\n", 16)));
  CHECK(told(folder, "--decode " + path).status == 0);
  const Stat verified = told(folder, "--verify " + path);
  CHECK(verified.status == 1);
  CHECK(verified.errors == std::vector<std::string>{"packscope: " + file +
                                                    ": offset 0: object id is not the hash of the object"});
}

TEST_CASE("a table for people, and usage", "[stat]") {
  TemporaryFolder folder;
  const std::string path = mixed_repository(folder);
  const std::string table = must_run(PACKSCOPE_PROGRAM " stat --verify " + path);
  for (const std::string part :
       {"mixed: loose\n", "  objects", "commits, ", "  zlib headers", "  verified", "  errors        0\n"})
    CHECK(table.find(part) != std::string::npos);
  const std::string rows = must_run(PACKSCOPE_PROGRAM " stat --objects " + path);
  CHECK(rows.find(blob_id("number 1\n").hex() + " blob ") != std::string::npos);
  CHECK(run(PACKSCOPE_PROGRAM " stat 2>/dev/null").status == 2);
  CHECK(run(PACKSCOPE_PROGRAM " stat --nonsense . 2>/dev/null").status == 2);
}
