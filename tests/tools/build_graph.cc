// build_graph as a user runs it: what is read again, what stands in the way of nothing, what is asked.
#include "pack/builder.h"

#include <catch2/catch_test_macros.hpp>
#include <nlohmann/json.hpp>

using namespace packscope;
using namespace packscope::test;
using Json = nlohmann::json;

namespace {

struct Built {
  int status;
  std::string output, errors;
};
Built build(const TemporaryFolder& folder, const std::string& arguments) {
  const Ran ran = run(PACKSCOPE_PROGRAM " build_graph --no-progress " + arguments + " 2>" + (folder / "stderr"));
  return {ran.status, ran.output, read_file(folder / "stderr")};
}

// A bare repository with the files given, packed, whose origin is github.com/o/NAME.
std::string repository(const TemporaryFolder& folder, const std::string& name,
                       const std::vector<std::pair<std::string, std::string>>& files) {
  const std::string work = folder / ("work-" + name), bare = folder / ("all/" + name + ".git");
  must_run("git init -q -b main " + work);
  for (const auto& [path, text] : files) write_file(work + "/" + path, text);
  must_run("cd " + work + " && git add -A && git -c user.name=a -c user.email=a@b commit -qm one");
  must_run("git clone -q --bare " + work + " " + bare + " && git -C " + bare + " repack -qad && git -C " + bare +
           " config remote.origin.url git@github.com:o/" + name + ".git");
  return bare;
}
std::string crate(const std::string& name, const std::string& needs) {
  return "[package]\nname = \"" + name + "\"\nversion = \"1.0.0\"\n[dependencies]\n" + needs;
}
std::vector<std::string> ids(const std::string& output, const char* key = "id") {
  std::vector<std::string> found;
  for (const std::string& line : lines(output)) found.push_back(Json::parse(line)[key]);
  return found;
}

} // namespace

TEST_CASE("a graph of repositories answers, and reads again only what changed", "[build_graph]") {
  TemporaryFolder folder;
  repository(folder, "app", {{"Cargo.toml", crate("app", "lib = \"1\"\nserde = \"1\"\n")}});
  repository(folder, "lib",
             {{"Cargo.toml", crate("lib", "serde = { version = \"1\" }\n")},
              {"flake.nix", "{ inputs.n.url = \"github:o/app\"; outputs = _: { }; }"}});
  repository(folder, "fork", {{"Cargo.toml", crate("lib", "serde = { version = \"1\" }\n")}});
  const std::string graph = folder / "graph.sqlite", arguments = folder / "all" + " --format sqlite -o " + graph;
  Built built = build(folder, arguments);
  CHECK(built.status == 0);
  CHECK(built.errors.find("3 repositories, 3 read; 4 manifests, 1 of them known before") != std::string::npos);
  CHECK(ids(build(folder, "query " + graph + " dependents-of pkg:cargo/serde --json").output) ==
        std::vector<std::string>{"pkg:github/o/app", "pkg:github/o/fork", "pkg:github/o/lib"});
  CHECK(build(folder, "query " + graph + " path app.git https://github.com/o/lib").output ==
        "pkg:github/o/app -> pkg:cargo/lib -> pkg:github/o/lib\n");
  CHECK(build(folder, "query " + graph + " cycles").output == "pkg:cargo/lib  pkg:github/o/app  pkg:github/o/lib\n");
  CHECK(build(folder, "query " + graph + " dependents-of nothing").status == 1);
  CHECK(build(folder, "query " + graph + " path app.git").status == 2);

  built = build(folder, arguments);
  CHECK(built.errors.find("3 repositories, 0 read") != std::string::npos);
  CHECK(built.errors.find("nothing changed") != std::string::npos);

  must_run("rm -rf " + (folder / "all/app.git") + " " + (folder / "work-app"));
  repository(folder, "app", {{"Cargo.toml", crate("app", "log = \"1\"\n")}});
  must_run("rm -rf " + (folder / "all/fork.git"));
  built = build(folder, arguments);
  CHECK(built.errors.find("2 repositories, 1 read") != std::string::npos);
  CHECK(build(folder, graph).output == build(folder, folder / "all").output);
}

