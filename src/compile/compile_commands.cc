// Parsed by nlohmann/json, which neither throws nor recurses here.
#include "compile/compile_commands.h"

#include "compile/host_folders.h"

#include <nlohmann/json.hpp>

namespace packscope::compile {
namespace {

using Json = nlohmann::json;

std::unexpected<Error> wrong(std::size_t entry, const char* what) { return fail("compile_commands: entry " + std::to_string(entry) + ": " + what); }

Result<std::vector<std::string>> words_of(const Json& entry, std::size_t number) {
  const auto arguments = entry.find("arguments"), command = entry.find("command");
  std::vector<std::string> words;
  if (arguments != entry.end()) {
    if (!arguments->is_array()) return wrong(number, "\"arguments\" is not a list");
    for (const Json& word : *arguments) {
      if (!word.is_string()) return wrong(number, "\"arguments\" holds other than strings");
      words.push_back(word.get_ref<const std::string&>());
    }
  } else if (command != entry.end() && command->is_string()) {
    Result<std::vector<std::string>> split = shell_words(command->get_ref<const std::string&>());
    if (!split) return wrong(number, split.error().what.c_str());
    words = std::move(*split);
  } else {
    return wrong(number, "has neither \"arguments\" nor \"command\"");
  }
  if (words.empty()) return wrong(number, "names no compiler");
  for (const std::string& word : words)
    if (word.find('\0') != std::string::npos) return wrong(number, "holds a NUL");
  words.erase(words.begin());
  return words;
}

std::string absolute(const std::string& path, const std::string& from) { return plain_path(path.starts_with('/') ? path : from + "/" + path); }

} // namespace

Result<std::vector<std::string>> shell_words(std::string_view text) {
  std::vector<std::string> words;
  std::string word;
  bool inside = false; // of a word, which may be empty: ""
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char byte = text[at];
    if (byte == ' ' || byte == '\t' || byte == '\n' || byte == '\r') {
      if (inside) words.push_back(std::exchange(word, {}));
      inside = false;
      continue;
    }
    inside = true;
    if (byte == '\\') {
      if (++at < text.size()) word += text[at];
    } else if (byte == '\'') {
      const std::size_t end = text.find('\'', at + 1);
      if (end == std::string_view::npos) return fail("a quote is not closed");
      word += text.substr(at + 1, end - at - 1);
      at = end;
    } else if (byte == '"') {
      for (++at; at < text.size() && text[at] != '"'; ++at) {
        if (text[at] == '\\' && at + 1 < text.size() && std::string_view("\"\\$`\n").find(text[at + 1]) != std::string_view::npos) ++at;
        word += text[at];
      }
      if (at == text.size()) return fail("a quote is not closed");
    } else {
      word += byte;
    }
  }
  if (inside) words.push_back(std::move(word));
  return words;
}

Result<std::vector<CompileCommand>> parse_compile_commands(std::string_view text) {
  const Json list = Json::parse(text, nullptr, false, true);
  if (list.is_discarded()) return fail("compile_commands: not JSON");
  if (!list.is_array()) return fail("compile_commands: not a list");
  std::vector<CompileCommand> commands;
  for (std::size_t i = 0; i < list.size(); ++i) {
    const Json& entry = list[i];
    if (!entry.is_object()) return wrong(i, "not an object");
    const auto folder = entry.find("directory"), file = entry.find("file");
    if (folder == entry.end() || !folder->is_string()) return wrong(i, "has no \"directory\"");
    if (file == entry.end() || !file->is_string()) return wrong(i, "has no \"file\"");
    Result<std::vector<std::string>> words = words_of(entry, i);
    if (!words) return std::unexpected(words.error());
    CompileCommand command;
    command.folder = absolute(folder->get_ref<const std::string&>(), kRelativeRoot);
    command.file = absolute(file->get_ref<const std::string&>(), command.folder);
    command.flags = std::move(*words);
    commands.push_back(std::move(command));
  }
  return commands;
}

Result<TakenFlags> flags_for(const std::vector<CompileCommand>& commands, const std::string& path, const std::string& prefix) {
  const CompileCommand* chosen = nullptr;
  std::string place;
  for (const CompileCommand& command : commands) {
    if (!command.file.ends_with("/" + path)) continue;
    std::string before = command.file.substr(0, command.file.size() - path.size() - 1);
    if (before.empty() || (!prefix.empty() && before != prefix)) continue;
    if (chosen != nullptr && before != place) return fail(path + ": commands for it below " + place + " and " + before + ": --source-root DIR chooses");
    if (chosen != nullptr) continue;
    chosen = &command;
    place = std::move(before);
  }
  if (chosen == nullptr) return fail(path + ": no command for it" + (prefix.empty() ? "" : " below " + prefix));
  Result<TakenFlags> flags = take_flags(chosen->flags, {.person = false, .prefix = place, .folder = chosen->folder, .unit = chosen->file});
  if (!flags) return fail(path + ": " + flags.error().what);
  return flags;
}

} // namespace packscope::compile
