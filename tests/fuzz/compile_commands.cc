// Any bytes as compile_commands.json: refused with a short line, or flags of which none loads, writes or leads out.
#include "compile/compile_commands.h"
#include "fuzz.h"

using namespace packscope;
using namespace packscope::compile;
using fuzz::require;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = as_text({data, size});
  if (const Result<std::vector<std::string>> words = shell_words(text)) {
    std::size_t bytes = 0;
    for (const std::string& word : *words) bytes += word.size();
    require(bytes <= size, "words are no longer than their text");
  }
  const Result<std::vector<CompileCommand>> commands = parse_compile_commands(text);
  if (!commands) {
    require(commands.error().text().size() < 300, "an error is a line");
    return 0;
  }
  for (const CompileCommand& command : *commands) {
    require(command.folder.starts_with('/') && command.file.starts_with('/'), "paths are absolute");
    require(command.file.find("/../") == std::string::npos, "paths are plain");
    const std::string path = command.file.substr(command.file.rfind('/') + 1);
    const Result<TakenFlags> flags = flags_for(*commands, path, "");
    if (!flags) continue;
    require(flags->link.empty(), "a file's flags link nothing");
    for (std::size_t i = 0; i < flags->compile.size(); ++i) {
      const std::string& flag = flags->compile[i];
      for (const char* never : {"-fplugin", "-Xclang", "-load", "-o", "-B", "@", "--"}) require(!flag.starts_with(never), "what is refused is not taken");
      if (flag == "-include" || flag == "-imacros" || flag == "-isystem" || flag == "-iquote" || flag == "-idirafter" || flag == "-x") ++i; // its value
      else require(flag.starts_with('-'), "what is no flag is refused");
    }
  }
  return 0;
}