TEST_CASE("what cannot be read is a line, each run, and the rest is there", "[build_graph]") {
  TemporaryFolder folder;
  repository(folder, "good", {{"Cargo.toml", crate("good", "serde = \"1\"\n")}});
  repository(folder, "odd", {{"Cargo.toml", "no toml"}, {"a/Cargo.toml", crate("odd", "log = \"1\"\n")}});
  const std::string bad = repository(folder, "bad", {{"Cargo.toml", crate("bad", "")}});
  must_run("cd " + bad + "/objects/pack && chmod u+w *.pack && truncate -s 40 *.pack && rm *.idx");
  const std::string arguments = folder / "all" + " --format sqlite -o " + (folder / "graph.sqlite");
  const Built first = build(folder, arguments), second = build(folder, arguments);
  for (const Built& built : {first, second}) {
    CHECK(built.status == 1);
    CHECK(built.errors.find("path 'Cargo.toml'") != std::string::npos);
    CHECK(built.errors.find("bad.git") != std::string::npos);
  }
  CHECK(second.errors.find("0 read") != std::string::npos);
  const std::string output = build(folder, "query " + (folder / "graph.sqlite") + " top").output;
  CHECK(output == "         1  pkg:cargo/log\n         1  pkg:cargo/serde\n");
}

TEST_CASE("a copy that cannot be read hides no good one", "[build_graph]") {
  TemporaryFolder folder;
  // Two bytes of the loose object are overwritten in one of the repositories, the first or the last by name.
  for (const std::string bad : {"a", "z"}) {
    for (const std::string name : {"a", "z"})
      repository(folder, bad + "/all/" + name, {{"Cargo.lock", "[[package]]\nname = \"serde\"\nversion = \"1.0.0\"\nsource = \"registry+https://github.com/rust-lang/crates.io-index\"\n"}});
    const std::string path = folder / ("all/" + bad + "/all/" + bad + ".git");
    must_run("cd " + path + " && mv objects/pack/*.pack p && git unpack-objects -q < p && rm p objects/pack/* && "
             "f=$(git rev-parse HEAD:Cargo.lock | sed 's,^..,&/,') && chmod u+w objects/$f && "
             "printf XX | dd of=objects/$f bs=1 seek=12 conv=notrunc status=none");
    const std::string alone = folder / "graph.sqlite", all = folder / ("all/" + bad);
    Built built = build(folder, path + " --format sqlite -o " + alone);
    CHECK(built.status == 1);
    CHECK(build(folder, path + " --format sqlite -o " + alone).errors.find("Cargo.lock") != std::string::npos);
    const std::string one = build(folder, "--threads 1 " + all).output;
    CHECK(Json::parse(one)["edges"].size() == 1);
    CHECK(build(folder, "--threads 4 " + all).output == one);
    // Known as unreadable to the graph, and now there is a good copy.
    built = build(folder, all + " --format sqlite -o " + alone);
    CHECK(Json::parse(build(folder, alone).output)["edges"].size() == 1);
    CHECK(built.errors.find("Cargo.lock") == std::string::npos);
    must_run("rm " + alone);
  }
}

TEST_CASE("a repository's files that are none, or endless, count for nothing", "[build_graph]") {
  TemporaryFolder folder;
  const std::string path = repository(folder, "app", {{"Cargo.toml", crate("app", "lib = \"1\"\n")}});
  must_run("cd " + path + " && ln -s /dev/zero shallow2 && mkfifo refs/pipe && ln -s /dev/zero refs/zero && "
           "rm config && ln -s /dev/zero config");
  const Ran ran = run("timeout 60 " PACKSCOPE_PROGRAM " build_graph --no-progress --all-objects " + path + " 2>&1");
  CHECK(ran.status < 2);
  CHECK(ran.output.find("pkg:cargo/lib") != std::string::npos);
}

TEST_CASE("repositories of one name are two nodes", "[build_graph]") {
  TemporaryFolder folder;
  std::vector<std::string> paths;
  for (const std::string name : {"n1/r", "n2/r"}) {
    paths.push_back(repository(folder, name, {{"Cargo.toml", crate(name.substr(0, 2), "log = \"1\"\n")}}));
    must_run("git -C " + paths.back() + " config --remove-section remote.origin");
  }
  const std::string graph = folder / "graph.sqlite", query = "query " + graph + " ";
  CHECK(build(folder, paths[0] + " --format sqlite -o " + graph).errors.find("1 repository, 1 read") != std::string::npos);
  CHECK(build(folder, query + "dependencies-of r.git").output == "cargo     pkg:cargo/log  1\n");
  CHECK(build(folder, paths[0] + " " + paths[1] + " --format sqlite -o " + graph).status == 0);
  CHECK(ids(build(folder, query + "dependents-of pkg:cargo/log --json").output).size() == 2);
  const Built several = build(folder, query + "dependencies-of r.git");
  CHECK(several.status == 1);
  CHECK(several.errors.find("repo:" + paths[1]) != std::string::npos);
  CHECK(build(folder, query + "dependencies-of repo:" + paths[1]).output == "cargo     pkg:cargo/log  1\n");
  CHECK(build(folder, graph).output == build(folder, paths[0] + " " + paths[1]).output);
}

