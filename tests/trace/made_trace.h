// A trace of files written in a test, with its pack beside it as the pipeline lays them.
#pragma once

#include "support.h"

#include <map>
#include <string>

namespace packscope::test {

inline const std::string kProgram = PACKSCOPE_PROGRAM;

inline std::string make_trace(const TemporaryFolder& folder, const std::map<std::string, std::string>& files) {
  must_run("git init -q -b main " + (folder / "repo"));
  for (const auto& [path, text] : files) write_file(folder / ("repo/" + path), text);
  must_run("cd " + (folder / "repo") + " && git add -A && git commit -q -m one && git repack -q -a -d --depth=0");
  must_run("cd " + (folder / "repo/.git/objects/pack") + " && cp *.pack ../../../../self.pack && cp *.idx ../../../../self.idx");
  must_run(kProgram + " trace " + (folder / "self.pack") + " -o " + (folder / "trace.sqlite"));
  return folder / "trace.sqlite";
}

inline std::string query(const std::string& file, const std::string& sql) { return must_run("sqlite3 -batch '" + file + "' \"" + sql + "\""); }

} // namespace packscope::test