TEST_CASE("the graph is the same whatever the threads", "[build_graph]") {
  TemporaryFolder folder;
  for (int i = 0; i < 12; ++i)
    repository(folder, "r" + std::to_string(i),
               {{"Cargo.toml", crate("c" + std::to_string(i), "c" + std::to_string((i + 5) % 12) + " = \"1\"\n")},
                {"README", "https://github.com/z/z" + std::to_string(i % 3)}});
  const std::string one = build(folder, "--urls --threads 1 " + (folder / "all")).output;
  CHECK(Json::parse(one)["edges"].size() == 24);
  CHECK(build(folder, "--urls --threads 7 " + (folder / "all")).output == one);
  CHECK(build(folder, "--urls --memory 1KiB " + (folder / "all")).output == one); // each manifest is a part of its own
}

TEST_CASE("records that are none are lines, and usage is checked", "[build_graph]") {
  TemporaryFolder folder;
  write_file(
      folder / "r",
      "{\"repo\":\"a\",\"object\":\"1\",\"path\":\"x\",\"lock\":[]}\nnonsense\n{\"lock\":[]}\n{\"repo\":\"a\"}\n");
  const Built built = build(folder, "--records " + (folder / "r"));
  CHECK(built.status == 1);
  CHECK(lines(built.errors).size() == 3);
  CHECK(Json::parse(built.output)["nodes"].size() == 1);
  CHECK(build(folder, "--records " + (folder / "none")).status == 1);
  CHECK(build(folder, "").status == 2);
  CHECK(build(folder, "--records x y").status == 2);
  CHECK(build(folder, "--format sqlite .").status == 2);
  CHECK(build(folder, "--format nonsense .").status == 2);
}

TEST_CASE("records of packs without ids are kept apart", "[build_graph]") {
  TemporaryFolder folder;
  const auto record = [](const std::string& name) {
    return "{\"pack\":\"p\",\"object\":null,\"path\":null,\"lock\":[{\"name\":\"" + name +
           "\",\"version\":\"1.0.0\",\"source\":\"registry+x\",\"checksum\":null}]}\n";
  };
  write_file(folder / "r", record("one") + record("two"));
  const std::string graph = build(folder, "--records " + (folder / "r")).output;
  CHECK(graph.find("pkg:cargo/one@1.0.0") != std::string::npos);
  CHECK(graph.find("pkg:cargo/two@1.0.0") != std::string::npos);
}

TEST_CASE("a loose object that was broken is read again when it is repaired", "[build_graph]") {
  TemporaryFolder folder;
  const std::string path = folder / "r", graph = " --format sqlite -o " + (folder / "graph.sqlite");
  must_run("git init -q -b main " + path);
  write_file(path + "/Cargo.toml", crate("app", "serde = \"1\"\n"));
  must_run("cd " + path + " && git add -A && git commit -q -m one");
  const std::string id = must_run("git -C " + path + " rev-parse HEAD:Cargo.toml").substr(0, 40);
  const std::string object = path + "/.git/objects/" + id.substr(0, 2) + "/" + id.substr(2);
  must_run("chmod u+w " + object);
  const std::string good = read_file(object);
  write_file(object, good.substr(0, good.size() / 2));
  CHECK(build(folder, path + graph).status == 1);
  write_file(object, good);
  CHECK(build(folder, path + graph).status == 0);
  CHECK(build(folder, path + graph).errors.find("1 repository, 0 read") != std::string::npos);
}

TEST_CASE("what a partial clone lacks is counted by the graph, too", "[build_graph]") {
  TemporaryFolder folder;
  const std::string path = folder / "r", partial = folder / "partial.git";
  must_run("git init -q -b main " + path);
  write_file(path + "/Cargo.toml", crate("app", "serde = \"1\"\n"));
  must_run("cd " + path + " && git add -A && git commit -q -m one && git config uploadpack.allowFilter true && "
           "git clone -q --bare --filter=blob:none file://" + path + " " + partial);
  const Built built = build(folder, partial + " --verbose");
  CHECK(built.status == 0);
  CHECK(built.errors.find(partial + ": 1 object that a partial or shallow clone may lack\n") != std::string::npos);
  CHECK(built.errors.find("of path 'Cargo.toml' is missing\n") != std::string::npos);
}
